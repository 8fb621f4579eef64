"""One raw mail to typed events: who wrote, when, in answer to what, and what is new in it."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from channels_ingest.adapters.email import forwards, quotes
from channels_ingest.adapters.email.addresses import (
    Mailbox,
    address_list,
    domain_of,
    mailboxes,
    normal,
    to_address,
)
from channels_ingest.adapters.email.automatic import automatic
from channels_ingest.adapters.email.body import Body, read_body
from channels_ingest.adapters.email.bounces import is_complaint, read_report, with_report
from channels_ingest.adapters.email.headers import Headers, date, message_ids, one_line
from channels_ingest.adapters.email.mime import Part, TooComplex, read_headers, read_tree
from channels_ingest.adapters.email.verdict import Result, is_attested, vouch_for
from channels_ingest.base import ChannelFacts
from channels_ingest.types import (
    Address,
    AddressKind,
    Automatic,
    Ignored,
    InboundMessage,
    ParsedEvent,
    Proof,
)

MAX_THREAD_KEYS = 50
MAX_SUBJECT = 500
MAX_TOKENS = 10
_SEARCHED = 200_000

# The shape of conversations/tokens.py: what it means is for the core to say.
_TOKEN = re.compile(r"(?<![a-z2-7])[a-z2-7]{32}(?![a-z2-7])", re.IGNORECASE)
_DELIVERED_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What whoever handed a mail over says of it beside its bytes.

    `recipient` are the addresses it was sent to, as text; `sender` the address in the SMTP envelope, empty
    for a bounce and None where it was not told; `results` what an e-mail service found out about the sender.
    """

    recipient: str = ""
    sender: str | None = None
    results: tuple[Result, ...] = ()
    is_spam: bool = False


def parse_mail(raw: bytes, channel: ChannelFacts, envelope: Envelope | None = None) -> list[ParsedEvent]:
    """What a mail means: one message, or the receipts of a delivery report; never raises on any bytes.

    A mail that cannot be read, or names no sender, ends as Ignored with its reason.
    """
    try:
        root = read_tree(raw)
    except TooComplex as reason:
        return [Ignored(f"This mail cannot be read: {reason}.")]
    return _Mail(raw, root, channel, envelope or Envelope()).events()


def mail_key(raw: bytes) -> str:
    """What two copies of the same mail have in common: its id and a hash of its body.

    The same id over another body is another mail: otherwise a stranger could suppress a mail by sending its id
    first.
    """
    return f"{message_id(read_headers(raw), raw)} {body_hash(raw)}"[-200:]


def sender_of(raw: bytes) -> str:
    """The normalised address that a mail claims to be from; empty when it names none."""
    return next((normal(box.written) for box in mailboxes(read_headers(raw).first("from"))), "")


def body_hash(raw: bytes) -> str:
    """A hash of all below the headers that line ends and trailing blanks do not change, 32 hex digits."""
    head_end = re.search(rb"\r?\n\r?\n", raw)
    body = raw[head_end.end() :] if head_end else b""
    return hashlib.sha256(body.replace(b"\r\n", b"\n").rstrip()).hexdigest()[:32]


def message_id(headers: Headers, raw: bytes) -> str:
    """The bare Message-ID, or one derived from sender, date, subject and body where it is missing or garbled."""
    written = headers.first("message-id")
    found = message_ids(written, 1)
    if found:
        return found[0]
    bare = one_line(written.strip("<> "))
    if "@" in bare and " " not in bare and len(bare) <= 400:
        return bare
    parts = [headers.first("from"), headers.first("date"), headers.first("subject"), body_hash(raw)]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{digest[:40]}@without-message-id.invalid"


@dataclass
class _Mail:
    raw: bytes
    root: Part
    channel: ChannelFacts
    envelope: Envelope

    @cached_property
    def headers(self) -> Headers:
        """The header fields; a Return-Path in them is a forgery where the envelope itself is known."""
        if self.envelope.sender is None:
            return self.root.headers
        fields = [field for field in self.root.headers.fields if field[0] != "return-path"]
        return Headers([("return-path", f"<{self.envelope.sender}>"), *fields])

    @cached_property
    def body(self) -> Body:
        return read_body(self.root)

    @cached_property
    def text(self) -> str:
        return self.body.text

    @cached_property
    def subject(self) -> str:
        return self.headers.text("subject")[:MAX_SUBJECT]

    @cached_property
    def own_addresses(self) -> frozenset[str]:
        return self.channel.own_addresses | {normal(self.channel.config.get("address", ""))} - {""}

    @cached_property
    def thread_keys(self) -> tuple[str, ...]:
        """Nearest first: In-Reply-To, then References from right to left."""
        references = message_ids(self.headers.first("references"), 2_000)
        keys = [*message_ids(self.headers.first("in-reply-to"), 10), *reversed(references)]
        return tuple(dict.fromkeys(keys))[:MAX_THREAD_KEYS]

    def events(self) -> list[ParsedEvent]:
        sender = self._sender()
        receipts = read_report(self.root, self.headers, sender.value if sender else "", self.text)
        if receipts == []:
            return [Ignored("A notice about a mail of ours that says nothing new.")]
        sender = sender or (self._daemon() if receipts else None)
        if sender is None:
            return [Ignored("This mail names no sender.")]
        message = self._message(sender)
        if receipts and receipts[0].aliases:
            return list(with_report(receipts, replace(message, automatic=Automatic.BOUNCE)))
        if receipts or self.root.media_type == "multipart/report":
            message = replace(
                message, automatic=Automatic.BULK if is_complaint(self.root) else Automatic.BOUNCE
            )
        return [message]

    def _message(self, sender: Address) -> InboundMessage:
        forward = forwards.is_forward(self.subject, self.text)
        starts = not (self.thread_keys or self.tokens or forwards.is_answer(self.subject))
        keep_whole = forward or starts
        new, quoted = (self.text, "") if keep_whole else quotes.split(self.text, self.body.reading)
        return InboundMessage(
            external_id=message_id(self.headers, self.raw),
            external_thread=body_hash(self.raw),
            sender=sender,
            at=date(self.headers.first("date")),
            subject=self.subject,
            text=new.strip("\n"),
            quoted=quoted,
            html=self.body.html,
            to=address_list(self.headers.all("to")),
            cc=address_list(self.headers.all("cc")),
            reply_to=next(iter(address_list(self.headers.all("reply-to"))), None),
            on_behalf_of=self._forwarded_sender() if forward else None,
            thread_keys=self.thread_keys,
            tokens=self.tokens,
            starts_thread=starts,
            automatic=automatic(self.headers, sender.value, self.own_addresses),
            spam=self.envelope.is_spam or self.headers.first("x-spam-flag").lower() == "yes",
            files=tuple(self.body.files),
            facts=self._facts(),
        )

    def _sender(self) -> Address | None:
        """Who wrote: the one From address, vouched for or not; without a usable From, whom else the mail names.

        Two From fields or two addresses in one let every reader choose another: nobody can vouch for them.
        """
        fields = self.headers.all("from")
        named = [box for raw in fields for box in mailboxes(raw) if normal(box.written)]
        if not named:
            return self._other_sender()
        found = to_address(named[0])
        behind_list = self.headers.first("x-original-sender")
        if (
            found and found.value in self.own_addresses and behind_list
        ):  # a group mailbox put itself into From
            return next(iter(address_list([behind_list])), found)
        if found and len(fields) == len(named) == 1 and self._is_vouched_for(found):
            return replace(found, proof=Proof.ATTESTED)
        return found

    def _other_sender(self) -> Address | None:
        return next(
            iter(address_list(self.headers.first(name) for name in ("sender", "reply-to", "return-path"))),
            None,
        )

    def _is_vouched_for(self, sender: Address) -> bool:
        listed = self.channel.config.get("authserv_ids", "").lower().replace(",", " ").split()
        domain = domain_of(sender.value)
        return vouch_for(domain, self.envelope.results) or is_attested(
            self.headers, domain, frozenset(listed)
        )

    def _daemon(self) -> Address:
        """The sender of a report from `<>` or from a bare MAILER-DAEMON."""
        named = next(iter(mailboxes(self.headers.first("from"))), Mailbox("", ""))
        return Address(
            AddressKind.EMAIL, "mailer-daemon", name=named.name, verbatim=one_line(named.written)[:320]
        )

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Signed tokens in the addresses the mail was sent to, then in its text."""
        headers = [value for name in (*_DELIVERED_TO, "to", "cc") for value in self.headers.all(name)]
        places = [self.envelope.recipient, *headers, self.text[:_SEARCHED]]
        found = (match[0].lower() for place in places for match in _TOKEN.finditer(place))
        return tuple(dict.fromkeys(_first(found, MAX_TOKENS)))

    def _forwarded_sender(self) -> Address | None:
        named = forwards.quoted_sender(self.text)
        attached = [file for file in self.body.files if file.content_type == "message/rfc822"]
        if named is None and len(attached) == 1:
            named = next(iter(mailboxes(read_headers(attached[0].content).first("from"))), None)
        return to_address(named) if named else None

    def _facts(self) -> dict[str, str]:
        facts = dict(self.body.facts)
        if len(self.headers.all("from")) > 1:
            facts["senders"] = str(len(self.headers.all("from")))
        list_id = self.headers.text("list-id")
        if list_id:
            facts["list"] = list_id[:200]
        return facts


def _first(found: Iterator[str], limit: int) -> Iterator[str]:
    for _, each in zip(range(limit), found, strict=False):
        yield each
