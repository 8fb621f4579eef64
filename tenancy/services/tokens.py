"""API tokens: `omni_<prefix>_<secret>`, shown once; only a digest is stored."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from tenancy.models import ApiToken, Locator, Member
from tenancy.services import audit, locators
from tenancy.services.locators import Found

# How exact `last_used_at` is: a write on every request would be a lock on every request.
USE_NOTED_EVERY = timedelta(minutes=5)


def create(
    *,
    member: Member,
    name: str,
    scopes: Sequence[str] = ApiToken.SCOPES,
    by: Member | None = None,
    request: HttpRequest | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for a member; returns it and its text, which nobody can read again."""
    prefix = secrets.token_hex(4)
    text = f"omni_{prefix}_{locators.new_secret()}"
    token = ApiToken.objects.create(member=member, name=name, prefix=prefix, scopes=list(scopes))
    locators.make(kind=Locator.Kind.API, key=locators.digest(text), target_id=token.pk)
    audit.record(member=by or member, action="token.created", target=f"{name} {prefix}", request=request)
    return token, text


def resolve(text: str) -> Found | None:
    """Where a token's text leads, before any scope is open; None for what is no token of ours."""
    if not text.startswith("omni_"):
        return None
    return locators.find(kind=Locator.Kind.API, key=locators.digest(text))


def use(token_id: int) -> ApiToken | None:
    """The token, inside its scope, if it and its member are still good; notes that it was used."""
    token: ApiToken | None = (
        ApiToken.objects.select_related("member")
        .filter(pk=token_id, revoked_at=None, member__archived_at=None)
        .exclude(member__user__is_active=False)  # a bot has no user
        .first()
    )
    now = timezone.now()
    if token and (token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY):
        # Whoever else uses the token at this moment notes it no worse, and must not wait for this request to end.
        free = ApiToken.objects.filter(pk=token_id).select_for_update(skip_locked=True, no_key=True)
        ApiToken.objects.filter(pk__in=free.values("pk")).update(last_used_at=now)
    return token


def revoke(*, token: ApiToken, by: Member | None, request: HttpRequest | None = None) -> None:
    """End a token at once."""
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    locators.forget(kind=Locator.Kind.API, target_id=token.pk)
    target = f"{token.name} {token.prefix}"
    audit.record(member=by, action="token.revoked", target=target, request=request)
