"""The three stories, to the letter."""

import pytest

from contacts.models import Account, Contact
from conversations.models import Attachment, Conversation, Delivery, Entry, EntryBody
from conversations.queries import timelines
from conversations.queries.effort import spent_on
from tenancy.models import Member

pytestmark = pytest.mark.usefixtures("acme")


def matter_of(name: str) -> Conversation:
    """The one conversation of a person."""
    return Conversation.objects.select_related("contact", "account", "assignee").get(contact__name=name)


def spoken(conversation: Conversation) -> list[tuple[str, str, str]]:
    """(kind of channel, kind of entry, rule) of what was said, in order."""
    entries = Entry.objects.filter(conversation=conversation, kind__in=("message", "call")).order_by(
        "at", "id"
    )
    return [(str(entry.channel and entry.channel.kind), entry.kind, entry.rule) for entry in entries]


def test_chat_phone_and_mail_of_one_person_are_one_conversation():
    conversation = matter_of("Tess Okoye")
    assert conversation.trail == ["chat", "phone", "email"]
    assert spoken(conversation) == [
        ("chat", "message", "new"),
        ("chat", "message", ""),
        ("chat", "message", "thread"),
        ("phone", "call", "continuity"),
        ("email", "message", "continuity"),
    ]
    assert (str(conversation.account), str(conversation.assignee)) == ("Northpeak Robotics", "Mila Duarte")


def test_who_picks_up_the_phone_sees_transcript_log_and_suggested_fix():
    conversation = matter_of("Tess Okoye")
    call = Entry.objects.get(conversation=conversation, kind="call")
    before = Entry.objects.filter(conversation=conversation, at__lt=call.at).order_by("at", "id")
    kinds = [entry.event or entry.kind for entry in before]
    assert kinds.index("suggestion") < kinds.index("chat_disconnected") < len(kinds)
    log = Attachment.objects.get(entry__in=before)
    with log.file.open() as file:
        assert (log.content_type, b"plan_suspended" in file.read()) == ("text/plain", True)
    disconnected = before.get(event="chat_disconnected")
    assert (call.at - disconnected.at).total_seconds() == 2 * 3600
    assert call.data["seconds"] == 252


def test_the_time_that_was_spent_on_it_is_kept():
    shares = spent_on(matter_of("Tess Okoye").number).read().shares
    assert {share.member for share in shares} == {"Mila Duarte"}
    assert 5 * 60 < shares[0].seconds < 20 * 60


def test_a_return_goes_on_by_mail_with_the_same_agent():
    conversation = matter_of("Hanna Petrov")
    assert conversation.trail == ["instagram", "email"]
    assert [rule for *_, rule in spoken(conversation)] == ["new", "", "continuity", "", "", "thread", ""]
    answers = Entry.objects.filter(conversation=conversation, direction="out")
    assert {str(entry.member) for entry in answers} == {"Jonah Reyes"} == {str(conversation.assignee)}
    refund = EntryBody.objects.filter(entry__in=answers).latest("entry__at")
    assert "refunded $118.00" in refund.text


def test_an_escalation_is_marked_on_the_accounts_timeline():
    conversation = matter_of("Dana Whitlock")
    assert conversation.trail == ["slack", "email"]
    assert (conversation.priority, str(conversation.assignee)) == (4, "Ravi Menon")
    page = timelines.account_page(Account.objects.get(name="Bellweather Media"), size=20).read()
    hers = [moment.entry for moment in page.moments if moment.entry.conversation_id == conversation.pk]
    assert [entry.event or entry.kind for entry in hers[:3]] == ["note", "escalated", "message"]
    assert {entry.channel.kind for entry in hers if entry.channel} == {"email", "slack"}


def test_the_leads_own_mailbox_belongs_to_them():
    escalation = Entry.objects.get(channel__name="Ravi Menon, mailbox")
    assert escalation.channel is not None
    owner = Member.objects.get(name="Ravi Menon")
    assert (escalation.channel.owner, escalation.channel.address) == (owner, "manager@acme.example")


def test_each_story_has_one_contact_and_nothing_unsent():
    names = ["Tess Okoye", "Hanna Petrov", "Dana Whitlock"]
    assert Contact.objects.filter(name__in=names).count() == 3
    outcomes = Delivery.objects.filter(entry__conversation__contact__name__in=names)
    assert set(outcomes.values_list("status", "state").order_by()) == {
        ("read", "done"),
        ("delivered", "done"),
        ("sent", "done"),
    }
