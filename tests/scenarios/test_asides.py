"""Whatever people write, copy, ask and answer: nothing of a side conversation goes to who takes part in what it is
about, and nothing but its third party's words comes into it."""

from dataclasses import dataclass, field

import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from conversations.models import Conversation, Delivery, Entry, Participant, TimelineRef
from conversations.services.reply import CannotReply, Draft, reply
from conversations.services.sides import ask_outside
from tests.scenarios.story import Said, Story
from tests.scenarios.test_properties import fresh, varied

pytestmark = pytest.mark.django_db

PEOPLE = 5
CUSTOMER = "person-0@cust.example"


@dataclass(frozen=True)
class Act:
    """Somebody writes (to what was said as number `of`, copying `copied`), or the agent asks or answers."""

    what: str
    person: int
    of: int
    copied: int
    verified: bool


acts = st.builds(
    Act,
    what=st.sampled_from(["write", "ask", "ask", "answer", "answer with a copy"]),
    person=st.integers(0, PEOPLE - 1),
    of=st.integers(0, 20),
    copied=st.integers(0, PEOPLE - 1),
    verified=st.booleans(),
)


@dataclass
class Play:
    """A story, all that was said in it, and the deliveries that have been looked at."""

    story: Story
    said: list[Said] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def do(self, act: Act) -> None:
        """One act, as far as it is possible."""
        of = self.said[act.of % len(self.said)]
        try:
            self.said.append(self._done(act, of))
        except CannotReply:
            return

    def _done(self, act: Act, of: Said) -> Said:
        mail = f"person-{act.person}@cust.example"
        copied = f"person-{act.copied}@cust.example"
        entry = of if isinstance(of, Entry) else of.entry
        if act.what == "write":
            return self.story.mail(mail, f"{len(self.said)}", cc=(copied,), verified=act.verified, re=of)
        assert entry.conversation is not None
        conversation = entry.conversation
        conversation.refresh_from_db()
        if act.what == "ask":
            return ask_outside(
                parent=conversation,
                channel=self.story.channel("email"),
                address=mail,
                subject="Aside",
                draft=Draft("Between us"),
                member=self.story.agent,
            )
        return reply(
            conversation=conversation,
            member=self.story.agent,
            channel=self.story.channel("email"),
            draft=Draft("Answer", cc=[copied] if act.what == "answer with a copy" else None),
        )

    def look(self) -> None:
        """What must hold of the deliveries that are new, as people take part at this moment."""
        for row in Delivery.objects.exclude(pk__in=self.seen).select_related(
            "identity", "entry__conversation"
        ):
            self.seen.add(row.pk)
            side = row.entry.conversation
            assert side is not None
            if side.kind == Conversation.Kind.SIDE:
                assert row.identity.contact_id == side.contact_id
                assert not takes_part(side.parent, row.identity.contact_id)


def takes_part(parent: Conversation | None, contact: int) -> bool:
    assert parent is not None
    there = Participant.objects.filter(conversation=parent, contact=contact)
    return parent.contact_id == contact or there.exists()


@varied
@given(done=st.lists(acts, max_size=10))
def test_no_side_entry_goes_to_who_takes_part_in_the_matter(done: list[Act]) -> None:
    with fresh() as story:
        play = Play(story, [story.mail(CUSTOMER, "Where is it?")])
        for act in done:
            play.do(act)
            play.look()
        for side in Conversation.objects.filter(kind="side").select_related("parent"):
            said = Entry.objects.filter(conversation=side, kind=Entry.Kind.MESSAGE)
            assert set(said.values_list("contact", flat=True)) == {side.contact_id}
            elsewhere = TimelineRef.objects.filter(~Q(contact=side.contact_id), entry__in=said)
            assert not elsewhere.exclude(contact=None).exists()
