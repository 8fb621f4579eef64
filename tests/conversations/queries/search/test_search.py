"""What questions find: every operator, what is left out, pages, and what is marked."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from contacts.services import notes, people
from contacts.types import Address, AddressKind, Proof
from conversations.models import Channel, Conversation
from conversations.queries.search.found import Search, page
from conversations.queries.search.shown import shown
from conversations.services import edits, work
from conversations.services.channels import create_channel
from conversations.services.labels import label_named
from conversations.services.notes import note
from conversations.services.receive import receive
from conversations.types import InboundMessage, IncomingFile
from tenancy.asked import asked
from tenancy.models import Member
from tenancy.scope import scope

numbers = count(1)


@pytest.fixture
def mail(in_scope) -> Channel:
    return create_channel(kind="email", name="Support", config={"address": "a@us.example"}, secrets={})[0]


@pytest.fixture
def say(mail) -> Callable[..., Conversation]:
    """`say("words", sender=…)`: somebody writes; returns the conversation."""

    def said(text: str, sender: str = "dana@northwind.example", channel: Channel = mail, **fields):
        address = Address(
            kind=AddressKind.EMAIL, value=sender, name=sender.split("@", maxsplit=1)[0], proof=Proof.ATTESTED
        )
        usual: dict[str, Any] = {"subject": "Hello", "starts_thread": True}
        message = InboundMessage(
            external_id=f"m{next(numbers)}", sender=address, text=text, **(usual | fields)
        )
        got = receive(channel=channel, message=message, received_at=timezone.now())
        assert got.conversation
        return got.conversation

    return said


@pytest.fixture
def find(in_scope, member: Member) -> Callable[[str], list[str]]:
    """`find("question")`: what is found, as "kind: title", newest first."""

    def found(question: str) -> list[str]:
        wanted = Search.of(asked(question), member)
        return [f"{hit.kind}: {hit.title.striptags()}" for hit in shown(wanted, page(wanted))]

    return found


@pytest.fixture
def office(say, member):
    """Three matters: an open one of Dana's with a file, a resolved one of Ben's by chat, and spam."""
    account = people.create_account(name="Northwind Robotics", domains=["northwind.example"])
    file = IncomingFile("invoice.pdf", "application/pdf", b"x")
    dana = say("The parcel is late", subject="Order 31877", files=(file,))
    assert dana.contact
    people.affiliate(contact=dana.contact, account=account)
    people.create_account(name="Southwind")
    work.assign(conversation=dana, assignee=member, member=member)
    work.add_label(conversation=dana, label=label_named(name="VIP"), member=member)
    chat = create_channel(kind="chat", name="Site", config={"origin": "https://us.example"}, secrets={})[0]
    ben = say("My parcel is here", sender="ben@cust.example", subject="Thanks", channel=chat)
    work.resolve(conversation=ben, member=member)
    spam = say("Cheap parcel", sender="eve@bad.example", subject="Buy")
    work.mark_spam(conversation=spam, member=member)
    return {"dana": dana, "ben": ben, "spam": spam}


DANA, BEN = ["entry: dana"], ["entry: ben"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("parcel", [*BEN, *DANA]),
        ("parcel is:spam", ["entry: eve"]),
        ("parcel from:dana", DANA),
        ("parcel -from:dana", BEN),
        ("parcel from:northwind.example", DANA),
        ("parcel to:dana", []),
        ("parcel channel:chat", BEN),
        ("parcel channel:support", DANA),
        ("parcel -channel:chat", DANA),
        ("parcel label:vip", DANA),
        ("parcel -label:vip", BEN),
        ("parcel is:open", DANA),
        ("parcel is:resolved", BEN),
        ("parcel is:open is:resolved", [*BEN, *DANA]),
        ("parcel -is:open", BEN),
        ("parcel is:snoozed or is:resolved", BEN),
        ("parcel label:vip or label:none", DANA),
        ("parcel label:vip label:none", []),
        ("parcel assignee:me or assignee:none", [*BEN, *DANA]),
        ("parcel -assignee:me -assignee:none", []),
        ("in:accounts account:north or account:south", ["account: Northwind Robotics", "account: Southwind"]),
        ("parcel is:snoozed", []),
        ("parcel is:mine", DANA),
        ("parcel is:unassigned", BEN),
        ("parcel is:unread", [*BEN, *DANA]),
        ("parcel assignee:@me", DANA),
        ("parcel assignee:none", BEN),
        ("parcel has:file", DANA),
        ("parcel -has:file", BEN),
        ("parcel account:north", DANA),
        ("parcel -account:north", BEN),
        ("in:contacts account:north", ["contact: dana"]),
        ("-account:north in:contacts", ["contact: ben", "contact: eve"]),
        ("-account:north in:accounts", ["account: Southwind"]),
        ("robotics -account:nobody", ["account: Northwind Robotics"]),
        (
            "northwind -in:messages -in:files -in:conversations",
            ["contact: dana", "account: Northwind Robotics"],
        ),
        ("in:contacts -in:contacts", []),
        ("parcel since:today", [*BEN, *DANA]),
        ("parcel before:today", []),
        ("parcel on:yesterday", []),
        ("parcel -on:today", []),
        ("-on:today", []),
        ("parcel -on:yesterday", [*BEN, *DANA]),
        ("parcel -since:2d", []),
        ("parcel -before:today", [*BEN, *DANA]),
        ("parcel after:2020", [*BEN, *DANA]),
        ("in:files invoice", ["file: invoice.pdf"]),
        ("in:contacts dana", ["contact: dana"]),
        ("in:accounts", ["account: Northwind Robotics", "account: Southwind"]),
        ("robotics", ["account: Northwind Robotics"]),
        ("in:conversations 31877", ["conversation: Order 31877"]),
        ("is:mine", ["conversation: Order 31877"]),
        ("channel:chat", ["conversation: Thanks"]),
        ("is:spam", ["conversation: Buy"]),
        ("has:file", [*DANA, "file: invoice.pdf"]),
        ("late par", DANA),
        ('"parcel late"', []),
        ('"parcel is late"', DANA),
        ("parcels", [*BEN, *DANA]),
    ],
)
def test_operators_narrow_down(office, find, question, found):
    assert sorted(find(question)) == sorted(found)


def test_a_number_finds_its_conversation(office, find):
    assert find(f"#{office['dana'].number}") == ["conversation: Order 31877"]
    assert find(f"number:{office['ben'].number}") == ["conversation: Thanks"]
    assert find("#999999") == []


def test_a_number_that_is_not_wanted_leaves_out_all_of_its_conversation(office, find):
    assert find(f"parcel -#{office['dana'].number}") == BEN
    assert find(f"parcel -number:{10**30}") == [*BEN, *DANA]


def test_me_is_whoever_asks(office, find, member):
    note(conversation=office["dana"], member=member, text="My note on the parcel")
    say = find("in:messages parcel")
    mine = [f"entry: {member.name}"]
    assert find("parcel from:me") == find("parcel from:@me") == find("from:me parcel") == mine
    assert find("in:messages parcel -from:me") == [one for one in say if one not in mine]
    assert sorted(find("in:messages parcel from:me or from:dana")) == sorted([*mine, *DANA])
    assert find('parcel from:"me"') == []


def test_what_is_to_me_is_to_my_address(say, find, member):
    say("With me in copy", cc=(Address(kind=AddressKind.EMAIL, value=member.user.email),))
    say("Without", sender="mel@cust.example")
    assert find("in:messages to:me") == DANA
    assert find("in:messages from:me") == []


def test_days_that_are_not_wanted_are_not_looked_through(say, member, monkeypatch):
    monkeypatch.setattr("conversations.queries.search.found.ROUNDS", 2)
    with time_machine.travel("2026-03-01"):
        old = say("parcel")
    for place in range(4):
        say(f"parcel {place}")
    part = page(Search.of(asked("in:messages parcel -on:today"), member), size=1)
    assert [one.of for one in part.found] == [old.entries.get(kind="message").pk]


@pytest.mark.parametrize(
    ("question", "remark"),
    [
        (
            "is:shut",
            "“is:shut” is none of: open, pending, snoozed, resolved, unread, unassigned, mine, spam.",
        ),
        ("before:soon", "“soon” is no day: write 2026-11-01, 2026-11, yesterday or 90d."),
        ("before:2026-13", "“2026-13” is no day: write 2026-11-01, 2026-11, yesterday or 90d."),
        ("label:none", "There is no label “none”."),
        ("channel:fax", "There is no channel “fax”."),
        ("account:none", "There is no account “none”."),
        ("assignee:nobodyelse", "Nobody here is called “nobodyelse”."),
        ("has:wings", "Only “has:file” is known, not “has:wings”."),
        (
            "in:space",
            "“in:space” is none of: conversations, messages, contacts, accounts, files.",
        ),
        ("number:x", "A number is written so: #48213."),
    ],
)
def test_what_an_operator_cannot_mean_is_said(in_scope, member, question, remark):
    assert Search.of(asked(question), member).narrowed.remarks == [remark]


def test_pages_go_on_where_they_ended(say, member):
    conversations = [say(f"parcel {place}", subject=f"Matter {place}").pk for place in range(7)]
    wanted, below, found = Search.of(asked("parcel "), member), None, []
    while True:
        part = page(wanted, below=below, size=3)
        found += [hit.row.conversation_id for hit in shown(wanted, part)]
        below = part.older
        if below is None:
            break
    assert found == conversations[::-1]


def test_a_page_that_looked_far_without_finding_enough_says_how_far(say, member, monkeypatch):
    monkeypatch.setattr("conversations.queries.search.found.LOOK", 2)
    monkeypatch.setattr("conversations.queries.search.found.ROUNDS", 2)
    for place in range(9):
        say(f"parcel {place}")
    wanted = Search.of(asked("in:messages parcel is:snoozed"), member)
    part = page(wanted, size=1)
    assert (part.found, part.is_short, part.older is None) == ([], True, False)


def test_what_was_taken_back_or_erased_is_not_found(say, find):
    entry = say("parcel").entries.get(kind="message")
    edits.delete(entry=entry)
    assert find("in:messages parcel") == []


def test_words_are_marked_and_all_else_is_escaped(say, member):
    conversation = say("First line\n\n<script>alert(1)</script> the Parcels & more", subject="<b>Parcel</b>")
    note(conversation=conversation, member=member, text="請求書の確認")
    wanted = Search.of(asked("parcel"), member)
    hits = {hit.kind: hit for hit in shown(wanted, page(wanted))}
    assert hits["conversation"].title == "&lt;b&gt;<mark>Parcel</mark>&lt;/b&gt;"
    assert hits["entry"].excerpt == (
        "First line &lt;script&gt;alert(1)&lt;/script&gt; the <mark>Parcels</mark> &amp; more"
    )
    wanted = Search.of(asked("確認"), member)
    assert [hit.excerpt for hit in shown(wanted, page(wanted))] == ["請求書の<mark>確認</mark>"]


@pytest.mark.parametrize("question", ["müller", "Mueller", "mu", "mue", '"von mueller kam"', "MÜLLER "])
def test_umlauts_are_found_and_marked_however_they_are_written(say, member, question):
    say("von Müller kam", sender="a@cust.example")
    if question != "mu":
        say("von Mueller kam", sender="b@cust.example")
    wanted = Search.of(asked(f"in:messages {question}"), member)
    hits = shown(wanted, page(wanted))
    assert len(hits) == (1 if question == "mu" else 2)
    assert all("<mark>M" in hit.excerpt or "<mark>von" in hit.excerpt for hit in hits)


def test_private_notes_say_why_somebody_was_found(in_scope, member):
    contact, account = people.create_contact(name="Zoe"), people.create_account(name="Northwind")
    for about in (contact, account):
        notes.write(about=about, member=member, text="Collects stamps")
        notes.write(about=about, member=member, text="Prefers mornings")
    wanted = Search.of(asked("stamps"), member)
    excerpts = {hit.kind: hit.excerpt for hit in shown(wanted, page(wanted))}
    assert excerpts == dict.fromkeys(("contact", "account"), "Collects <mark>stamps</mark>")


@pytest.mark.parametrize("question", ["in:conversations hello", "is:open", "in:conversations is:open hello"])
def test_a_conversation_stands_where_it_began_with_words_and_without(say, member, find, question):
    with time_machine.travel("2026-01-01"):
        old = say("First", subject="Hello old")
    say("New", subject="Hello new", sender="ben@cust.example")
    note(conversation=old, member=member, text="The last word")
    assert find(question) == ["conversation: Hello new", "conversation: Hello old"]
    assert find(f"{question} since:7d") == ["conversation: Hello new"]
    assert find(f"{question} before:2026-02") == ["conversation: Hello old"]


def test_an_excerpt_shows_the_place_where_it_is_said(say, member):
    say("word " * 200 + "needle " + "word " * 200)
    wanted = Search.of(asked("needle"), member)
    (hit,) = shown(wanted, page(wanted))
    assert hit.excerpt.startswith("… word ")
    assert hit.excerpt.endswith(" word …")
    assert "<mark>needle</mark>" in hit.excerpt
    assert len(hit.excerpt) < 260


def test_the_other_workspace_finds_nothing(office, other_workspace, member):
    with scope(other_workspace.pk):
        assert page(Search.of(asked("parcel"), member)).found == []
