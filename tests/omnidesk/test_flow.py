"""What follows an entry: mails to those whom it mentions, and the end of a snooze."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from contacts.models import Contact
from conversations.models import Conversation, Reaction
from conversations.services import matter, work
from conversations.services.notes import note
from omnidesk import letters
from tenancy import lanes
from tenancy.models import Brand, Member, Role, Workspace
from tests.people import new_member

NOW = "2026-11-19 10:00:00Z"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def conversation(clock: Any, in_scope: Workspace) -> Conversation:
    contact = Contact.objects.create(name="Dana")
    return matter.create(brand=Brand.objects.get(), subject="Printer\nis broken", contact=contact)


def reaction() -> tuple[str, str]:
    row = Reaction.objects.latest("id")
    return row.state, row.reason


def test_a_mention_tells_those_named_and_the_assignee_but_not_the_author(
    conversation: Conversation, workspace: Workspace, member: Member, admin: Member, owner: Member
):
    work.assign(conversation=conversation, assignee=owner, member=None)
    note(conversation=conversation, member=member, text="@Ada, please look", mentions=[admin, member])
    lanes.drain("reactions")
    assert [letter.to for letter in mail.outbox] == [["admin@acme.example"], ["owner@acme.example"]]
    letter = mail.outbox[0]
    assert letter.subject == f"Aki Agent on #{conversation.number} Printer is broken"
    assert "@Ada, please look" in letter.body
    assert f"http://127.0.0.1:8000/w/acme/inbox/{conversation.number}/" in letter.body
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    assert reaction() == ("done", "")


def test_bots_and_archived_members_get_no_mail(
    conversation: Conversation, workspace: Workspace, member: Member
):
    bot = Member.objects.create(name="Robot", is_bot=True)
    gone = new_member(workspace, Role.AGENT, name="Gone", email="gone@acme.example")
    Member.objects.filter(pk=gone.pk).update(archived_at=timezone.now())
    note(conversation=conversation, member=member, text="anybody?", mentions=[bot, gone])
    lanes.drain("reactions")
    assert mail.outbox == []


def test_a_note_that_names_nobody_tells_nobody(conversation: Conversation, member: Member, admin: Member):
    work.assign(conversation=conversation, assignee=admin, member=None)
    note(conversation=conversation, member=member, text="for the record")
    lanes.drain("reactions")
    assert (mail.outbox, reaction()) == ([], ("done", ""))


def test_a_mail_server_that_is_down_is_tried_again(
    conversation: Conversation, member: Member, admin: Member, clock: Any, settings: Any
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    note(conversation=conversation, member=member, text="@Ada", mentions=[admin])
    lanes.drain("reactions")
    state, reason = reaction()
    assert (state, reason.partition(":")[0]) == ("pending", "ConnectionRefusedError")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    clock.shift(timedelta(minutes=1))
    lanes.drain("reactions")
    assert (len(mail.outbox), reaction()) == (1, ("done", ""))


def test_a_worker_that_died_while_sending_sends_again(
    conversation: Conversation, member: Member, admin: Member, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    note(conversation=conversation, member=member, text="@Ada", mentions=[admin])
    Reaction.objects.update(state="taken", attempts=1, due_at=timezone.now() + lanes.LEASE)
    lanes.drain("reactions")
    assert mail.outbox == []
    clock.shift(lanes.LEASE + timedelta(seconds=1))
    lanes.drain("reactions")
    clock.shift(timedelta(seconds=1))
    lanes.drain("reactions")
    assert len(mail.outbox) == 1


def test_a_snoozed_conversation_comes_back_at_its_time(
    conversation: Conversation, member: Member, clock: Any
):
    work.snooze(conversation=conversation, until=timezone.now() + timedelta(hours=2), member=member)
    clock.shift(timedelta(hours=1))
    lanes.drain("reactions")
    conversation.refresh_from_db()
    assert conversation.status == "snoozed"
    clock.shift(timedelta(hours=1))
    lanes.drain("reactions")
    conversation.refresh_from_db()
    assert conversation.status == "open"


def test_one_refused_letter_does_not_hold_up_the_others(settings: Any):
    class Stub:
        def __init__(self, **_: Any) -> None: ...

        def send_messages(self, messages: list[mail.EmailMessage]) -> int:
            if messages[0].to == ["gone@acme.example"]:
                raise OSError("550 no such user")
            return 1

    good = mail.EmailMessage("x", "y", to=["admin@acme.example"])
    bad = mail.EmailMessage("x", "y", to=["gone@acme.example"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail, "get_connection", Stub)
        letters.send([bad, good])
        with pytest.raises(OSError, match="550 no such user"):
            letters.send([bad, bad])
