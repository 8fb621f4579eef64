"""Search for programs: everything, entries, contacts."""

from contacts.services import people
from tenancy.models import Workspace
from tests.programs import Program, change, letter, problem, write


def test_everything_is_found_with_where_it_is_said(program: Program, workspace: Workspace):
    got = letter(workspace, "Where is my <b>parcel</b>?", subject="Parcels", sender="ana@cust.example")
    account = change(workspace, people.create_account, name="Parcel Service")
    assert got.conversation
    found = program.get("search/", q="parcel").json()
    assert {(row["kind"], row["id"], row["conversation"]) for row in found["results"]} == {
        ("accounts", account.pk, None),
        ("entries", got.entry.pk, got.conversation.number),
        ("conversations", got.conversation.number, got.conversation.number),
    }
    row = next(row for row in found["results"] if row["kind"] == "entries")
    assert row["excerpt"] == "Where is my <b>parcel</b>?"
    assert [row["excerpt"][start:end] for start, end in row["marks"]] == ["parcel"]
    assert (found["next"], found["remarks"]) == (None, [])


def test_pages_and_remarks(program: Program, workspace: Workspace):
    for number in range(3):
        letter(workspace, f"parcel {number}", subject="Hello")
    found = program.get("search/", q="in:messages parcel foo:bar", page_size=2).json()
    assert (found["results"], len(found["remarks"])) == ([], 1)
    found = program.get("search/", q="in:messages parcel ", page_size=2).json()
    further = program.follow(found["next"]).json()
    assert [len(found["results"]), len(further["results"]), further["next"]] == [2, 1, None]


def test_what_cannot_be_asked_is_refused(program: Program):
    assert program.get("search/").json() == {"results": [], "next": None, "remarks": []}
    assert problem(program.get("search/", q="x", cursor="x"))["status"] == 400
    assert problem(program.get("search/", q="x", page_size="many"))["status"] == 400
    assert problem(program.get("search/", q="x", words="y"))["errors"].keys() == {"words"}


def test_entries_are_found_by_operators_and_among_others_filters(program: Program, workspace: Workspace):
    ana = letter(workspace, "the parcel", sender="ana@cust.example")
    bo = letter(workspace, "the parcel", sender="bo@cust.example")
    note = write(program, ana.conversation, kind="note", text="the parcel came").json()["id"]
    assert ana.conversation
    assert program.ids("entries/", search="parcel from:bo") == [bo.entry.pk]
    assert program.ids("entries/", search="parcel is:resolved") == []
    assert program.ids("entries/", search="parcel", conversation=ana.conversation.number) == [
        note,
        ana.entry.pk,
    ]
    assert program.ids("entries/", search="came", conversation=ana.conversation.number) == [note]
    page = program.get("entries/", search="parcel", page_size=2).json()
    below = program.follow(page["next"]).json()
    assert [row["id"] for row in below["results"]] == [ana.entry.pk]
    assert [row["id"] for row in program.follow(below["previous"]).json()["results"]] == [note, bo.entry.pk]


def test_contacts_are_found_by_words(program: Program, workspace: Workspace):
    ana = change(workspace, people.create_contact, name="Ana María Lind", facts={"plan": "Scale"})
    assert program.ids("contacts/", search="maria") == [ana.pk]
    assert program.ids("contacts/", search="scale lin") == [ana.pk]
    assert program.ids("contacts/", search="-lind") == []
