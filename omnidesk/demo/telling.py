"""Members of the demo are told of what happened last, as the lane of reactions tells them."""

from datetime import datetime, timedelta

from conversations.models import Entry
from conversations.services import notices

NEWS = timedelta(days=2)


def tell(now: datetime) -> None:
    """Write the notices of the last days."""
    recent = Entry.objects.filter(at__gt=now - NEWS, conversation__isnull=False)
    notices.tell(list(recent.order_by("pk")))
