"""A return: asked for on Instagram, gone on with by e-mail when the RMA link arrives, and refunded."""

from datetime import datetime, timedelta

from contacts.models import Identity
from contacts.services import people
from contacts.types import Address, AddressKind, Proof
from conversations.models import Entry
from omnidesk.demo import papers
from omnidesk.demo.office import SCOPES, Office
from omnidesk.demo.stories.lines import lines
from omnidesk.demo.teller import Teller

EMAIL = "hanna.petrov@post.example"
HANNA = Address(
    AddressKind.INSTAGRAM, "1784140555501", "Hanna Petrov", "@hannamakes", SCOPES["instagram"], Proof.ATTESTED
)
MINUTE = timedelta(minutes=1)

SAID = lines("shop")


def tell(office: Office) -> None:
    """It began yesterday on Instagram; the refund went out an hour ago."""
    story, began = Teller(office), office.now - timedelta(hours=26)
    mailbox = _on_instagram(story, began)
    rma = _label(story, began + 31 * MINUTE, mailbox)
    _answer(story, office.now - timedelta(hours=2, minutes=5), rma)
    story.labels(office.now - 63 * MINUTE, "refund", office.second)
    refund = SAID["refund"].format(agent=office.second)
    story.answers("shop", office.now - 62 * MINUTE, office.second, refund, to=mailbox)
    story.is_seen(office.now, *office.agents)
    story.settles()


def _on_instagram(story: Teller, at: datetime) -> Identity:
    """What is said there. The agent takes down her mailbox; it is returned."""
    agent, photo = story.office.second, papers.photo(7741)
    asks = story.says("instagram", at, HANNA, SAID["asks"], external_id="ig-hp-1", files=(photo,))
    assert asks.identity
    assert asks.contact
    story.renames(at + 6 * MINUTE, "Return for order A-30418", agent)
    story.answers("instagram", at + 7 * MINUTE, agent, SAID["sure"], to=asks.identity, outcome="read")
    mailbox = SAID["mailbox"].format(mailbox=EMAIL)
    story.says("instagram", at + 22 * MINUTE, HANNA, mailbox, external_id="ig-hp-2")
    story.labels(at + 24 * MINUTE, "returns", agent)
    story.answers("instagram", at + 30 * MINUTE, agent, SAID["on its way"], to=asks.identity, outcome="read")
    return people.add_identity(contact=asks.contact, kind=AddressKind.EMAIL, value=EMAIL)


def _label(story: Teller, at: datetime, mailbox: Identity) -> Entry:
    """The RMA link, by e-mail."""
    printed = ("Return label RMA-7741", "Acme Shop, order A-30418", "From Hanna Petrov")
    label = papers.pdf("RMA-7741.pdf", *printed)
    words = SAID["rma"].format(agent=story.office.second)
    return story.answers("shop", at, story.office.second, words, to=mailbox, files=[label])


def _answer(story: Teller, at: datetime, rma: Entry) -> None:
    """She answers that mail, whose id is ours and unguessable: the same matter, the same agent."""
    story.says(
        "shop",
        at,
        Address(AddressKind.EMAIL, EMAIL, "Hanna Petrov", EMAIL, proof=Proof.ATTESTED),
        SAID["link works"].format(agent=story.office.second.name.partition(" ")[0]),
        external_id="hp.4471@post.example",
        subject="Re: Your return RMA-7741",
        quoted="\n".join(f"> {line}" for line in SAID["rma"].format(agent=story.office.second).splitlines()),
        thread_keys=(rma.external_id,),
        files=(papers.pdf("receipt.pdf", "Parcel shop receipt", "RMA-7741, 620 g"),),
    )
