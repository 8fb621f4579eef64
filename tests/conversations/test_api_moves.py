"""Moving what was said, for programs."""

import pytest

from tenancy.models import Workspace
from tests.programs import Program, letter, problem


@pytest.fixture
def two(workspace: Workspace) -> tuple[int, int, list[int]]:
    """The numbers of two conversations, and the entries of the first, the oldest first."""
    first = letter(workspace, "My parcel is late", subject="Parcel")
    more = letter(
        workspace, "And my bill is wrong", thread_keys=(first.entry.external_id,), starts_thread=False
    )
    other = letter(workspace, "My bill", subject="Bill")
    assert first.conversation
    assert other.conversation
    assert first.conversation == more.conversation
    return first.conversation.number, other.conversation.number, [first.entry.pk, more.entry.pk]


def texts(program: Program, number: int) -> list[str]:
    rows = program.rows(f"conversations/{number}/entries/")
    return [row["text"] for row in rows if row["kind"] == "message"]


def test_entries_are_moved_and_brought_back(program: Program, two):
    here, there, (_, bill) = two
    response = program.post(f"conversations/{here}/moves/", {"entries": [bill], "to": there})
    moved = response.json()
    assert (response.status_code, moved["to"], texts(program, here)) == (201, there, ["My parcel is late"])
    assert program.get(f"entries/{bill}/").json()["conversation"] == there
    record = program.follow(response.headers["Location"]).json()
    assert (record["id"], record["event"], record["conversation"]) == (moved["id"], "moved_out", here)
    assert record["facts"] == {"to": there, "count": 1, "all": False}
    assert program.post(f"entries/{moved['id']}/undo/").status_code == 200
    assert texts(program, here) == ["And my bill is wrong", "My parcel is late"]


@pytest.mark.parametrize("thread_only", [True, False])
def test_a_second_matter_gets_a_conversation_of_its_own(program: Program, two, thread_only: bool):
    here, there, (_, bill) = two
    body = {"entry": bill, "thread_only": thread_only}
    moved = program.post(f"conversations/{here}/splits/", body).json()
    assert moved["to"] not in {here, there}
    assert texts(program, moved["to"]) == ["And my bill is wrong"]


def test_what_cannot_be_moved_is_refused_with_the_reason(program: Program, two):
    here, there, (first, bill) = two
    path = f"conversations/{here}/"
    told = problem(program.post(f"{path}moves/", {"entries": [bill], "to": here}))["detail"]
    assert told == f"It is in #{here} already."
    told = problem(program.post(f"{path}splits/", {"entry": first}))["detail"]
    assert told == "Nothing would stay behind: the conversation begins with it."
    for verb, body, field in [
        ("moves", {"entries": [], "to": there}, "entries"),
        ("moves", {"entries": [999], "to": there}, "entries"),
        ("moves", {"entries": [bill], "to": 999}, "to"),
        ("moves", {"entries": [bill], "to": 2**70}, "to"),
        ("splits", {"entry": None}, "entry"),
    ]:
        errors = problem(program.post(f"{path}{verb}/", body))["errors"]
        assert [name.partition(".")[0] for name in errors] == [field]
    assert program.post("conversations/999/moves/", {"entries": [bill], "to": there}).status_code == 404
