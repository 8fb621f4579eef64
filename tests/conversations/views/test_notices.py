"""The list of notices, the bell, and reading them."""

from datetime import timedelta

import pytest
import time_machine

from conversations.models import Conversation, Follower, Notice
from conversations.services import following
from conversations.services.notes import note
from tenancy import lanes
from tenancy.models import Member
from tenancy.preferences import Happening, Preferences
from tests.conversations.views.conftest import HTMX, NOW, ROOT, person

PAGE, BELL = f"{ROOT}notices/", f"{ROOT}notices/bell/"


@pytest.fixture(autouse=True)
def clock():
    """A clock that goes on, so that what comes later is later."""
    with time_machine.travel(NOW, tick=True) as clock:
        yield clock


@pytest.fixture
def conversation(write, member) -> Conversation:
    """A conversation that the agent follows."""
    conversation: Conversation = write("m1", sender=person(name="Ana Lind"), subject="It broke").conversation
    following.follow(conversation=conversation, member=member)
    return conversation


@pytest.fixture
def tell(conversation, admin, member):
    """`tell("text")`: a colleague writes a note, which is told; `mention` names the reader in it."""

    def told(text: str, *, mention: bool = False, in_: Conversation = conversation) -> Notice:
        entry = note(conversation=in_, member=admin, text=text, mentions=[member] if mention else [])
        lanes.drain("reactions")
        return Notice.objects.get(entry=entry, member=member)

    return told


def test_notices_stand_by_conversation_the_newest_first(client, tell, write, member):
    other = write("m2", sender=person(name="Bo"), subject="Another").conversation
    following.follow(conversation=other, member=member)
    tell("older")
    tell("of another", in_=other)
    tell("@Aki look", mention=True)
    groups = list(client.get(PAGE).context["page"].groups)
    assert [group.conversation.subject for group in groups] == ["It broke", "Another"]
    assert [each.entry.preview for each in groups[0].told] == ["@Aki look", "older"]
    page = client.get(PAGE).text
    assert "Ada Admin mentioned you" in page
    assert "Ada Admin wrote a note" in page


def test_nobody_sees_those_of_others(client, browser, tell, admin):
    tell("for the agent alone")
    assert "for the agent alone" in client.get(PAGE).text
    assert "for the agent alone" not in browser(admin).get(PAGE).text


def test_the_bell_counts_and_reading_resets_it(client, tell, conversation):
    for text in ("one", "two"):
        tell(text)
    assert 'data-unread="2"' in client.get(BELL, headers=HTMX).text
    client.post(f"{ROOT}inbox/{conversation.number}/seen/")
    assert 'data-unread=""' in client.get(BELL, headers=HTMX).text


def test_all_can_be_read_at_once(client, tell):
    tell("one")
    assert client.post(f"{PAGE}reading/").status_code == 302
    assert not Notice.objects.filter(read_at=None).exists()


def test_those_of_one_conversation_can_be_read_and_one_taken_back(client, tell, write, member):
    other = write("m2", sender=person(name="Bo"), subject="Another").conversation
    following.follow(conversation=other, member=member)
    notice, elsewhere = tell("one"), tell("two", in_=other)
    assert client.post(f"{PAGE}{notice.pk}/reading/", headers=HTMX).status_code == 200
    assert list(Notice.objects.filter(read_at=None)) == [elsewhere]
    client.post(f"{PAGE}{notice.pk}/reading/", {"undo": "yes"})
    assert Notice.objects.filter(read_at=None).count() == 2


def test_those_of_others_cannot_be_read(client, conversation, admin, owner):
    following.follow(conversation=conversation, member=owner)
    note(conversation=conversation, member=admin, text="x")
    lanes.drain("reactions")
    theirs = Notice.objects.get(member=owner)
    assert client.post(f"{PAGE}{theirs.pk}/reading/").status_code == 404


def test_those_that_were_read_can_be_left_out(client, tell):
    first, _ = tell("one"), tell("two")
    Notice.objects.filter(pk=first.pk).update(read_at=NOW)
    page = client.get(PAGE, {"unread": ""}).context["page"]
    assert ([told.entry.preview for told in page.told], page.older) == (["two"], None)


def test_the_list_and_the_bell_cost_the_same_at_one_and_at_three(queries, tell):
    tell("one")
    few = queries(PAGE), queries(BELL)
    tell("two")
    tell("three", mention=True)
    assert (queries(PAGE), queries(BELL)) == few


def spoken(client, member: Member, **wishes) -> list[str]:
    """What the browser may speak of, title and body."""
    member.preferences = Preferences(**wishes).stored()
    member.save()
    text = client.get(BELL, headers=HTMX).text
    return [
        part.partition('"')[0]
        for part in text.replace('data-body="', 'data-title="').split('data-title="')[1:]
    ]


def test_the_browser_speaks_as_its_member_wishes(client, tell, member, clock):
    tell("@Aki, secret", mention=True)
    tell("of no interest")
    said = ["Ada Admin mentioned you", "It broke: @Aki, secret"]
    assert spoken(client, member) == said
    assert spoken(client, member, hides_text=True) == ["Something new in Omnidesk", ""]
    assert spoken(client, member, told={Happening.MENTIONED: frozenset({"centre"})}) == []
    quiet = {"quiet_from": (NOW - timedelta(hours=1)).time(), "quiet_to": (NOW + timedelta(hours=1)).time()}
    assert spoken(client, member, **quiet) == []
    member.user.time_zone = "Asia/Tokyo"
    member.user.save()
    assert spoken(client, member, **quiet) == said


def test_following_and_its_undo(client, write, member):
    conversation = write("m9", sender=person("bo@cust.example")).conversation
    path = f"{ROOT}inbox/{conversation.number}/"
    assert "Followed by Aki Agent" in client.post(f"{path}following/", headers=HTMX).text
    assert Follower.objects.get(conversation=conversation).follows
    said = client.post(f"{path}following/removal/", headers=HTMX).text
    assert ("Followed by" in said, f"{path}following/" in said) == (False, True)
    assert not Follower.objects.get(conversation=conversation).follows
