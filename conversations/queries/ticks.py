"""How far a message of ours has come, over all of its recipients, in a glyph and words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.models import Delivery

Status = Delivery.Status

# The one furthest behind speaks for all of them.
ORDER = (
    Status.HELD,
    Status.QUEUED,
    Status.SENDING,
    Status.SENT,
    Status.DELIVERED,
    Status.READ,
)
SHOWN: dict[str, tuple[str, str | Promise]] = {
    Status.HELD: ("clock", gettext_lazy("Sending in a moment")),
    Status.QUEUED: ("clock", gettext_lazy("Sending")),
    Status.SENDING: ("clock", gettext_lazy("Sending")),
    Status.SENT: ("check", gettext_lazy("Sent")),
    Status.DELIVERED: ("delivered", gettext_lazy("Delivered")),
    Status.READ: ("delivered", gettext_lazy("Read")),
}


@dataclass(frozen=True, slots=True)
class Ticks:
    """`state` is for the style, `icon` names the glyph; `delivery` says since when."""

    state: str
    icon: str
    words: str
    delivery: Delivery | None = None


def ticks_of(deliveries: Sequence[Delivery]) -> Ticks | None:
    """What to show for a message's deliveries; None when there are none."""
    sent = [delivery for delivery in deliveries if delivery.status != Status.CANCELLED]
    if not sent:
        return None
    failed = [delivery for delivery in sent if delivery.status == Status.FAILED]
    if failed:
        return Ticks("failed", "alert", _failed(len(failed), len(sent)))
    if any(delivery.status == Status.UNCERTAIN for delivery in sent):
        return Ticks("failed", "help", _("Not known whether it arrived"))
    last = min(sent, key=lambda delivery: ORDER.index(Status(delivery.status)))
    icon, words = SHOWN[last.status]
    since = last if last.status in {Status.SENT, Status.DELIVERED, Status.READ} else None
    return Ticks(last.status, icon, str(words), since)


def _failed(failed: int, sent: int) -> str:
    if sent == 1:
        return _("Not delivered")
    return _("%(failed)d of %(sent)d not delivered") % {"failed": failed, "sent": sent}
