"""Django's sessions in the database; each request reads one, so it does by a statement that is prepared."""

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from tenancy import prepared

_LOAD = "SELECT session_data FROM django_session WHERE session_key = %(key)s AND expire_date > %(now)s"


class SessionStore(db.SessionStore):
    """As Django's, but for how it is read."""

    def load(self) -> dict[str, Any]:
        """What the session holds; an unknown or expired one is empty, and gets another key when it is kept."""
        row = self._row(self.session_key or "")
        if row is None:
            self._session_key = None
            return {}
        found: dict[str, Any] = self.decode(row[0])
        return found

    def _row(self, key: str) -> tuple[str] | None:
        if not (key.isascii() and key.isalnum()):  # a cookie may hold anything, NUL for one
            return None
        with prepared.cursor() as cursor:
            cursor.execute(_LOAD, {"key": key, "now": timezone.now()})
            found: tuple[str] | None = cursor.fetchone()
        return found
