"""Entries, their files, and the timelines, for programs."""

import pytest
from django.core.files.base import ContentFile

from contacts.services import people
from conversations.models import Attachment
from conversations.services import edits
from conversations.types import IncomingFile
from tenancy import search
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.programs import Program, change, letter, mail_channel, problem, write


def test_an_entry_has_all_that_is_promised(program: Program, workspace: Workspace):
    account = change(workspace, people.create_account, name="Northwind")
    contact = letter(workspace).contact
    change(workspace, people.affiliate, contact=contact, account=account)
    file = IncomingFile("log.txt", "text/plain", b"error 42")
    html = "<p>See <b>here</b><script>x</script></p>"
    got = letter(workspace, "See here", html=html, quoted="> before", files=(file,))
    row = program.get(f"entries/{got.entry.pk}/").json()
    expected = {
        "id": got.entry.pk,
        "kind": "message",
        "direction": "in",
        "text": "See here",
        "html": "<p>See <b>here</b></p>",
        "quoted": "> before",
        "channel": mail_channel(workspace).pk,
        "conversation": got.conversation.number if got.conversation else None,
        "contact": contact.pk if contact else None,
        "account": account.pk,
        "external_id": got.entry.external_id,
        "occurred_at": got.entry.at.isoformat().replace("+00:00", "Z"),
    }
    assert {name: row[name] for name in expected} == expected
    (attached,) = row["attachments"]
    assert (attached["name"], attached["content_type"], attached["size"]) == ("log.txt", "text/plain", 8)
    response = program.follow(attached["url"])
    assert (response.content, response.headers["Content-Disposition"]) == (
        b"error 42",
        'attachment; filename="log.txt"',
    )


def test_entries_are_filtered(program: Program, workspace: Workspace):
    ana = letter(workspace, "One")
    bo = letter(workspace, "Two", sender="bo@cust.example", channel=mail_channel(workspace, "Sales"))
    note = write(program, ana.conversation, kind="note", text="Three").json()["id"]
    assert ana.conversation
    assert bo.contact
    assert program.ids("entries/") == [note, bo.entry.pk, ana.entry.pk]
    assert program.ids("entries/", conversation=ana.conversation.number) == [note, ana.entry.pk]
    assert program.ids(f"conversations/{ana.conversation.number}/entries/") == [note, ana.entry.pk]
    assert program.ids("entries/", contact=bo.contact.pk) == [bo.entry.pk]
    assert program.ids("entries/", channel=mail_channel(workspace).pk) == [ana.entry.pk]
    assert program.ids("entries/", kind="note") == [note]
    assert program.ids("entries/", search="", conversation="", contact="", channel="", kind="") == [
        note,
        bo.entry.pk,
        ana.entry.pk,
    ]


@pytest.mark.parametrize(
    "query",
    [{"kind": "fax"}, {"conversation": 2**63}, {"search": "a\0b"}, {"search": "x" * 201}, {"contact": "x"}],
)
def test_an_entry_filter_that_cannot_be_is_refused(program: Program, query):
    assert problem(program.get("entries/", **query))["errors"].keys() == query.keys()


def test_entries_are_found_by_words_of_text_and_subject(program: Program, workspace: Workspace):
    one = letter(workspace, "The invoice INV-2024-7 is wrong", subject="Complaint").entry.pk
    two = letter(workspace, "Thanks for the parcel", subject="Praise").entry.pk
    found = {
        "invoice": [one],
        "INVOICE wrong": [one],
        "inv-2024-7": [one],
        '"invoice is"': [],
        '"is wrong"': [one],
        "praise": [two],
        "invoice or parcel": [two, one],
        "the -parcel": [one],
        "nothing": [],
        "...": [],
        "' | & !": [],
    }
    assert {words: program.ids("entries/", search=words) for words in found} == found


def test_only_what_an_entry_says_now_is_found(program: Program, workspace: Workspace):
    got = letter(workspace, "The old word")
    change(workspace, edits.edit, entry=got.entry, text="The new word")
    assert program.ids("entries/", search="old") == []
    assert program.ids("entries/", search="new") == [got.entry.pk]
    assert program.get(f"entries/{got.entry.pk}/").json()["text"] == "The new word"
    change(workspace, edits.erase, entry=got.entry)
    assert program.ids("entries/", search="new") == []


def test_words_of_a_text_beyond_all_bounds_do_no_harm(program: Program, workspace: Workspace):
    text = " ".join(f"{number:x}" for number in range(300_000))
    got = letter(workspace, text)
    assert program.ids("entries/", search="1f") == [got.entry.pk]
    assert len(text) > search.LENGTH


def test_files_that_are_gone_foreign_or_not_yet_sent_are_not_there(program, workspace, other_workspace):
    file = IncomingFile("log.txt", "text/plain", b"error 42")
    with scope(workspace.pk):
        gone = Attachment.objects.create(name="x", size=1, file="nowhere", entry=letter(workspace).entry)
        unsent = Attachment.objects.create(name="x", size=1, file=ContentFile(b"x", "x"))
    letter(other_workspace, files=(file,))
    with scope(other_workspace.pk):
        foreign = Attachment.objects.get()
    for attachment in (gone, unsent, foreign):
        assert problem(program.get(f"attachments/{attachment.pk}/"))["status"] == 404


def test_timelines_hold_everything_over_all_channels(program: Program, workspace: Workspace):
    first = letter(workspace, "One")
    account = change(workspace, people.create_account, name="Northwind")
    change(workspace, people.affiliate, contact=first.contact, account=account)
    second = letter(workspace, "Two", channel=mail_channel(workspace, "Sales"))
    letter(workspace, "Three", sender="bo@cust.example")
    assert first.contact
    path = f"contacts/{first.contact.pk}/timeline/"
    assert program.ids(path) == [second.entry.pk, first.entry.pk]
    assert program.ids(f"accounts/{account.pk}/timeline/") == [second.entry.pk, first.entry.pk]
    page = program.get(path, page_size=1).json()
    assert [row["text"] for row in page["results"]] == ["Two"]
    page = program.follow(page["next"]).json()
    assert ([row["text"] for row in page["results"]], page["next"]) == (["One"], None)
    assert problem(program.get(path, search="x"))["status"] == 400
