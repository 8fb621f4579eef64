"""Finding the workspace behind a secret or a provider's id, before any scope is open."""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from tenancy import prepared
from tenancy.models import Locator, Workspace
from tenancy.scope import current_workspace_id

Kind = Locator.Kind


@dataclass(frozen=True, slots=True)
class Found:
    """Where a locator leads: open `scope(workspace_id)`, then get the row `target_id`.

    `status` is the workspace's.
    """

    workspace_id: int
    target_id: int
    status: str = Workspace.Status.ACTIVE


def new_secret() -> str:
    """A secret of 192 random bits, safe in a URL path."""
    return secrets.token_urlsafe(24)


def digest(secret: str) -> str:
    """What is stored of a secret: its SHA-256, in hexadecimal."""
    return sha256(secret.encode()).hexdigest()


def make(*, kind: Kind, key: str, target_id: int) -> Locator:
    """Lead from `key` to a row of the open scope. Raises IntegrityError when the key leads somewhere already.

    A secret is given as its `digest`, a provider's account id as `provider_key`.
    """
    return Locator.objects.create(
        kind=kind, key=key, workspace_id=current_workspace_id(), target_id=target_id
    )


def forget(*, kind: Kind, target_id: int) -> None:
    """Let nothing of this kind lead to a row of the open scope any more."""
    Locator.objects.filter(kind=kind, workspace_id=current_workspace_id(), target_id=target_id).delete()


def find(*, kind: Kind, key: str) -> Found | None:
    """Where a key leads, or None. Asked before every webhook and every request of the API, so in plain SQL."""
    with prepared.cursor() as cursor:
        cursor.execute(
            """
            SELECT found.workspace_id, found.target_id, owner.status FROM tenancy_locator AS found
            JOIN tenancy_workspace AS owner ON owner.id = found.workspace_id
            WHERE found.kind = %s AND found.key = %s
            """,
            [kind, key],
        )
        row = cursor.fetchone()
    return Found(*row) if row else None


def find_channel(token: str) -> Found | None:
    """The channel of a webhook URL's or widget's token."""
    return find(kind=Kind.CHANNEL, key=digest(token))


def find_provider(*, provider: str, account: str) -> Found | None:
    """The channel of a provider's account, for providers that serve many workspaces with one URL."""
    return find(kind=Kind.PROVIDER, key=provider_key(provider=provider, account=account))


def provider_key(*, provider: str, account: str) -> str:
    """The key of a provider's account id, such as `slack:T0123`."""
    return f"{provider}:{account}"
