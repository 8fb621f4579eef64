"""A failed integration: by chat, which breaks off, by phone two hours later, then by e-mail.

Who picks up the phone has the transcript, the logs and the suggested fix on the screen before saying hello.
"""

from datetime import datetime, timedelta

from contacts.models import Account
from contacts.services import people
from contacts.types import Address, AddressKind, Proof
from conversations.models import Conversation
from omnidesk.demo import papers
from omnidesk.demo.office import Office
from omnidesk.demo.stories.lines import lines
from omnidesk.demo.teller import Teller

EMAIL, PHONE = "tess.okoye@northpeak.example", "+12065550142"
VISITOR, SESSION = "user:tess-okoye", "session-northpeak-1"
SOURCES = [{"title": "Runbook: payment on a retired entity"}, {"title": "Docs: replaying orders safely"}]
MINUTE = timedelta(minutes=1)

SAID = lines("integration")


def tell(office: Office, account: Account) -> None:
    """The chat began three and a half hours ago; the mail came twenty minutes ago and waits for an answer."""
    _introduce_tess(office, account)
    story, began = Teller(office), office.now - timedelta(hours=3, minutes=28)
    _chat(story, began)
    _call(story, began + timedelta(hours=2, minutes=19))
    _mail(story, office.now - 21 * MINUTE)
    story.is_seen(office.now, *office.agents[1:])
    story.settles()


def _introduce_tess(office: Office, account: Account) -> None:
    """Known, with a mailbox and a number that an agent confirmed."""
    tess = people.create_contact(
        name="Tess Okoye",
        addresses=[(AddressKind.EMAIL, EMAIL), (AddressKind.PHONE, PHONE), (AddressKind.SMS, PHONE)],
        title="Integration lead",
        language="en",
        time_zone="America/Los_Angeles",
        created_at=office.since,
    )
    people.affiliate(contact=tess, account=account, since=office.since)


def _chat(story: Teller, at: datetime) -> None:
    """She is signed in on our page, which vouches for her mailbox: so it is Tess, whom we know."""
    agent = story.office.first
    mailbox = Address(AddressKind.EMAIL, EMAIL, proof=Proof.ATTESTED)
    tess = Address(
        AddressKind.CHAT,
        VISITOR,
        "Tess Okoye",
        scope=story.office.scope("acme", AddressKind.CHAT),
        proof=Proof.ATTESTED,
        also=(mailbox,),
    )
    session = {"external_thread": VISITOR, "thread_keys": (SESSION,)}
    log = papers.sync_log(at - timedelta(hours=1))
    asks = story.says("chat", at, tess, SAID["problem"], external_id="chat-np-1", files=(log,), **session)
    assert asks.contact
    assert asks.identity
    story.prioritises(at + 2 * MINUTE, Conversation.Priority.URGENT, None)
    story.assigns(at + 2 * MINUTE, agent, by=None)
    story.suggests(at + 3 * MINUTE, SAID["fix"], match=94, sources=SOURCES)
    story.renames(at + 4 * MINUTE, "Order sync rejected with 402", agent)
    story.answers("chat", at + 4 * MINUTE, agent, SAID["checking"], to=asks.identity, outcome="read")
    story.says("chat", at + 18 * MINUTE, tess, SAID["call me"], external_id="chat-np-2", **session)
    story.happens(at + 19 * MINUTE, "chat_disconnected", contact=asks.contact, on=[asks.contact])
    story.labels(at + 25 * MINUTE, "integration", agent)


def _call(story: Teller, at: datetime) -> None:
    """Her number is known and its carrier vouches for it: the call continues the chat."""
    agent, lead = story.office.first, story.office.lead
    caller = Address(AddressKind.PHONE, PHONE, verbatim="+1 206 555 0142", proof=Proof.ATTESTED)
    transcript = SAID["call"].format(agent=agent.name.partition(" ")[0])
    story.calls("phone", at, caller, transcript, agent, seconds=252)
    story.notes(at + 9 * MINUTE, agent, SAID["note"].format(lead=lead), [lead])
    story.is_seen(at + 9 * MINUTE, agent)


def _mail(story: Teller, at: datetime) -> None:
    """The same person, within the window: so it is the same matter, though nothing quotes it."""
    ours, copied = story.office.channels["support"].address, "ops@northpeak.example"
    story.says(
        "support",
        at,
        Address(AddressKind.EMAIL, EMAIL, "Tess Okoye", EMAIL, proof=Proof.ATTESTED),
        SAID["in writing"],
        external_id="5512.northpeak@northpeak.example",
        subject="Written confirmation for our operations team",
        html="".join(f"<p>{part}</p>" for part in SAID["in writing"].split("\n\n")),
        to=(Address(AddressKind.EMAIL, ours, verbatim=ours),),
        cc=(Address(AddressKind.EMAIL, copied, verbatim=copied),),
        starts_thread=True,
    )
