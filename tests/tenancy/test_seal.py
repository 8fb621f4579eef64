"""Secrets at rest, and the rotation of their keys."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from tenancy.seal import Unsealable, reseal, seal, unseal

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
SECRETS = {"imap_password": "pässword", "smtp_password": ""}


def test_what_is_sealed_can_be_opened_and_not_read(settings):
    settings.OMNIDESK_ENCRYPTION_KEYS = [OLD]
    sealed = seal(SECRETS)
    assert unseal(memoryview(sealed)) == SECRETS
    assert b"imap_password" not in sealed
    assert seal(SECRETS) != sealed


def test_nothing_sealed_is_no_secret(settings):
    settings.OMNIDESK_ENCRYPTION_KEYS = [OLD]
    assert (unseal(b""), reseal(b"")) == ({}, b"")


def test_keys_rotate_newest_first(settings):
    settings.OMNIDESK_ENCRYPTION_KEYS = [OLD]
    sealed = seal(SECRETS)
    settings.OMNIDESK_ENCRYPTION_KEYS = [NEW, OLD]
    moved = reseal(sealed)
    settings.OMNIDESK_ENCRYPTION_KEYS = [NEW]
    assert unseal(moved) == SECRETS
    with pytest.raises(Unsealable):
        unseal(sealed)


def test_what_was_tampered_with_does_not_open(settings):
    settings.OMNIDESK_ENCRYPTION_KEYS = [OLD]
    sealed = bytearray(seal(SECRETS))
    sealed[30] ^= 1
    with pytest.raises(Unsealable):
        unseal(bytes(sealed))


def test_without_a_key_nothing_is_stored(settings):
    settings.OMNIDESK_ENCRYPTION_KEYS = []
    with pytest.raises(ImproperlyConfigured):
        seal(SECRETS)
