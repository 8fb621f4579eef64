"""A mail channel as adapters know it, and servers for it."""

import pytest

from tests.providers.imap import imap_server
from tests.providers.smtp import smtp_server
from tests.providers.tls import certificate, tls

__all__ = ["certificate", "imap_server", "smtp_server", "tls"]


@pytest.fixture(autouse=True)
def _no_database(settings):
    """Adapters need none; servers on loopback are the workspace's own here."""
    settings.OMNIDESK_PRIVATE_HOSTS = True
