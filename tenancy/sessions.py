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
        with prepared.cursor() as cursor:
            cursor.execute(_LOAD, {"key": self.session_key, "now": timezone.now()})
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        found: dict[str, Any] = self.decode(row[0])
        return found
