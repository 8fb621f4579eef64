"""Delivery reports (RFC 3464), read receipts (RFC 8098), and the bounces of servers that follow neither."""

import re
from collections.abc import Iterator
from dataclasses import replace

from channels_ingest.adapters.email.addresses import addresses_in, mailboxes
from channels_ingest.adapters.email.automatic import has_empty_envelope, is_daemon
from channels_ingest.adapters.email.charsets import decode
from channels_ingest.adapters.email.headers import Headers, decode_words, message_ids, one_line
from channels_ingest.adapters.email.mime import Part, read_headers
from channels_ingest.types import InboundMessage, Receipt, ReceiptStatus
from tenancy.storable import legible

MAX_ALIASES = 20
MAX_RECIPIENTS = 100
MAX_DETAIL = 500
_SEARCHED = 200_000

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_SMTP_CODE = re.compile(r"(?<![\d.@-])5[0-5]\d(?=[ -])")
_ORIGINAL_ID = re.compile(
    r"^[> \t]{0,20}(?:original-|x-original-)?message-id:\s{0,5}(<[^<>\s]{1,400}>)",
    re.IGNORECASE | re.MULTILINE,
)
_ORIGINALS = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"})
_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_GROUP_STARTS = frozenset({"original-recipient", "final-recipient"})
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|notification|report|has failed|problem|error)|deliver\w* fail|failure notice"
    r"|returned (?:mail|to sender|e?mail)|mail (?:delivery|system error|returned)|non[- ]?deliver"
    r"|could not be delivered|unzustellbar|nicht zugestellt|zustellung|non remis|non distribu|non délivr|échec"
    r"|no entregad|no se (?:ha )?pud|mancat[ao] (?:consegna|recapito)|onbestelbaar|niet bezorgd|não entregue"
    r"|kunde inte levereras|kunne ikke leveres|niedostarcz|nedoručiteln|недоставлен|не доставлен|配信|退信|不達",
    re.IGNORECASE,
)
_DELAYED_SUBJECT = re.compile(
    r"\bdelay(?:ed)?\b|warning|still being|verzöger|temporar|retard[ée]|demorado|ritard|vertraag",
    re.IGNORECASE,
)


def read_report(root: Part, headers: Headers, sender: str, text: str) -> list[Receipt] | None:
    """The receipts in a delivery report or read receipt; None when the mail is neither.

    Each recipient gives one Receipt; all of them name the ids of the original mail, the best first. Action
    decides before Status: a failure after days of 4.x.x is final (RFC 3464 2.3.3).
    """
    is_report = root.media_type == "multipart/report" or _is_from_server(headers, sender)
    parts = {leaf.media_type: leaf for leaf in root.leaves()} if is_report else {}
    notice = parts.get("message/disposition-notification")
    if notice is not None:
        return list(_read_receipt(notice))
    aliases = _original_ids(root, headers, text)
    groups = [group for kind in _STATUS_TYPES if kind in parts for group in _groups(_body(parts[kind]))]
    receipts = [receipt for group in groups if (receipt := _of_group(group))]
    if not receipts and _looks_like_bounce(headers, sender, text, aliases):
        receipts = [_of_words(headers, text)]
    return [replace(receipt, aliases=aliases) for receipt in receipts[:MAX_RECIPIENTS]] or None


def is_complaint(root: Part) -> bool:
    """Whether the mail is an abuse report (RFC 5965): its text is no delivery news."""
    return any(leaf.media_type == "message/feedback-report" for leaf in root.leaves())


def with_report(receipts: list[Receipt], report: InboundMessage) -> list[Receipt]:
    """Give the receipts the report's id and time, and the first failure the report itself.

    It is kept, once, when no Delivery matches; good news about mail that is not ours needs nobody's eyes.
    """
    failed = next((receipt for receipt in receipts if receipt.status is ReceiptStatus.FAILED), None)
    return [
        replace(
            receipt,
            external_id=report.external_id,
            at=report.at,
            unmatched=report if receipt is failed else None,
        )
        for receipt in receipts
    ]


def _body(part: Part) -> str:
    return legible(decode(part.content()[:_SEARCHED]))


def _read_receipt(notice: Part) -> Iterator[Receipt]:
    fields = next(_groups(_body(notice)), {})
    aliases = tuple(message_ids(fields.get("original-message-id", ""), 1))
    if aliases and "displayed" in fields.get("disposition", "").lower():
        recipient = _recipient(fields)
        yield Receipt(aliases=aliases, status=ReceiptStatus.READ, recipient=recipient, detail="read receipt")


def _groups(text: str) -> Iterator[dict[str, str]]:
    """The recipients' groups of a status part.

    Blank lines between groups are missing and doubled in real reports, so a group begins where a field
    comes again, or where a recipient is named after an action.
    """
    group: dict[str, str] = {}
    for line in re.sub(r"\n[ \t]+", " ", text).split("\n"):
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        again = name in group and name in {*_GROUP_STARTS, "action"}
        if again or (name in _GROUP_STARTS and "action" in group and _GROUP_STARTS & group.keys()):
            yield group
            group = {}
        if colon:
            group.setdefault(name, decode_words(value.strip()))
    if group:
        yield group


def _recipient(fields: dict[str, str]) -> str:
    for name in ("original-recipient", "final-recipient"):
        found = addresses_in(fields.get(name, "").partition(";")[2] or fields.get(name, ""), 1)
        if found:
            return found[0]
    return ""


def _of_group(fields: dict[str, str]) -> Receipt | None:
    status = _STATUS.search(fields.get("status", "")) or _STATUS.search(fields.get("diagnostic-code", ""))
    action = fields.get("action", "").split(" ")[0].strip(";").lower()
    if not action and status:
        action = {"2": "delivered", "4": "delayed", "5": "failed"}[status[1]]
    became = {
        "failed": ReceiptStatus.FAILED,
        "delivered": ReceiptStatus.DELIVERED,
        "delayed": ReceiptStatus.SENT,
        "relayed": ReceiptStatus.SENT,
        "expanded": ReceiptStatus.SENT,
    }.get(action)
    if became is None:
        return None
    detail = fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get("diagnostic-code", "")
    return Receipt(
        aliases=(),
        status=became,
        recipient=_recipient(fields),
        code=status[0] if status else "",
        detail=(detail if became is ReceiptStatus.FAILED else f"{action} {detail}").strip()[:MAX_DETAIL],
    )


def _is_from_server(headers: Headers, sender: str) -> bool:
    return is_daemon(sender.partition("@")[0]) or has_empty_envelope(headers)


def _looks_like_bounce(headers: Headers, sender: str, text: str, aliases: tuple[str, ...]) -> bool:
    """A report without structure: a mail server wrote it, and it says that something was not delivered."""
    if headers.has("x-failed-recipients"):
        return True
    if not _is_from_server(headers, sender):
        return False
    if _BOUNCE_SUBJECT.search(headers.text("subject")):
        return True
    has_code = _STATUS.search(text) or _SMTP_CODE.search(text)
    return is_daemon(sender.partition("@")[0]) and bool(aliases) and bool(has_code)


def _of_words(headers: Headers, text: str) -> Receipt:
    searched = text[:_SEARCHED]
    status, smtp_code = _STATUS.search(searched), _SMTP_CODE.search(searched)
    named = [box.written for box in mailboxes(headers.first("x-failed-recipients"))] or [searched]
    recipient = next(iter(addresses_in(named[0], 1)), "")
    delayed = _DELAYED_SUBJECT.search(headers.text("subject"))
    said = status or smtp_code
    line = searched[searched.rfind("\n", 0, said.start()) + 1 :].split("\n", 1)[0] if said else ""
    return Receipt(
        aliases=(),
        status=ReceiptStatus.SENT if delayed else ReceiptStatus.FAILED,
        recipient=recipient,
        code=said[0] if said else "",
        detail=one_line(line or headers.text("subject"))[:MAX_DETAIL],
    )


def _original_ids(root: Part, headers: Headers, text: str) -> tuple[str, ...]:
    """Ids of the mail that the report is about, wherever it names them: attached, quoted, or in its headers."""
    found: list[str] = []
    for leaf in root.leaves():
        if leaf.media_type in _ORIGINALS:
            found += message_ids(read_headers(leaf.content()).first("message-id"), 1)
    for raw in [*(match[1] for match in _ORIGINAL_ID.finditer(text[:_SEARCHED]))][:MAX_ALIASES]:
        found += message_ids(raw, 1)
    for name in ("x-original-message-id", "in-reply-to", "references"):
        found += message_ids(headers.first(name), MAX_ALIASES)
    own = message_ids(headers.first("message-id"), 1)
    return tuple(dict.fromkeys(each for each in found if each not in own))[:MAX_ALIASES]
