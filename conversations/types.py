"""What the conversation floor takes in: one message, whatever channel brought it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from contacts.addresses import fitting
from contacts.types import Address
from tenancy.storable import bounded

LONGEST_ID, LONGEST_THREAD = 1000, 320  # bytes of what a provider calls a message, and a thread


# Types of pictures that are harmless on any page.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# Types that browsers play.
SOUNDS = frozenset(
    {"application/ogg", "audio/aac", "audio/flac", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav"}
    | {"audio/wave", "audio/webm", "audio/x-wav"}
)
FILMS = frozenset({"video/mp4", "video/ogg", "video/webm"})


class Automatic(StrEnum):
    """Why a message was not written by a person at that moment; empty means it was."""

    NO = ""
    REPLY = "auto-reply"  # out of office, receipt of receipt: joins, but does not reopen
    BULK = "bulk"  # newsletters, lists, machine mail: never answered automatically
    BOUNCE = "bounce"  # a delivery report that could not be matched to a Delivery
    KEYWORD = "keyword"  # STOP, START, HELP: joins, but nobody waits for an answer


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """One attachment as it arrived. `name` and `content_type` are the sender's claim, never trusted.

    Where a provider only names a file, `source` is its address there and `content` comes later. One that
    leaves has both: its content, and a public address for providers that fetch what they send.
    """

    name: str
    content_type: str
    content: bytes = b""
    content_id: str = ""
    inline: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the composer may offer on a channel. `text_limit` is in characters, `file_limit` in bytes for all files
    together; `segments` when texts are billed by the segment; `together` when one call reaches all recipients."""

    html: bool = False
    subject: bool = False
    cc: bool = False
    files: bool = False
    text_limit: int | None = None
    file_limit: int | None = None
    most_files: int | None = None
    segments: bool = False
    together: bool = False


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message from a customer (or an echo of our own), parsed by an adapter.

    `thread_keys` are the channel's own thread ids, nearest first (In-Reply-To, then References from right
    to left; a Slack `thread_ts`; a chat session). `starts_thread` is true when the sender opened a fresh
    root on a threaded channel (a mail that answers nothing). `tokens` are signed case tokens found in
    recipients or text, not yet verified. `at` is the provider's time. `text` holds only what is new,
    `quoted` the folded history below it; `html` is as received, not sanitised.
    `on_behalf_of` is the person quoted in a forward: a claim.
    """

    external_id: str
    sender: Address
    at: datetime | None = None
    external_thread: str = ""
    subject: str = ""
    text: str = ""
    quoted: str = ""
    html: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: Address | None = None
    on_behalf_of: Address | None = None
    thread_keys: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    starts_thread: bool = False
    automatic: Automatic = Automatic.NO
    spam: bool = False
    outbound: bool = False  # an echo: somebody of ours answered in the provider's own app
    files: tuple[IncomingFile, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)  # shown beside the entry: list id, encrypted, ...


def fitting_message(message: InboundMessage) -> InboundMessage:
    """A message with ids and addresses that can be kept: the same to look up and to store, however long."""
    return replace(
        message,
        external_id=bounded(message.external_id, LONGEST_ID),
        external_thread=bounded(message.external_thread, LONGEST_THREAD),
        thread_keys=tuple(bounded(key, LONGEST_ID) for key in message.thread_keys),
        sender=fitting(message.sender),
        on_behalf_of=message.on_behalf_of and fitting(message.on_behalf_of),
        reply_to=message.reply_to and fitting(message.reply_to),
        to=tuple(fitting(address) for address in message.to),
        cc=tuple(fitting(address) for address in message.cc),
    )
