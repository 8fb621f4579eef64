"""What the lists of conversations and entries cost: the same, however long they are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.services import people
from conversations.services import labels, work
from conversations.types import IncomingFile
from tenancy.models import Member, Workspace
from tests.programs import Program, change, letter, mail_channel, write


@pytest.fixture
def busy(program: Program, workspace: Workspace, member: Member) -> dict[str, int]:
    """Three conversations with everything that a list shows of them; ids of one contact, account, number."""
    account = change(workspace, people.create_account, name="Northwind")
    file = IncomingFile("log.txt", "text/plain", b"error 42")
    label = change(workspace, labels.label_named, name="Refund")
    for number in range(3):
        got = letter(workspace, f"Text {number}", files=(file,))
        change(workspace, people.affiliate, contact=got.contact, account=account)
        change(workspace, work.take, conversation=got.conversation, member=member)
        change(workspace, work.add_label, conversation=got.conversation, label=label, member=member)
        write(program, got.conversation, kind="message", channel=mail_channel(workspace).pk, text="Done")
        write(program, got.conversation, kind="note", text="Noted")
    assert got.contact
    assert got.conversation
    return {"contact": got.contact.pk, "account": account.pk, "number": got.conversation.number}


@pytest.mark.parametrize(
    "path",
    [
        "conversations/",
        "conversations/{number}/entries/",
        "entries/",
        "entries/?search=text",
        "deliveries/",
        "contacts/{contact}/timeline/",
        "accounts/{account}/timeline/",
    ],
)
def test_a_list_costs_the_same_however_long(program: Program, busy: dict[str, int], path: str):
    address, _, query = path.format(**busy).partition("?")
    words = dict(part.split("=") for part in query.split("&")) if query else {}
    assert len(program.rows(address, **words)) >= 3
    assert program.cost(address, page_size=1, **words) == program.cost(address, **words)


def test_a_list_of_conversations_reads_no_text(program: Program, busy: dict[str, int]):
    with CaptureQueriesContext(connection) as captured:
        assert len(program.rows("conversations/")) == 3
    assert not [query["sql"] for query in captured if "entry" in query["sql"]]
