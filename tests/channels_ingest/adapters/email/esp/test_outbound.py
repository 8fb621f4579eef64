"""Sending through each service, over HTTP, and what its answers mean."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from channels_ingest.adapters.email.adapter import EmailAdapter
from channels_ingest.adapters.email.esp import outbound, places
from channels_ingest.base import AdapterError, ChannelFacts, OutboundMessage
from channels_ingest.types import Address, AddressKind, IncomingFile
from tests.channels_ingest.adapters.email.esp.calls import channel
from tests.providers import mailgun, postmark, sendgrid, ses
from tests.providers.mailgun import MailgunServer, mailgun_server
from tests.providers.postmark import PostmarkServer, postmark_server
from tests.providers.sendgrid import SendGridServer, sendgrid_server
from tests.providers.ses import AmazonServer, amazon

__all__ = ["amazon", "mailgun_server", "postmark_server", "sendgrid_server"]

ADAPTER = EmailAdapter()


def at(value: str, name: str = "") -> Address:
    return Address(AddressKind.EMAIL, value, name=name, verbatim=value)


JANE, BOB = at("jane@customer.example", "Doe, Jane \u00dc"), at("bob@customer.example")
MESSAGE = OutboundMessage(
    recipient=JANE,
    sender=at("support@acme.example", "Acme Care"),
    text="We are coming.\n",
    also=(BOB,),
    message_id="m1@acme.example",
    subject="Re: Printer\r\nBcc: x@evil.example",
    html='<p>We are <b>coming</b>. <img src="cid:pic@x"></p>',
    to=(JANE,),
    cc=(BOB,),
    reply_to=at("support+token@acme.example", "Acme Care"),
    in_reply_to="q2@customer.example",
    references=("q1@customer.example", "q2@customer.example"),
    files=(
        IncomingFile("pic.png", "image/png", b"\x89PNG\r\n", content_id="pic@x", inline=True),
        IncomingFile("pl\u00e4n.txt", "text/plain", "Gr\u00fc\u00dfe\r\n".encode("latin-1")),
    ),
)


def keyed(esp: str, key: str, **config: str) -> ChannelFacts:
    return replace(channel(esp, **config), secrets={"esp_api_key": key})


MAILGUN = keyed("mailgun", mailgun.KEY)
POSTMARK = keyed("postmark", postmark.TOKEN)
SENDGRID = keyed("sendgrid", sendgrid.KEY)
SES = keyed("ses", ses.SECRET, esp_user=ses.KEY_ID, esp_region="eu-west-1")


def test_mailgun_gets_it_all(mailgun_server: MailgunServer):
    result = ADAPTER.send(MESSAGE, MAILGUN)
    assert (result.aliases, result.refused) == (("m1@acme.example",), {})
    [sent] = mailgun_server.mails
    assert sent.one("from") == "Acme Care <support@acme.example>"
    assert sent.one("to") == '"Doe, Jane \u00dc" <jane@customer.example>'
    assert sent.one("cc") == "bob@customer.example"
    assert sent.one("subject") == "Re: Printer Bcc: x@evil.example"
    assert sent.one("h:Message-Id") == "<m1@acme.example>"
    assert sent.one("h:In-Reply-To") == "<q2@customer.example>"
    assert sent.one("h:References") == "<q1@customer.example> <q2@customer.example>"
    assert sent.one("h:Reply-To") == "Acme Care <support+token@acme.example>"
    assert (sent.one("text"), sent.one("html")) == (MESSAGE.text, MESSAGE.html)
    assert (sent.one("o:tracking-opens"), sent.one("o:tracking-clicks")) == ("no", "no")
    assert sent.files == [
        ("inline", "pic@x", b"\x89PNG\r\n"),
        ("attachment", "pl\u00e4n.txt", "Gr\u00fc\u00dfe\r\n".encode("latin-1")),
    ]


def test_postmark_gets_it_all_and_keeps_our_id(postmark_server: PostmarkServer):
    result = ADAPTER.send(MESSAGE, POSTMARK)
    assert result.aliases == ("m1@acme.example", "pm-1")
    [sent] = postmark_server.mails
    headers = {header["Name"]: header["Value"] for header in sent["Headers"]}
    assert headers == {
        "Message-ID": "<m1@acme.example>",
        "In-Reply-To": "<q2@customer.example>",
        "References": "<q1@customer.example> <q2@customer.example>",
        "X-PM-KeepID": "true",
    }
    assert (sent["Cc"], sent["ReplyTo"]) == ("bob@customer.example", "Acme Care <support+token@acme.example>")
    assert (sent["Metadata"], sent["TrackOpens"], sent["TrackLinks"]) == (
        {"message-id": "m1@acme.example"},
        False,
        "None",
    )
    assert [
        (file["Name"], file.get("ContentID"), b64decode(file["Content"])) for file in sent["Attachments"]
    ] == [
        ("pic.png", "cid:pic@x", b"\x89PNG\r\n"),
        ("pl\u00e4n.txt", None, "Gr\u00fc\u00dfe\r\n".encode("latin-1")),
    ]


def test_sendgrid_gets_it_all_and_references_keep_our_id(sendgrid_server: SendGridServer):
    result = ADAPTER.send(MESSAGE, SENDGRID)
    [sent] = sendgrid_server.mails
    [people] = sent["personalizations"]
    assert result.aliases == ("m1@acme.example", people["custom_args"]["anymail_id"], "sg1")
    assert people["to"] == [{"email": "jane@customer.example", "name": "Doe, Jane \u00dc"}]
    assert people["cc"] == [{"email": "bob@customer.example"}]
    assert sent["headers"]["References"].endswith("<q2@customer.example> <m1@acme.example>")
    assert sent["custom_args"] == {"message-id": "m1@acme.example"}
    assert [part["type"] for part in sent["content"]] == ["text/plain", "text/html"]
    assert sent["tracking_settings"] == {
        "click_tracking": {"enable": False},
        "open_tracking": {"enable": False},
    }
    assert [(file["filename"], file.get("content_id")) for file in sent["attachments"]] == [
        ("pic.png", "pic@x"),
        ("pl\u00e4n.txt", None),
    ]


def test_amazon_gets_a_whole_mail_and_references_keep_our_id(amazon: AmazonServer):
    result = ADAPTER.send(MESSAGE, SES)
    assert result.aliases == ("m1@acme.example", "ses-1", "ses-1@eu-west-1.amazonses.com")
    [sent] = amazon.mails
    assert (sent.to, sent.cc) == (("jane@customer.example",), ("bob@customer.example",))
    mail = sent.parsed
    assert mail["Subject"] == "Re: Printer Bcc: x@evil.example"
    assert mail["Message-ID"] == "<m1@acme.example>"
    assert mail["References"].split()[-1] == "<m1@acme.example>"
    assert mail["Reply-To"] == "Acme Care <support+token@acme.example>"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["pic.png", "pl\u00e4n.txt"]
    assert "Bcc" not in mail
    assert sent.raw.isascii()


def test_only_those_are_written_to_and_shown_that_this_call_is_for(postmark_server: PostmarkServer):
    ADAPTER.send(replace(MESSAGE, recipient=BOB, also=()), POSTMARK)
    assert postmark_server.mails[0]["To"] == "bob@customer.example"
    assert "Cc" not in postmark_server.mails[0]
    ADAPTER.send(replace(MESSAGE, recipient=at("new@customer.example"), also=(), to=(), cc=()), POSTMARK)
    assert postmark_server.mails[1]["To"] == "new@customer.example"


def test_a_mail_that_nobody_wrote_says_so(postmark_server: PostmarkServer):
    ADAPTER.send(replace(MESSAGE, auto=True, in_reply_to=""), POSTMARK)
    headers = {header["Name"]: header["Value"] for header in postmark_server.mails[0]["Headers"]}
    assert (headers["Auto-Submitted"], headers["X-Auto-Response-Suppress"]) == ("auto-generated", "All")


def test_an_id_that_is_too_long_for_postmark_does_not_travel_beside_the_mail(postmark_server: PostmarkServer):
    ADAPTER.send(replace(MESSAGE, message_id="m" * 70 + "@acme.example"), POSTMARK)
    assert "Metadata" not in postmark_server.mails[0]


def test_addresses_outside_of_ascii_leave_in_ascii(postmark_server: PostmarkServer):
    ADAPTER.send(replace(MESSAGE, recipient=at("jane@b\u00fccher.example"), also=(), to=()), POSTMARK)
    assert postmark_server.mails[0]["To"] == "jane@xn--bcher-kva.example"


def test_refused_recipients_are_told_apart(postmark_server: PostmarkServer):
    postmark_server.inactive = {"bob@customer.example"}
    result = ADAPTER.send(MESSAGE, POSTMARK)
    assert list(result.refused) == ["bob@customer.example"]
    assert result.refused["bob@customer.example"].startswith(
        "Message OK, but will not deliver to these inactive"
    )


def failure(facts: ChannelFacts, message: OutboundMessage = MESSAGE) -> AdapterError:
    with pytest.raises(AdapterError) as error:
        ADAPTER.send(message, facts)
    return error.value


def told(error: AdapterError) -> tuple[str, bool, bool]:
    return error.code, error.retryable, error.uncertain


def test_when_all_are_refused_it_has_failed(postmark_server: PostmarkServer):
    postmark_server.inactive = {"bob@customer.example", "jane@customer.example"}
    error = failure(POSTMARK)
    assert told(error) == ("refused", False, False)
    assert error.detail.startswith("You tried to send to recipient(s) that have been marked as inactive.")


STATUSES = [
    (301, ("config", False, False)),
    (400, ("400", False, False)),
    (401, ("auth", False, False)),
    (403, ("auth", False, False)),
    (404, ("config", False, False)),
    (413, ("413", False, False)),
    (429, ("busy", True, False)),
    (500, ("500", True, False)),
    (502, ("no-answer", False, True)),
    (503, ("503", True, False)),
    (504, ("no-answer", False, True)),
]


@pytest.mark.parametrize(("status", "means"), STATUSES)
@pytest.mark.parametrize("name", ["mailgun", "postmark", "sendgrid"])
def test_what_a_status_means(
    name: str, status: int, means: tuple[str, bool, bool], request: pytest.FixtureRequest
):
    server = request.getfixturevalue(f"{name}_server")
    server.answers = [status]
    error = failure({"mailgun": MAILGUN, "postmark": POSTMARK, "sendgrid": SENDGRID}[name])
    assert told(error) == means
    assert f"about {status}" in error.detail
    assert error.retry_after == (7 if status == 429 else None)
    assert (len(server.asked), server.mails) == (1, [])


@pytest.mark.parametrize(
    ("answer", "code", "retryable", "uncertain"),
    [
        ((400, "MessageRejected"), "MessageRejected", False, False),
        ((400, "SendingPausedException"), "SendingPausedException", False, False),
        ((403, "InvalidSignatureException"), "auth", False, False),
        ((400, "UnrecognizedClientException"), "auth", False, False),
        ((429, "TooManyRequestsException"), "busy", True, False),
        ((400, "LimitExceededException"), "busy", True, False),
        ((500, "InternalFailure"), "InternalFailure", True, False),
    ],
)
def test_what_amazon_means(
    amazon: AmazonServer, answer: tuple[int, str], code: str, retryable: bool, uncertain: bool
):
    amazon.answers = [answer]
    error = failure(SES)
    assert told(error) == (code, retryable, uncertain)
    assert f"about {answer[1]}" in error.detail
    assert len(amazon.asked) == 1  # no second try of the library's own


@pytest.mark.parametrize("answer", ["hang up", "{", "<html>", 2.0])
def test_a_call_that_breaks_off_leaves_the_outcome_unknown(
    postmark_server: PostmarkServer, monkeypatch: pytest.MonkeyPatch, answer: str | float
):
    monkeypatch.setattr(outbound, "TIMEOUT", (5, 0.3))
    postmark_server.answers = [answer]
    assert told(failure(POSTMARK)) == ("no-answer", False, True)
    assert len(postmark_server.asked) == 1


def test_mailguns_welcome_is_not_taken_for_a_yes(mailgun_server: MailgunServer):
    mailgun_server.answers = ["Mailgun Magnificent API"]
    assert told(failure(MAILGUN)) == ("no-answer", False, True)


@pytest.mark.parametrize("facts", [MAILGUN, POSTMARK, SENDGRID, SES])
def test_a_service_that_is_away_is_tried_again(facts: ChannelFacts, settings: Any):
    settings.OMNIDESK_PROVIDER_URLS = dict.fromkeys(
        ("mailgun", "postmark", "sendgrid", "ses"), "http://127.0.0.1:1"
    )
    assert told(failure(facts)) == ("connect", True, False)


@pytest.mark.parametrize("facts", [MAILGUN, POSTMARK, SENDGRID, SES])
def test_a_channel_without_a_key_says_so(facts: ChannelFacts):
    assert told(failure(replace(facts, secrets={}))) == ("config", False, False)


def test_a_wrong_key_is_the_channels_trouble(
    mailgun_server: MailgunServer,
    postmark_server: PostmarkServer,
    sendgrid_server: SendGridServer,
    amazon: AmazonServer,
):
    for facts in (
        keyed("mailgun", "x"),
        keyed("postmark", "x"),
        keyed("sendgrid", "x"),
        keyed("ses", "x", esp_user="y"),
    ):
        assert told(failure(facts)) == ("auth", False, False)
    assert told(failure(keyed("postmark", "x\r\nEvil: y"))) == ("auth", False, False)


def test_what_a_service_does_not_carry_has_not_left(mailgun_server: MailgunServer):
    unknown = replace(MAILGUN, config={**MAILGUN.config, "esp_domain": "other.example"})
    assert told(failure(unknown)) == ("config", False, False)
    slashed = replace(MAILGUN, config={**MAILGUN.config, "esp_domain": "a/b"})
    assert told(failure(slashed)) == ("message", False, False)


@pytest.mark.parametrize(
    ("esp", "region", "host"),
    [
        ("mailgun", "", "https://api.mailgun.net"),
        ("mailgun", "eu", "https://api.eu.mailgun.net"),
        ("mailgun", "evil.example/", "https://api.mailgun.net"),
        ("sendgrid", "EU", "https://api.eu.sendgrid.com"),
        ("postmark", "eu", "https://api.postmarkapp.com"),
    ],
)
def test_a_channel_cannot_name_a_host(esp: str, region: str, host: str):
    assert places.base_url(channel(esp, esp_region=region)) == host


@pytest.mark.parametrize("region", ["evil.example/", "eu-west-1.evil", "EU"])
def test_a_region_of_amazons_is_one(region: str):
    assert told(failure(replace(SES, config={**SES.config, "esp_region": region}))) == (
        "config",
        False,
        False,
    )


def test_the_smtp_server_stays_the_way_out_where_there_is_one():
    assert ADAPTER.carries_copies(POSTMARK)
    assert not ADAPTER.carries_copies(channel("postmark", smtp_host="smtp.acme.example"))
    assert not ADAPTER.carries_copies(channel(""))
    assert ADAPTER.capabilities(POSTMARK).together
    assert (ADAPTER.capabilities(POSTMARK).file_limit or 0) < (ADAPTER.capabilities(MAILGUN).file_limit or 0)


def checks(facts: ChannelFacts) -> list[tuple[str, bool]]:
    return [(check.name, check.ok) for check in ADAPTER.check(facts)]


@pytest.mark.parametrize("name", ["mailgun", "postmark", "sendgrid", "amazon"])
def test_the_connection_test_asks_the_service(name: str, request: pytest.FixtureRequest):
    request.getfixturevalue(name if name == "amazon" else f"{name}_server")
    facts = {"mailgun": MAILGUN, "postmark": POSTMARK, "sendgrid": SENDGRID, "amazon": SES}[name]
    facts = replace(facts, secrets={**facts.secrets, "esp_secret": "s"})
    assert checks(facts) == [("E-mail service", True), ("Webhook", True)]
    wrong = replace(facts, secrets={"esp_api_key": "wrong"}, config={**facts.config, "esp_user": "wrong"})
    assert checks(wrong) == [("E-mail service", False)]


def test_the_connection_test_says_what_to_do(
    mailgun_server: MailgunServer,
    postmark_server: PostmarkServer,
    sendgrid_server: SendGridServer,
    amazon: AmazonServer,
):
    def last(facts: ChannelFacts) -> str:
        return list(ADAPTER.check(facts))[-1].detail

    assert last(MAILGUN) == "Enter the HTTP webhook signing key: without it no call is taken."
    mailgun_server.state = "unverified"
    assert last(MAILGUN) == "Mailgun knows acme.example as unverified: verify its DNS records."
    sendgrid_server.scopes = ["stats.read"]
    assert last(SENDGRID) == "This API key may not send: give it Mail Send."
    amazon.account["SendingEnabled"] = False
    assert last(SES) == "Amazon has paused sending for this account."
    assert last(replace(POSTMARK, hook_url="https://desk.example/hooks/postmark/t/")) == (
        "Paste https://desk.example/hooks/postmark/t/ as the inbound webhook, with raw mail included, and as the"
        " webhook of the message stream."
    )


@pytest.mark.parametrize(
    ("url", "hint"),
    [("", True), ("https://u:p@desk.example/hooks/postmark/t/", False), ("https://x.example/", True)],
)
def test_postmarks_own_word_on_its_webhook_is_read(postmark_server: PostmarkServer, url: str, hint: bool):
    postmark_server.inbound_url = url
    facts = replace(POSTMARK, hook_url="https://desk.example/hooks/postmark/t/")
    found = next(iter(ADAPTER.check(facts)))
    assert (" Its inbound webhook does not point here yet." in found.detail) is hint


def test_no_secret_is_in_what_an_error_says(postmark_server: PostmarkServer, mailgun_server: MailgunServer):
    for make in (
        lambda: failure(keyed("postmark", "pm-secret")),
        lambda: failure(keyed("mailgun", "mg-secret")),
    ):
        error: Callable[[], AdapterError] = make
        assert "secret" not in json.dumps([error().detail, error().code])
