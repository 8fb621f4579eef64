"""Notes about contacts and accounts, by programs."""

from contacts.services.people import create_account, create_contact
from contacts.types import AddressKind
from tenancy.models import Member, Workspace
from tenancy.scope import scope
from tests.programs import Program, problem


def test_a_program_writes_changes_and_archives_its_notes(
    program: Program, workspace: Workspace, member: Member
):
    with scope(workspace.pk):
        ana, account = create_contact(name="Ana"), create_account(name="Northwind")
    for path in (f"contacts/{ana.pk}/notes/", f"accounts/{account.pk}/notes/"):
        response = program.post(path, {"text": "Call after four."})
        row = response.json()
        assert (response.status_code, row["member"], row["text"]) == (201, member.pk, "Call after four.")
        assert program.follow(response.headers["Location"]).json() == row
        one = f"{path}{row['id']}/"
        assert program.patch(one, {"text": "After five."}).json()["text"] == "After five."
        assert program.delete(one).status_code == 204
        assert program.ids(path) == []
        assert program.get(one).json()["archived_at"]


def test_anothers_note_is_left_alone(program: Program, admin_program: Program, workspace: Workspace):
    with scope(workspace.pk):
        ana = create_contact(name="Ana")
    path = f"contacts/{ana.pk}/notes/"
    one = f"{path}{admin_program.post(path, {'text': 'Mine.'}).json()['id']}/"
    assert problem(program.patch(one, {"text": "x"}))["status"] == 409
    assert problem(program.delete(one))["status"] == 409
    assert problem(program.post(path, {"text": " "}))["status"] == 400


def test_an_address_is_no_longer_theirs(program: Program, workspace: Workspace):
    with scope(workspace.pk):
        ana = create_contact(name="Ana", addresses=[(AddressKind.EMAIL, "ana@cust.example")])
    path = f"contacts/{ana.pk}/identities/"
    (one,) = program.ids(path)
    assert program.delete(f"{path}{one}/").status_code == 204
    assert program.ids(path) == []
    assert program.get(f"contacts/{ana.pk}/").json()["identities"] == []
