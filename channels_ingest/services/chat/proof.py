"""Whom a site says that its visitor is, and how much of that its signatures prove."""

import hmac
from dataclasses import dataclass

from django.utils.translation import gettext as _

from channels_ingest.adapters.chat import USER
from channels_ingest.services.chat.frames import User


@dataclass(frozen=True, slots=True)
class Proven:
    """`visitor` is empty for an anonymous one; `complaint` tells the site's developers what is wrong."""

    visitor: str = ""
    name: str = ""
    email: str = ""
    is_email_signed: bool = False
    complaint: str = ""


def prove(user: User, secret: str) -> Proven:
    """Check what the site says. Without an id there is nothing to prove: name and e-mail are mere claims."""
    if not user.id:
        return Proven(name=user.name, email=user.email)
    if "\n" in user.id or not is_signed(user.id, user.hash, secret):
        return Proven(complaint=_("The signature of the user's id is wrong: they chat as a stranger."))
    # Together with the id: else whoever may choose their id, or borrows a signature, has any address vouched for.
    is_email_signed = bool(user.email) and is_signed(f"{user.id}\n{user.email}", user.email_hash, secret)
    wrong = user.email_hash and not is_email_signed
    return Proven(
        visitor=f"{USER}{user.id}",
        name=user.name,
        email=user.email,
        is_email_signed=is_email_signed,
        complaint=_("The signature of the e-mail address is wrong: it counts as a claim.") if wrong else "",
    )


def is_signed(text: str, signature: str, secret: str) -> bool:
    """Whether a signature is the hexadecimal HMAC-SHA256 of a text, as the site's server makes it."""
    right = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
    return bool(secret) and hmac.compare_digest(right.encode(), signature.lower().encode())
