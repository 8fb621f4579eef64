"""Signed ids that leave the house: reply tokens in plus-addresses, and the Message-IDs of our own mail.

Both seal a workspace id and a row id into 32 characters of base32 (20 bytes: an 80-bit HMAC, then the ids hidden
behind a keystream that the HMAC seeds), so that they survive lower-casing, fit a local part of 64 octets (RFC 5321
4.5.3.1.1), cannot be guessed, and do not tell how many conversations there are. A token opens a place, never
the right to be there: who presents one must still be a participant.
"""

import base64
import hmac

from django.conf import settings
from django.utils.crypto import salted_hmac

TOKEN_LENGTH = 32
MAX_LOCAL_PART = 64

_MAC = 10  # bytes
_WORKSPACE, _ROW = 4, 6  # bytes


def make_token(workspace_id: int, conversation_id: int) -> str:
    """The token under which answers find this conversation, the same each time; OverflowError past 2**48."""
    return _seal("reply", workspace_id, conversation_id)


def read_token(token: str) -> tuple[int, int] | None:
    """(workspace id, conversation id) of a token of ours, in any case; None for anything else."""
    return _open("reply", token)


def reply_address(address: str, token: str) -> str:
    """support+<token>@…; the plain address where the local part would grow beyond what RFC 5321 allows."""
    local, _, domain = address.rpartition("@")
    tagged = f"{local}+{token}"
    return f"{tagged}@{domain}" if len(tagged) <= MAX_LOCAL_PART else address


def make_message_id(workspace_id: int, entry_id: int, domain: str) -> str:
    """The bare Message-ID (without angle brackets) of an entry that leaves as mail."""
    return f"{_seal('message', workspace_id, entry_id)}@{domain}"


def read_message_id(message_id: str) -> tuple[int, int] | None:
    """(workspace id, entry id) of a Message-ID of ours; None for anybody else's."""
    return _open("message", message_id.strip("<> ").partition("@")[0])


def _seal(purpose: str, workspace_id: int, row_id: int) -> str:
    ids = workspace_id.to_bytes(_WORKSPACE, "big") + row_id.to_bytes(_ROW, "big")
    mac = _mac(purpose, ids, settings.SECRET_KEY)
    return base64.b32encode(mac + _hide(purpose, mac, ids, settings.SECRET_KEY)).decode("ascii").lower()


def _open(purpose: str, text: str) -> tuple[int, int] | None:
    if len(text) != TOKEN_LENGTH:
        return None
    try:
        sealed = base64.b32decode(text.upper())
    except ValueError:
        return None
    mac, hidden = sealed[:_MAC], sealed[_MAC:]
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        ids = _hide(purpose, mac, hidden, secret)
        if hmac.compare_digest(mac, _mac(purpose, ids, secret)):
            return int.from_bytes(ids[:_WORKSPACE], "big"), int.from_bytes(ids[_WORKSPACE:], "big")
    return None


def _mac(purpose: str, ids: bytes, secret: str | bytes) -> bytes:
    return salted_hmac(f"omnidesk.tokens.{purpose}", ids, secret=secret, algorithm="sha256").digest()[:_MAC]


def _hide(purpose: str, mac: bytes, ids: bytes, secret: str | bytes) -> bytes:
    """Exclusive-or with a keystream from the HMAC: hides and, applied again, shows."""
    salt = f"omnidesk.tokens.{purpose}.hide"
    stream = salted_hmac(salt, mac, secret=secret, algorithm="sha256").digest()
    return bytes(a ^ b for a, b in zip(ids, stream, strict=False))
