"""One person on three channels: one contact, one conversation, one timeline."""

from contacts.types import AddressKind
from conversations.models import Conversation
from tests.scenarios.story import Story, address, counted, identities, mailbox, thread, timeline

PHONE = "+4915550001"


def test_chat_then_text_then_mail_are_one_conversation(story: Story) -> None:
    known = [mailbox("ana@cust.example"), address(AddressKind.PHONE, PHONE)]
    chat = story.chat("visitor-1", "The import fails: E42", also=known)
    story.answer(chat, "Please try a new key")
    story.later(hours=2)
    text = story.sms(PHONE, "Still E42, I am on the road")
    mail = story.mail("Ana Lind <ana@cust.example>", "Here is the whole log")

    assert [chat.rule, text.rule, mail.rule] == ["new", "continuity", "continuity"]
    assert counted() == (1, 1, 4)
    told = [
        "The import fails: E42",
        "Please try a new key",
        "Still E42, I am on the road",
        "Here is the whole log",
    ]
    assert thread(chat) == told
    assert timeline(mail.contact) == told
    assert identities(mail.contact) == [
        ("chat", "visitor-1", "attested"),
        ("email", "ana@cust.example", "attested"),
        ("phone", PHONE, "attested"),
        ("sms", PHONE, "attested"),
    ]
    conversation = Conversation.objects.get()
    assert conversation.trail == ["chat", "sms", "email"]
    assert (conversation.status, conversation.assignee) == ("open", story.agent)


def test_each_join_says_why(story: Story) -> None:
    story.whatsapp(PHONE, "Where is my parcel?", name="Ana Lind")
    text = story.sms(PHONE, "And the invoice")
    assert text.entry.data["who"] == {"key": "same", "kind": "whatsapp", "value": PHONE}
    assert text.entry.data["why"]["key"] == "person"
