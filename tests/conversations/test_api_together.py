"""Notices, followers and viewers through the API."""

from typing import Any

import pytest

from conversations.models import Conversation
from conversations.services import following
from conversations.services.notes import note
from tenancy import attending, lanes
from tenancy.attending import Doing, attend
from tenancy.models import Member
from tenancy.redis import client
from tests.programs import change, letter


@pytest.fixture
def conversation(workspace, member) -> Conversation:
    """One that the program's member follows."""
    found = letter(workspace).conversation
    assert found
    change(workspace, following.follow, conversation=found, member=member)
    return found


@pytest.fixture
def tell(workspace, conversation, admin) -> Any:
    """`tell("text")`: a colleague writes a note, of which the program's member is told."""

    def told(text: str) -> None:
        change(workspace, note, conversation=conversation, member=admin, text=text)
        lanes.drain("reactions")

    return told


def test_notices_are_listed_read_and_taken_back(program, admin_program, conversation, tell):
    tell("one")
    tell("two")
    newest, oldest = program.rows("notices/")
    assert (newest["kind"], newest["conversation"], newest["is_read"]) == (
        "colleague",
        conversation.number,
        False,
    )
    assert program.patch(f"notices/{newest['id']}/", {"is_read": True}).json()["is_read"] is True
    assert program.ids("notices/", is_read="false") == [oldest["id"]]
    assert program.ids("notices/", is_read="true", kind="colleague") == [newest["id"]]
    assert program.patch(f"notices/{newest['id']}/", {"is_read": False}).json()["read_at"] is None
    assert program.post("notices/read/").json() == {"count": 2}
    assert program.ids("notices/", is_read="false") == []
    assert admin_program.get(f"notices/{newest['id']}/").status_code == 404


def test_a_list_of_three_costs_what_one_of_one_does(program, tell):
    tell("one")
    program.cost("notices/")  # what only a first visit does
    few = program.cost("notices/")
    tell("two")
    tell("three")
    assert program.cost("notices/") == few


def test_one_follows_and_ceases_to(program, admin_program, conversation, member, admin):
    path = f"conversations/{conversation.number}/followers/"
    both = [{"id": admin.pk, "name": "Ada Admin"}, {"id": member.pk, "name": "Aki Agent"}]
    assert admin_program.post(path).json() == {"followers": both}
    assert program.delete(path).json() == {"followers": both[:1]}
    assert program.get(path).json() == {"followers": both[:1]}


def test_who_is_there_is_named(program, conversation, admin: Member):
    topic = f"viewers:{conversation.pk}"
    client().delete(attending._key(conversation.workspace_id, topic))
    attend(conversation.workspace_id, admin.pk, "a", None, Doing(topic, "reply"))
    found = program.get(f"conversations/{conversation.number}/viewers/").json()
    ada = {"id": admin.pk, "name": "Ada Admin"}
    assert found == {"looking": [], "replying": [ada], "noting": [], "is_crowd": False}
