"""The inbound ledger of the demo: what arrived, the bytes of recent mails, and what became of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from channels_ingest.models import InboundEvent, InboundItem, RawBody, SeenKey
from conversations import kinds
from conversations.models import Channel, Entry, EntryBody
from conversations.services.entries import preview
from omnidesk.demo.office import Office
from tenancy.lanes import State

BATCH = 500
RAW_FOR = timedelta(days=7)  # older bytes have been pruned
TOOK = timedelta(milliseconds=380)
NO_SPACE = "OSError: [Errno 28] No space left on device"
UNREADABLE = "It cannot be parsed: KeyError: 'messaging'"
# hours ago, channel, state, reason, attempts, who and what about
ODD = (
    (1.4, "shop", State.FAILED, NO_SPACE, 10, ("Noor Haddad", "Photos of the broken lamp, 18 MB")),
    (1.5, "support", State.FAILED, NO_SPACE, 10, ("Colin Mackey", "Trace files for yesterday's outage")),
    (6.2, "instagram", State.FAILED, UNREADABLE, 3, ("", "")),
    (6.9, "instagram", State.FAILED, UNREADABLE, 3, ("", "")),
    (27, "slack", State.FAILED, "It cannot be parsed: KeyError: 'user'", 3, ("", "")),
    (3.1, "support", State.IGNORED, "Our own message, come back.", 1, ("Acme", "Re: Invoice")),
    (9.7, "shop", State.IGNORED, "A report on a message that is not ours.", 1, ("Mailer", "Returned mail")),
    (31, "support", State.IGNORED, "It says nothing.", 1, ("", "")),
)


def record(office: Office, inbound: Sequence[tuple[Entry, EntryBody]]) -> None:
    """Write the calls that brought these messages, and a few that came to nothing."""
    events = InboundEvent.objects.bulk_create(
        (_event(entry, body) for entry, body in inbound), batch_size=BATCH
    )
    told = [(event, entry, body) for event, (entry, body) in zip(events, inbound, strict=True)]
    SeenKey.objects.bulk_create(
        (SeenKey(channel=entry.channel, key=entry.external_id, event=event) for event, entry, _ in told),
        batch_size=BATCH,
    )
    InboundItem.objects.bulk_create((_item(event, entry) for event, entry, _ in told), batch_size=BATCH)
    RawBody.objects.bulk_create(
        (
            RawBody(event=event, body=_mail_of(entry, body))
            for event, entry, body in told
            if _is_mail(entry) and entry.at > office.now - RAW_FOR
        ),
        batch_size=BATCH,
    )
    _record_odd(office)


def _event(entry: Entry, body: EntryBody) -> InboundEvent:
    assert entry.channel is not None
    words = entry.data.get("subject") or body.text
    return InboundEvent(
        channel=entry.channel,
        via=InboundEvent.Via.IMAP if _is_mail(entry) else InboundEvent.Via.HOOK,
        state=State.DONE,
        attempts=1,
        due_at=entry.at,
        received_at=entry.at,
        processed_at=entry.at + TOOK,
        size=900 + 2 * len(body.text),
        summary=preview(f"{entry.contact}: {words}"),
    )


def _item(event: InboundEvent, entry: Entry) -> InboundItem:
    is_call = entry.kind == Entry.Kind.CALL
    return InboundItem(
        event=event,
        position=0,
        type="CallUpdate" if is_call else "InboundMessage",
        entry=entry,
        conversation=entry.conversation,
        contact=entry.contact,
    )


def _is_mail(entry: Entry) -> bool:
    return entry.channel is not None and kinds.KINDS[entry.channel.kind].mails


def _mail_of(entry: Entry, body: EntryBody) -> bytes:
    assert entry.channel is not None
    headers = {
        "From": f'"{entry.contact}" <{entry.identity.value if entry.identity else ""}>',
        "To": entry.channel.address,
        "Subject": entry.data.get("subject", ""),
        "Date": format_datetime(entry.at),
        "Message-ID": f"<{entry.external_id}>",
    }
    return _mail(headers, body.text)


def _mail(headers: Mapping[str, str], text: str) -> bytes:
    mail = EmailMessage()
    for name, value in headers.items():
        mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()


def _record_odd(office: Office) -> None:
    """What came to nothing: failures that can be replayed, and what means nothing to us, with its reason."""
    for number, (hours, key, state, reason, attempts, (sender, subject)) in enumerate(ODD):
        channel = office.channels.get(key)
        if channel is None:
            continue
        at = office.now - timedelta(hours=hours)
        event = InboundEvent.objects.create(
            channel=channel,
            via=InboundEvent.Via.IMAP if channel.kind == "email" else InboundEvent.Via.HOOK,
            state=state,
            reason=reason,
            attempts=attempts,
            due_at=at,
            received_at=at,
            processed_at=at + TOOK,
            summary=f"{sender}: {subject}" if sender else "",
        )
        RawBody.objects.create(event=event, body=_odd_body(channel, sender, subject, at, number))


def _odd_body(channel: Channel, sender: str, subject: str, at: datetime, number: int) -> bytes:
    if channel.kind != "email":
        standby = {"id": channel.config.get("account_id", ""), "time": int(at.timestamp()), "standby": [{}]}
        return json.dumps({"object": channel.kind, "entry": [standby]}).encode()
    local = sender.lower().replace(" ", ".") or "nobody"
    headers = {
        "From": f'"{sender}" <{local}@post.example>',
        "To": channel.address,
        "Subject": subject,
        "Date": format_datetime(at),
        "Message-ID": f"<odd.{number}@post.example>",
    }
    return _mail(headers, f"{subject}.\n")
