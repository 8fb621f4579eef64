"""Provider secrets at rest: sealed with Fernet, opened by any configured key, so keys can be rotated.

The newest key (first in OMNIDESK_ENCRYPTION_KEYS) seals; `reseal` moves a value to it.
"""

import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Unsealable(RuntimeError):
    """No configured key opens this value: a key was lost or never deployed here."""


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("OMNIDESK_ENCRYPTION_KEYS is empty: provider secrets cannot be stored.")
    return MultiFernet([Fernet(key) for key in keys])


def _current() -> MultiFernet:
    return _box(tuple(settings.OMNIDESK_ENCRYPTION_KEYS))


def seal(secrets: dict[str, str]) -> bytes:
    """Encrypt a set of named secrets."""
    return _current().encrypt(json.dumps(secrets, sort_keys=True).encode())


def unseal(sealed: bytes | memoryview) -> dict[str, str]:
    """Open what `seal` made; nothing sealed is an empty set. Raises Unsealable."""
    if not sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(_current().decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise Unsealable("no key in OMNIDESK_ENCRYPTION_KEYS opens this secret") from error
    return opened


def reseal(sealed: bytes | memoryview) -> bytes:
    """The same secrets under the newest key."""
    return _current().rotate(bytes(sealed)) if sealed else b""
