"""The connection test, step by step."""

from dataclasses import replace

import pytest

from channels_ingest.adapters.twilio.sms import SmsAdapter
from channels_ingest.base import ChannelFacts
from tests.channels_ingest.adapters.twilio.calls import HOOK, NUMBER, channel
from tests.providers.twilio import TwilioServer

PASTE = (
    "In Twilio's console, under “A message comes in”, choose Webhook and HTTP POST, and paste "
    "https://desk.example/hooks/twilio-sms/t/#rc=3&rp=all"
)


@pytest.fixture
def hooked(ours: ChannelFacts) -> ChannelFacts:
    return replace(ours, hook_url=HOOK)


def steps(facts: ChannelFacts) -> list[tuple[str, bool, str]]:
    return [(step.name, step.ok, step.detail) for step in SmsAdapter().check(facts)]


def test_all_is_well(twilio: TwilioServer, hooked: ChannelFacts):
    twilio.add_number(NUMBER, f"{HOOK}#rc=3&rp=all")
    assert steps(hooked) == [
        ("Account", True, "Signed in to Acme at Twilio."),
        ("Number", True, "+12065550100 belongs to the account."),
        ("Webhook", True, "Messages come here."),
    ]


def test_a_wrong_token(twilio: TwilioServer, hooked: ChannelFacts):
    (step,) = steps(replace(hooked, secrets={"auth_token": "wrong"}))
    assert step == (
        "Account",
        False,
        "Twilio does not accept the account SID and auth token. Check them in the channel's settings.",
    )


def test_no_account(twilio: TwilioServer, hooked: ChannelFacts):
    (step,) = steps(replace(hooked, config={"number": NUMBER}))
    assert step == ("Account", False, "This channel has no account SID.")


def test_a_suspended_account(twilio: TwilioServer, hooked: ChannelFacts):
    twilio.status = "suspended"
    assert steps(hooked) == [
        ("Account", False, "The account is suspended. Sign in to Twilio to see why."),
    ]


def test_a_number_of_others(twilio: TwilioServer, hooked: ChannelFacts):
    twilio.numbers.clear()
    assert steps(hooked)[1:] == [("Number", False, "The account has no number +12065550100.")]


def test_a_number_for_calls_alone(twilio: TwilioServer, hooked: ChannelFacts):
    twilio.numbers[NUMBER].can_text = False
    assert steps(hooked)[1:] == [("Number", False, "+12065550100 cannot send text messages.")]


def test_a_short_code(twilio: TwilioServer, ours: ChannelFacts):
    twilio.add_number("24273", f"{HOOK}#rc=3&rp=all")
    short = channel(token=twilio.auth_token, account_sid=twilio.account_sid, number="24273")
    assert [ok for _, ok, _ in steps(short)] == [True, True, True]


@pytest.mark.parametrize(
    ("about", "ok", "words"),
    [
        ({"sms_url": ""}, False, "Messages to this number go to nobody."),
        (
            {"sms_url": "https://other.example/"},
            False,
            "Messages to this number go to https://other.example/.",
        ),
        ({"sms_url": HOOK, "sms_method": "GET"}, False, "Twilio calls with GET."),
        (
            {"sms_url": HOOK, "sms_application_sid": "AP1"},
            False,
            "A TwiML app takes the messages to this number.",
        ),
        ({"sms_url": HOOK}, True, "Messages come here. For Twilio to try again when we are down:"),
    ],
)
def test_where_messages_go(
    twilio: TwilioServer, hooked: ChannelFacts, about: dict[str, str], ok: bool, words: str
):
    for name, value in about.items():
        setattr(twilio.numbers[NUMBER], name, value)
    assert steps(hooked)[2] == ("Webhook", ok, f"{words} {PASTE}")


def test_before_the_channel_is_saved_it_has_no_address(twilio: TwilioServer, ours: ChannelFacts):
    assert steps(ours)[2][:2] == ("Webhook", True)


def test_a_messaging_service_decides_for_itself(twilio: TwilioServer, hooked: ChannelFacts):
    served = replace(hooked, config={**hooked.config, "messaging_service": "MG1"})
    assert steps(served)[2] == (
        "Webhook",
        True,
        f"The Messaging Service decides, and was not asked. {PASTE}",
    )
