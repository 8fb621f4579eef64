"""A missed deliverable: asked about in a shared Slack channel, then escalated to the account lead by e-mail."""

from datetime import datetime, timedelta

from contacts.models import Account, Contact
from contacts.services import people
from contacts.types import Address, AddressKind, Proof
from conversations.models import Conversation
from omnidesk.demo.office import SCOPES, SHARED_CHANNEL, Office
from omnidesk.demo.stories.lines import lines
from omnidesk.demo.teller import Teller

EMAIL = "dana.whitlock@bellweather.example"
THREAD = f"{SHARED_CHANNEL}:1763543700.000200"

SAID = lines("agency")


def tell(office: Office, account: Account) -> None:
    """The first question is two days old, the escalation half an hour."""
    dana, story = _introduce_dana(office, account), Teller(office)
    _in_the_shared_channel(story)
    _escalation(story, office.now - timedelta(minutes=34), dana)
    story.is_seen(office.now, office.lead)
    story.settles()


def _introduce_dana(office: Office, account: Account) -> Contact:
    dana = people.create_contact(
        name="Dana Whitlock",
        addresses=[(AddressKind.EMAIL, EMAIL)],
        title="Client partner",
        language="en",
        created_at=office.since,
    )
    people.affiliate(contact=dana, account=account, since=office.since)
    return dana


def _in_the_shared_channel(story: Teller) -> None:
    """Her Slack profile names the mailbox that we know: so it is Dana. Her last question stays unanswered."""
    office, manager = story.office, story.office.second
    mailbox = Address(AddressKind.EMAIL, EMAIL, proof=Proof.ATTESTED)
    dana = Address(
        AddressKind.SLACK, "U0BWDANA", "Dana Whitlock", "@dana", SCOPES["slack"], Proof.ATTESTED, (mailbox,)
    )
    thread = {"external_thread": THREAD, "thread_keys": (THREAD,)}
    began = office.now - timedelta(hours=47)
    words = SAID["asks"].format(manager=manager)
    asks = story.says(
        "slack", began, dana, words, external_id="1763543700.000200", starts_thread=True, **thread
    )
    assert asks.identity
    answered = began + timedelta(hours=3, minutes=12)
    story.renames(answered, "Launch pages, 3 storefronts", manager)
    story.answers("slack", answered, manager, SAID["late"], to=asks.identity, outcome="sent")
    story.labels(answered, "projects", manager)
    again = office.now - timedelta(hours=20)
    story.says("slack", again, dana, SAID["again"], external_id="1763640900.000300", **thread)


def _escalation(story: Teller, at: datetime, dana: Contact) -> None:
    """To the lead's mailbox, who sees both; the mark stands on her company's timeline."""
    office = story.office
    ours = office.channels["lead mail"].address
    story.says(
        "lead mail",
        at,
        Address(AddressKind.EMAIL, EMAIL, "Dana Whitlock", EMAIL, proof=Proof.ATTESTED),
        SAID["escalates"].format(lead=office.lead.name.partition(" ")[0]),
        external_id="bw.escalation.1@bellweather.example",
        subject="Escalation: launch pages not delivered",
        to=(Address(AddressKind.EMAIL, ours, verbatim=ours),),
        starts_thread=True,
    )
    facts = {"to": office.lead.name, "from": office.second.name, "channel": "email", "was": "slack"}
    story.happens(at, "escalated", contact=dana, on=[dana], data=facts)
    story.prioritises(at, Conversation.Priority.URGENT, None)
    story.labels(at, "escalated", None)
    story.assigns(at, office.lead, by=None)
    words = SAID["note"].format(manager=office.second)
    story.notes(at + timedelta(minutes=12), office.lead, words, [office.second])
