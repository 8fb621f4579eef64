"""Who else is at a conversation, and the warning that it is somebody else's work."""

import pytest

from conversations.models import Entry
from conversations.queries.compose import offer
from conversations.services import work
from tenancy import attending
from tenancy.attending import CROWD, Doing, attend
from tenancy.models import Member, Role
from tenancy.redis import client as redis_client
from tests.conversations.views.conftest import HTMX, ROOT, person
from tests.people import new_member


@pytest.fixture
def conversation(write):
    """A conversation that nobody has on screen."""
    found = write("m1", sender=person(name="Ana Lind"), subject="It broke").conversation
    redis_client().delete(attending._key(found.workspace_id, f"viewers:{found.pk}"))
    return found


@pytest.fixture
def see(client, conversation):
    """`see(begun="reply")`: what an agent's browser shows of others at the conversation, in words."""

    def seen(**query) -> str:
        response = client.get(f"{ROOT}inbox/{conversation.number}/viewers/", query, headers=HTMX)
        assert response.status_code == 200
        return str(response.text)

    return seen


def at(conversation, member, what="", tab="a"):
    attend(conversation.workspace_id, member.pk, tab, None, Doing(f"viewers:{conversation.pk}", what))


def test_others_are_named_and_the_reader_is_not(see, conversation, member, admin, owner):
    at(conversation, member)
    assert "viewing" not in see()
    at(conversation, admin)
    at(conversation, admin, tab="b")
    assert "Ada Admin is also viewing" in see()
    at(conversation, owner)
    assert "Ada Admin and Olga Owner are also viewing" in see()
    at(conversation, owner, "note", tab="b")
    assert "Olga Owner is writing a note…" in see()
    at(conversation, owner, "reply", tab="c")
    assert "Olga Owner is writing a reply…" in see()
    assert "Take over" not in see()


def test_of_a_crowd_only_those_who_write_are_named(see, conversation, member, admin, owner):
    for number in range(CROWD):
        at(conversation, owner, tab=str(number))
    at(conversation, admin, "reply")
    said = see()
    assert f"More than {CROWD} are viewing" in said
    assert "Ada Admin is writing a reply…" in said
    assert "Olga" not in said


def test_it_costs_the_same_however_many_there_are(queries, workspace, conversation, admin, owner):
    path = f"{ROOT}inbox/{conversation.number}/viewers/"
    at(conversation, admin)
    few = queries(path)
    at(conversation, owner)
    at(conversation, new_member(workspace, Role.AGENT, name="Zoe", email="zoe@acme.example"))
    assert queries(path) == few


def test_who_begins_to_answer_is_warned_once_of_whose_work_it_is(see, conversation, admin, member):
    work.assign(conversation=conversation, assignee=admin, member=None)
    assert "Take over" not in see()
    assert "Take over" not in see(begun="note")
    said = see(begun="reply")
    assert "Ada Admin is on this. Take over?" in said
    assert f'name="warned" value="{admin.pk}" form="reply"' in said
    assert "Take over" not in see(begun="reply", answered=admin.pk)
    work.assign(conversation=conversation, assignee=member, member=None)
    assert "Take over" not in see(begun="reply")


def test_a_colleague_who_writes_is_a_warning_to_the_second_alone(see, conversation, admin, owner):
    first = see(begun="reply")
    assert 'name="first" value="yes"' in first
    at(conversation, admin, "reply")
    second = see(begun="reply")
    assert "Ada Admin is on this. Take over?" in second
    assert 'name="first"' not in second
    said = see(begun="reply", first="yes")
    assert ("Take over" in said, "Ada Admin is writing a reply…" in said) == (False, True)
    at(conversation, owner, "reply")
    assert "Ada Admin and Olga Owner are on this." in see(begun="reply", answered=admin.pk)


@pytest.fixture
def reply(client, conversation):
    """`reply(**fields)`: the status and the text of the answer to a reply."""

    def posted(**fields) -> tuple[int, str]:
        way = offer(conversation.contact).ways[0].key
        form = {"text": "Hello", "way": way, "cc": "", "seen": "999999999", "then": "pending"} | fields
        response = client.post(f"{ROOT}inbox/{conversation.number}/reply/", form, headers=HTMX)
        conversation.refresh_from_db()
        return response.status_code, response.text

    return posted


def test_a_reply_without_the_warning_waits_for_an_answer_once(reply, conversation, admin: Member):
    work.assign(conversation=conversation, assignee=admin, member=None)
    status, said = reply()
    assert (status, Entry.objects.filter(direction="out").count()) == (409, 0)
    assert "Ada Admin is on this. Take over?" in said
    assert f'name="warned" value="{admin.pk}"' in said
    assert reply(warned=admin.pk)[0] == 200
    assert conversation.assignee == admin


def test_taking_over_sends_and_assigns(reply, conversation, admin: Member, member: Member):
    work.assign(conversation=conversation, assignee=admin, member=None)
    assert reply(takeover="yes")[0] == 200
    assert conversation.assignee == member
    assert Entry.objects.filter(direction="out").count() == 1


def test_whoever_is_warned_of_one_is_warned_of_the_next(reply, conversation, admin: Member, owner: Member):
    work.assign(conversation=conversation, assignee=owner, member=None)
    assert reply(warned=admin.pk)[0] == 409


def test_nobody_has_to_ask_who_has_left(reply, conversation, admin: Member):
    work.assign(conversation=conversation, assignee=admin, member=None)
    Member.objects.filter(pk=admin.pk).update(archived_at="2026-03-01T00:00Z")
    assert reply()[0] == 200
