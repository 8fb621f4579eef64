"""Canned replies and macros of the demo: each can be said and run where it would be."""

from conversations.models import CannedReply, Conversation, Macro
from conversations.queries.tools import canned_for, values_of
from conversations.services.macros.planning import plan
from conversations.services.tools import say
from tenancy.models import Member


def test_every_reply_can_be_said_to_whoever_has_a_name(acme):
    member = Member.objects.get(user__email="agent@acme.example")
    conversation = Conversation.objects.select_related("contact", "account", "brand").exclude(
        contact__name=""
    )[0]
    replies = CannedReply.objects.all()
    assert replies.count() == 7
    assert [say(one, values_of(conversation, member)).missing for one in replies] == [()] * 7
    shared = [one for one in canned_for(conversation.number, member).read() if one.is_shared]
    assert {"order", "invoice"} <= {one.shortcut for one in shared}


def test_the_macros_can_be_run(acme):
    member = Member.objects.get(user__email="agent@acme.example")
    conversation = Conversation.objects.filter(last_channel__kind="email").exclude(contact=None)[0]
    macros = Macro.objects.order_by("name")
    assert [macro.name for macro in macros] == ["Escalate to the account lead", "Refund and close"]
    plans = [plan(macro=macro, conversation=conversation, member=member) for macro in macros]
    assert [len(one.steps) for one in plans] == [4, 3]
    assert plans[0].troubles == []
