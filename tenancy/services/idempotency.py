"""One POST, one effect: its answer is kept beside what it wrote, and given again to whoever repeats it.

After draft-ietf-httpapi-idempotency-key-header-07. The answer commits with the work, so there is never one without
the other; an answer that says something went wrong wrote nothing, is not kept, and its key can be used again.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.db import connection
from django.utils import timezone

from tenancy.models import ApiToken, IdempotencyKey, Workspace
from tenancy.scope import scope
from tenancy.seal import seal, unseal

KEPT_FOR = timedelta(hours=48)


class StillAnswering(Exception):
    """A request with the same key is being answered at this moment."""


class KeyReused(Exception):
    """The key was used for another request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client was told; `location` is the address of what was made, if anything was."""

    status: int
    body: str
    location: str = ""


def claim(*, token: ApiToken, key: str, fingerprint: str) -> Answer | None:
    """The answer that this request got before, or None: then it is the caller's to answer, and nobody else's
    until the transaction ends.

    Raises StillAnswering, KeyReused, and Unsealable when the encryption key of the answer is gone.
    """
    if not _lock(token, key):
        raise StillAnswering
    kept = IdempotencyKey.objects.filter(token=token, key=key).first()
    if kept is None:
        return None
    if kept.fingerprint != fingerprint:
        raise KeyReused
    return Answer(status=kept.status, **unseal(kept.sealed))


def keep(*, token: ApiToken, key: str, fingerprint: str, answer: Answer) -> None:
    """Keep the answer under a claimed key."""
    IdempotencyKey.objects.create(
        token=token,
        key=key,
        fingerprint=fingerprint,
        status=answer.status,
        sealed=seal({"body": answer.body, "location": answer.location}),
    )


def prune() -> int:
    """Forget, in every workspace, the answers that were kept long enough. Returns how many."""
    before, count = timezone.now() - KEPT_FOR, 0
    for workspace_id in Workspace.objects.values_list("pk", flat=True):
        with scope(workspace_id):
            count += IdempotencyKey.objects.filter(created_at__lt=before).delete()[0]
    return count


def _lock(token: ApiToken, key: str) -> bool:
    """Hold the key until the transaction ends, if nobody else does."""
    digest = sha256(f"{token.workspace_id}:{token.pk}:{key}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], "big", signed=True)]
        )
        return bool(cursor.fetchone()[0])
