"""What became of a mail, as its e-mail service tells it: anymail's tracking events as receipts."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from anymail.exceptions import AnymailConfigurationError, AnymailError
from anymail.signals import AnymailTrackingEvent, EventType

from channels_ingest.adapters.email.addresses import normal
from channels_ingest.adapters.email.esp.forms import Malformed
from channels_ingest.adapters.email.headers import one_line
from channels_ingest.types import Ignored, ParsedEvent, Receipt, ReceiptStatus

MAX_DETAIL = 500
MAX_ALIAS = 400
COMPLAINED = "complained"

View = TypeVar("View")
Read = TypeVar("Read")

_BECAME = {
    EventType.QUEUED: ReceiptStatus.SENT,
    EventType.SENT: ReceiptStatus.SENT,
    EventType.DELIVERED: ReceiptStatus.DELIVERED,
    # Who can call a mail spam has got it.
    EventType.COMPLAINED: ReceiptStatus.DELIVERED,
    EventType.BOUNCED: ReceiptStatus.FAILED,
    EventType.REJECTED: ReceiptStatus.FAILED,
    EventType.FAILED: ReceiptStatus.FAILED,
}
_STATUS_CODE = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")  # RFC 3463
_REPLY_CODE = re.compile(r"(?<![\d.])[45]\d\d(?![\d.])")  # RFC 5321
# What anymail's parsers raise on a call whose shape is not the documented one.
_CONFUSED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    AnymailError,
    AnymailConfigurationError,
)


def parser(view: type[View]) -> View:
    """A webhook view of anymail's for the sake of its parsing: made without its constructor, which reads
    settings that are the same for all workspaces, and warns where they are missing."""
    return view.__new__(view)


def understood(read: Callable[..., Read], *what: Any) -> Read:
    """What a parser of anymail's makes of a call. Raises Malformed for one that it cannot read."""
    try:
        return read(*what)
    except _CONFUSED as error:
        raise Malformed(f"It is not as documented ({type(error).__name__}).") from error


def receipt(event: AnymailTrackingEvent, also: Iterable[object] = ()) -> ParsedEvent:
    """One event as a Receipt; Ignored, with the reason, for one that settles nothing.

    `also` are further ids of the mail, our own Message-ID among them.
    """
    status = _BECAME.get(event.event_type)
    if status is None:
        return Ignored(f"The service says: {one_line(str(event.event_type))}. That settles nothing.")
    words = one_line(" ".join(_text(said) for said in (event.mta_response, event.description)))
    aliases = tuple(dict.fromkeys(alias for each in (event.message_id, *also) if (alias := _bare(each))))
    if not aliases:
        return Ignored("It does not say which mail it is about.")
    return Receipt(
        aliases=aliases,
        status=status,
        external_id=_bare(event.event_id),
        recipient=normal(one_line(_text(event.recipient))),
        code=_code(event, words, status),
        detail=words[:MAX_DETAIL] if status is not ReceiptStatus.DELIVERED else "",
        at=_aware(event.timestamp),
    )


def _code(event: AnymailTrackingEvent, words: str, status: ReceiptStatus) -> str:
    if event.event_type == EventType.COMPLAINED:
        return COMPLAINED
    if status is not ReceiptStatus.FAILED:
        return ""
    found = _STATUS_CODE.search(words) or _REPLY_CODE.search(words)
    return found[0] if found else str(event.event_type)


def _text(said: object) -> str:
    return said if isinstance(said, str) else ""


def _bare(message_id: object) -> str:
    """An id without the angle brackets that some services put around it and others do not."""
    return one_line(_text(message_id)).strip("<> ")[:MAX_ALIAS]


def _aware(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
