"""Conversations, for programs: reading them and working on them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from contacts.services import people
from conversations.models import Conversation, Effort
from conversations.services import work
from tenancy.models import Member, Role, Workspace
from tenancy.scope import scope
from tests.people import member_of, new_member
from tests.programs import Program, change, letter, mail_channel, problem

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_conversation_is_known_by_its_number(program: Program, workspace: Workspace):
    got = letter(workspace, "It is broken", subject="Broken")
    assert got.conversation
    assert got.contact
    row = program.get(f"conversations/{got.conversation.number}/").json()
    assert (row["id"], row["number"]) == (got.conversation.number, got.conversation.number)
    assert (row["subject"], row["status"], row["priority"], row["preview"]) == (
        "Broken",
        "open",
        "normal",
        "It is broken",
    )
    assert (row["contact"], row["assignee"], row["channel"]) == (
        got.contact.pk,
        None,
        mail_channel(workspace).pk,
    )
    assert program.rows("conversations/") == [row]


@pytest.fixture
def three(workspace: Workspace, member: Member) -> list[int]:
    """Numbers of three conversations: one resolved, one pending and assigned on another channel, one spam."""
    resolved = letter(workspace, sender="ana@cust.example").conversation
    pending = letter(
        workspace, sender="bo@cust.example", channel=mail_channel(workspace, "Sales")
    ).conversation
    spam = letter(workspace, sender="spam@cust.example", spam=True).conversation
    change(workspace, work.resolve, conversation=resolved, member=member)
    change(workspace, work.set_status, conversation=pending, status="pending", member=member)
    change(workspace, work.take, conversation=pending, member=member)
    return [conversation.number for conversation in (resolved, pending, spam) if conversation]


def test_conversations_are_filtered(program: Program, admin_program: Program, workspace, member, three):
    resolved, pending, spam = three
    ids = program.ids
    assert ids("conversations/") == [pending, resolved]
    assert ids("conversations/", status="resolved") == [resolved]
    assert ids("conversations/", status="snoozed") == []
    assert ids("conversations/", is_spam="true") == [spam]
    assert ids("conversations/", assignee=member.pk) == ids("conversations/", assignee="me") == [pending]
    assert ids("conversations/", assignee="none") == [resolved]
    assert admin_program.ids("conversations/", assignee="me") == []
    assert ids("conversations/", channel=mail_channel(workspace, "Sales").pk) == [pending]
    contact = program.get(f"conversations/{resolved}/").json()["contact"]
    assert ids("conversations/", contact=contact) == [resolved]
    assert ids("conversations/", contact=contact, status="open") == []
    assert ids("conversations/", status="", assignee="", contact="", account="", channel="") == [
        pending,
        resolved,
    ]
    assert program.get(f"conversations/{spam}/").json()["is_spam"] is True


def test_conversations_are_filtered_by_account(program: Program, workspace: Workspace):
    got = letter(workspace)
    account = change(workspace, people.create_account, name="Northwind")
    change(workspace, people.affiliate, contact=got.contact, account=account)
    later = letter(workspace, "A second matter").conversation
    assert later
    assert got.conversation
    both = [later.number, got.conversation.number]
    assert program.ids("conversations/", account=account.pk) == both


@pytest.mark.parametrize(
    "query",
    [
        {"status": "shut"},
        {"assignee": "x"},
        {"assignee": "9" * 19},
        {"assignee": "us"},
        {"contact": "0"},
        {"account": 2**63},
        {"channel": "1.5"},
        {"nope": "1"},
    ],
)
def test_a_filter_that_cannot_be_is_refused(program: Program, query):
    assert problem(program.get("conversations/", **query))["errors"].keys() == query.keys()


def test_work_goes_through_the_services(program: Program, workspace: Workspace, member: Member):
    conversation = letter(workspace).conversation
    assert conversation
    path = f"conversations/{conversation.number}/"
    body = {"subject": "Refund", "priority": "urgent", "assignee": member.pk, "status": "resolved"}
    changed = program.patch(path, body).json()
    assert {name: changed[name] for name in body} == body
    events = program.rows(f"{path}entries/", page_size=10)
    assert [row["event"] for row in events] == ["resolved", "assigned", "priority", "renamed", ""]
    assert {row["member"] for row in events[:4]} == {member.pk}
    assert program.patch(path, {"status": "open", "assignee": None}).json()["assignee"] is None
    assert program.patch(path, {"is_spam": True}).json()["is_spam"] is True
    assert program.patch(path, {"is_spam": False}).json()["is_spam"] is False


def test_a_conversation_is_snoozed_until_a_time(program: Program, workspace: Workspace):
    conversation = letter(workspace).conversation
    assert conversation
    path = f"conversations/{conversation.number}/"
    until = (timezone.now() + timedelta(days=1)).isoformat()
    assert program.patch(path, {"status": "snoozed", "snoozed_until": until}).json()["status"] == "snoozed"
    assert program.patch(path, {"status": "open"}).json()["snoozed_until"] is None


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"status": "snoozed"}, ["snoozed_until"]),
        ({"snoozed_until": "2040-01-01T00:00:00Z"}, ["snoozed_until"]),
        ({"status": "snoozed", "snoozed_until": "2020-01-01T00:00:00Z"}, ["snoozed_until"]),
        ({"status": "snoozed", "snoozed_until": "0001-01-01T00:00:00+14:00"}, ["snoozed_until"]),
        ({"status": "snoozed", "snoozed_until": "9999-12-31T23:59:59-14:00"}, ["snoozed_until"]),
        ({"status": "shut"}, ["status"]),
        ({"status": []}, ["status"]),
        ({"priority": 3}, ["priority"]),
        ({"priority": {}}, ["priority"]),
        ({"assignee": 2**64}, ["assignee"]),
        ({"assignee": 1.5}, ["assignee"]),
        ({"subject": "x" * 301}, ["subject"]),
        ({"subject": ""}, ["subject"]),
        ({"is_spam": "perhaps"}, ["is_spam"]),
        ({"number": 7}, ["number"]),
    ],
)
def test_a_change_that_cannot_be_is_refused(program: Program, workspace: Workspace, body, fields):
    conversation = letter(workspace).conversation
    assert conversation
    assert list(problem(program.patch(f"conversations/{conversation.number}/", body))["errors"]) == fields


def test_nobody_works_on_what_is_another_workspaces(program: Program, workspace, other_workspace):
    foreign, mine = letter(other_workspace), letter(workspace).conversation
    assert foreign.conversation
    assert foreign.contact
    assert mine
    with scope(other_workspace.pk):
        Conversation.objects.update(number=999)
    assert program.get("conversations/999/").status_code == 404
    assert program.patch("conversations/999/", {"status": "resolved"}).status_code == 404
    assert program.get("conversations/999/entries/").status_code == 404
    assert program.post("conversations/999/entries/", {"kind": "note", "text": "Hi"}).status_code == 404
    assert program.get(f"entries/{foreign.entry.pk}/").status_code == 404
    assert program.get(f"contacts/{foreign.contact.pk}/timeline/").status_code == 404
    assignee = member_of(other_workspace, Role.AGENT).pk
    response = program.patch(f"conversations/{mine.number}/", {"assignee": assignee})
    assert problem(response)["errors"] == {"assignee": ["There is no such member."]}
    for name, value in {"contact": foreign.contact.pk, "assignee": assignee, "channel": 1}.items():
        assert program.ids("conversations/", **{name: value}) in ([], [mine.number])
    assert program.ids("entries/", search="hello", contact=foreign.contact.pk) == []
    assert len(program.ids("entries/")) == 1


def test_labels_are_a_filter(program: Program, workspace: Workspace):
    for n in range(3):
        letter(workspace, f"Text {n}")
    numbers = [row["id"] for row in program.rows("conversations/")]
    program.patch(f"conversations/{numbers[1]}/", {"labels": ["Refund"]})
    (label,) = program.rows("labels/")
    assert [row["id"] for row in program.rows("conversations/", label=label["id"])] == [numbers[1]]
    assert program.rows("conversations/", label=99999) == []


def test_unread_is_the_members_own(program: Program, workspace: Workspace, member: Member):
    conversation = letter(workspace, "Hello").conversation
    assert conversation
    path = f"conversations/{conversation.number}/"
    assert program.get(path).json()["is_unread"]
    change(workspace, work.mark_seen, conversation=conversation, member=member)
    assert [row["is_unread"] for row in program.rows("conversations/")] == [False]
    assert Program(new_member(workspace, Role.MANAGER, name="Mara")).get(path).json()["is_unread"]
    change(workspace, work.mark_unseen, conversation=conversation, member=member)
    assert program.get(path).json()["is_unread"]


def test_labels_are_replaced_by_name(program: Program, workspace: Workspace):
    conversation = letter(workspace).conversation
    assert conversation
    path = f"conversations/{conversation.number}/"
    assert program.patch(path, {"labels": ["Refund", "VIP", "refund"]}).json()["labels"] == ["Refund", "VIP"]
    assert program.patch(path, {"labels": ["vip", "Late"]}).json()["labels"] == ["Late", "VIP"]
    assert program.patch(path, {"subject": "Hi"}).json()["labels"] == ["Late", "VIP"]
    assert program.patch(path, {"labels": []}).json()["labels"] == []
    assert [row["name"] for row in program.rows("labels/")] == ["Late", "VIP", "Refund"]
    for labels in ("VIP", [""], [7], ["x" * 61], ["x"] * 51):
        assert problem(program.patch(path, {"labels": labels}))["status"] == 400


def test_a_conversation_says_how_long_members_were_at_it(
    program: Program, workspace: Workspace, member, admin
):
    busy, idle = letter(workspace).conversation, letter(workspace, "Another matter").conversation
    with scope(workspace.pk):
        for who, minute, seconds in ((member, 0, 60), (member, 15, 30), (admin, 0, 7)):
            at = NOON + timedelta(minutes=minute)
            Effort.objects.create(conversation=busy, member=who, at=at, seconds=seconds)
    assert [row["effort_seconds"] for row in program.rows("conversations/")] == [0, 97]
    assert busy
    assert idle
    assert program.get(f"conversations/{busy.number}/").json()["effort_seconds"] == 97


@pytest.mark.parametrize("sort", ["newest", "oldest", "waiting", "due", "priority"])
def test_lists_are_read_in_the_order_asked_for_there_and_back(
    program: Program, workspace: Workspace, sort: str
):
    numbers = []
    for n in range(4):
        conversation = letter(workspace, f"Letter {n}", subject=f"Matter {n}").conversation
        assert conversation
        numbers.append(conversation.number)
        due = None if n == 0 else f"2030-01-0{5 - n}T00:00:00Z"
        facts = {"due_at": due, "priority": "high" if n == 0 else "normal"}
        assert program.patch(f"conversations/{conversation.number}/", facts).status_code == 200
    program.patch(f"conversations/{numbers[1]}/", {"status": "resolved"})
    wanted = {
        "newest": [3, 2, 1, 0],
        "oldest": [0, 1, 2, 3],
        "waiting": [0, 2, 3],
        "due": [3, 2],
        "priority": [0, 3, 2],
    }[sort]
    page = program.get("conversations/", sort=sort, page_size=1).json()
    found = [page["results"][0]["id"]]
    while page["next"]:
        page = program.follow(page["next"]).json()
        found.append(page["results"][0]["id"])
    assert found == [numbers[place] for place in wanted]
    if page["previous"]:
        assert program.follow(page["previous"]).json()["results"][0]["id"] == found[-2]


@pytest.mark.parametrize(
    ("sort", "cursor"), [("priority", "1700000000000000-5"), ("newest", "3.1700000000000000-5")]
)
def test_a_cursor_of_another_order_is_refused(program: Program, sort: str, cursor: str):
    assert list(problem(program.get("conversations/", sort=sort, cursor=cursor))["errors"]) == ["cursor"]


def test_a_cursor_beyond_every_priority_ends_the_list(program: Program, workspace: Workspace):
    letter(workspace)
    page = program.get("conversations/", sort="priority", cursor="~999999999.1700000000000000-5").json()
    assert page["results"] == []


def test_a_due_date_far_away_or_an_unknown_order_is_refused(program: Program, workspace: Workspace):
    conversation = letter(workspace).conversation
    assert conversation
    refused = program.patch(f"conversations/{conversation.number}/", {"due_at": "2999-01-01T00:00:00Z"})
    assert list(problem(refused)["errors"]) == ["due_at"]
    assert list(problem(program.get("conversations/", sort="rank"))["errors"]) == ["sort"]
