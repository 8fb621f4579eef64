"""What the demo's colleagues keep at hand: canned replies and macros."""

from dataclasses import dataclass
from datetime import timedelta

from conversations.models import CannedReply, Macro
from conversations.services import tools
from conversations.services.macros.keeping import keep_macro
from omnidesk.demo.office import Office


@dataclass(frozen=True, slots=True)
class Text:
    """A shared canned reply; `line` is the channel whose brand alone says it."""

    shortcut: str
    name: str
    text: str
    uses: int
    line: str = ""
    language: str = ""


TEXTS = (
    Text(
        "order",
        "Ask for the order number",
        "Hi {{contact.first_name|there}},\n\nthank you for writing to {{brand.name}}. Could you tell me your order"
        " number? It begins with A- and stands at the top of the confirmation.\n\nBest,\n{{member.first_name}}",
        41,
    ),
    Text(
        "refund",
        "Refund is on its way",
        "Hi {{contact.first_name|there}},\n\nI have refunded the full amount. Banks take three to five working"
        " days to show it.\n\nSorry for the trouble, and thank you for your patience.\n\n{{member.first_name}}",
        29,
        line="shop",
    ),
    Text(
        "parcel",
        "Parcel is late",
        "Hi {{contact.first_name|there}},\n\nyour parcel is still on its way: the carrier scanned it yesterday and"
        " expects to deliver it within two days. Should it not be there by then, write to me and I will send"
        " a new one at once.\n\n{{member.first_name}}",
        33,
        line="shop",
    ),
    Text(
        "logs",
        "Ask for logs",
        "Hi {{contact.first_name|there}},\n\nso that I can see what happened: could you send the lines of your log"
        " around the failed request, with their times and the header X-Request-Id?\n\n{{member.name}}",
        17,
        line="support",
    ),
    Text(
        "invoice",
        "Copy of an invoice",
        "Hi {{contact.first_name|there}},\n\nattached is the invoice again, made out to"
        " {{account.name|your company}}. If the address has changed, send me the new one and I will correct"
        " it.\n\n{{member.first_name}}",
        22,
    ),
    Text(
        "bestellung",
        "Nach der Bestellnummer fragen",
        "Guten Tag {{contact.name|}},\n\nvielen Dank für Ihre Nachricht. Nennen Sie mir bitte die Bestellnummer?"
        " Sie beginnt mit A- und steht oben in der Bestätigung.\n\nViele Grüße\n{{member.name}}",
        8,
        language="de",
    ),
)
HAND_OVER = (
    "Hi {{contact.first_name|there}},\n\nI am away from tomorrow. A colleague has all we wrote and goes on."
)


def lay_out(office: Office) -> None:
    """Give the workspace its shared replies and macros, and the first agent one of their own."""
    kept = {one.shortcut: _text(office, one) for one in TEXTS}
    own = CannedReply(name="Hand over while I am away", shortcut="away", text=HAND_OVER)
    tools.keep(tool=own, shared=False, by=office.first)
    _macro(
        office,
        "Refund and close",
        {"do": "reply", "canned": kept["refund"].pk, "text": "", "send": True},
        {"do": "label", "label": office.labels["refund"].pk},
        {"do": "status", "status": "resolved"},
    )
    _macro(
        office,
        "Escalate to the account lead",
        {"do": "note", "text": f"@{office.lead.name} {{{{account.name|They}}}} need you here, please look."},
        {"do": "assign", "assignee": str(office.lead.pk)},
        {"do": "priority", "priority": "high"},
        {"do": "label", "label": office.labels["escalated"].pk},
    )


def _text(office: Office, one: Text) -> CannedReply:
    canned = CannedReply(
        name=one.name,
        shortcut=one.shortcut,
        text=one.text,
        brand=office.channels[one.line].brand if one.line else None,
        language=one.language,
        uses=one.uses,
        last_used_at=office.now - timedelta(hours=100 // one.uses),
        created_at=office.since,
    )
    return tools.keep(tool=canned, shared=True, by=office.lead)


def _macro(office: Office, name: str, *actions: dict[str, object]) -> None:
    macro = Macro(name=name, created_at=office.since)
    keep_macro(macro=macro, actions=list(actions), shared=True, by=office.lead)
