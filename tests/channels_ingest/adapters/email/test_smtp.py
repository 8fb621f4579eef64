"""Sending through a real server: what each of its answers, and silences, means."""

import pytest

from channels_ingest.adapters.email import smtp as smtp_module
from channels_ingest.adapters.email.adapter import EmailAdapter
from channels_ingest.adapters.email.server import Server
from channels_ingest.adapters.email.smtp import submit
from channels_ingest.base import AdapterError, OutboundMessage
from channels_ingest.types import Address, AddressKind
from tests.channels_ingest.adapters.email.mails import channel
from tests.providers.background import Background
from tests.providers.smtp import TAKE, SmtpServer, serve

RAW = b"From: support@acme.example\r\nSubject: Hello\r\n\r\n.dot\r\n..two\r\nend\r\n"


def server_at(
    smtp: SmtpServer, *, port: int = 0, security: str = "none", user: str = "", password: str = ""
) -> Server:
    return Server(smtp.host, port or smtp.port, security, user, password)


def send(smtp: SmtpServer, **changes) -> str:
    return submit(
        RAW,
        sender="support@acme.example",
        recipient="jane@customer.example",
        server=server_at(smtp, **changes),
    )


def failure(smtp: SmtpServer, **changes) -> AdapterError:
    with pytest.raises(AdapterError) as caught:
        send(smtp, **changes)
    return caught.value


def verdict(error: AdapterError) -> tuple[str, bool, bool]:
    return error.code, error.retryable, error.uncertain


def test_a_mail_arrives_byte_for_byte_for_the_one_recipient(smtp_server):
    assert send(smtp_server) == "2.0.0 Queued as 42"
    [sent] = smtp_server.mails
    assert (sent.sender, sent.recipients) == ("support@acme.example", ("jane@customer.example",))
    assert sent.raw == RAW


def test_a_mail_without_a_last_line_end_gets_one(smtp_server):
    submit(
        b"Subject: x\r\n\r\nend", sender="a@b.example", recipient="c@d.example", server=server_at(smtp_server)
    )
    assert smtp_server.mails[0].raw == b"Subject: x\r\n\r\nend\r\n"


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("451 4.7.1 Greylisted, come back", ("4.7.1", True, False)),
        ("421 Busy", ("421", True, False)),
        ("452 4.2.2 Mailbox full", ("4.2.2", True, False)),
        ("550 5.1.1 No such user", ("5.1.1", False, False)),
        ("552 5.3.4 Too big", ("5.3.4", False, False)),
        ("554 No", ("554", False, False)),
    ],
)
def test_refusals_say_whether_trying_again_can_help(smtp_server, command, answer, expected):
    smtp_server.answers[command] = answer
    error = failure(smtp_server)
    assert verdict(error) == expected
    assert error.detail == answer
    assert smtp_server.mails == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
def test_a_break_before_the_message_is_worth_another_try(smtp_server, command):
    smtp_server.answers[command] = "hang up"
    assert verdict(failure(smtp_server)) == ("disconnected", True, False)


def test_a_break_after_the_message_is_an_unknown_outcome(smtp_server):
    smtp_server.answers["DATA"] = "hang up"
    assert verdict(failure(smtp_server)) == ("no-answer", False, True)


@pytest.mark.parametrize("answer", ["Mahlzeit", "", "354 Go on", "<html>"])
def test_garbage_after_the_message_is_an_unknown_outcome(smtp_server, answer):
    smtp_server.answers["DATA"] = f"{TAKE}{answer}"
    assert verdict(failure(smtp_server)) == ("no-answer", False, True)
    assert len(smtp_server.mails) == 1


def test_any_success_after_the_message_means_that_it_was_taken(smtp_server):
    smtp_server.answers["DATA"] = "251 2.0.0 Taken along"
    assert send(smtp_server) == "2.0.0 Taken along"


def test_silence_before_the_message_is_worth_another_try(smtp_server, monkeypatch):
    monkeypatch.setattr(smtp_module, "TIMEOUT", 0.2)
    smtp_server.answers["RCPT"] = 5.0
    assert verdict(failure(smtp_server)) == ("disconnected", True, False)


def test_silence_after_the_message_is_an_unknown_outcome(smtp_server, monkeypatch):
    monkeypatch.setattr(smtp_module, "ANSWER_TIMEOUT", 0.2)
    smtp_server.answers["DATA"] = 5.0
    assert verdict(failure(smtp_server)) == ("no-answer", False, True)


def test_a_server_that_is_not_there(smtp_server):
    assert verdict(failure(smtp_server, port=1)) == ("connect", True, False)


def test_a_private_address_is_refused_unless_the_installation_allows_it(smtp_server, settings):
    settings.OMNIDESK_PRIVATE_HOSTS = False
    assert verdict(failure(smtp_server)) == ("host", False, False)
    assert smtp_server.mails == []


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_sign_in_over_an_encrypted_connection(security, tls, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Background() as background:
        smtp = serve(background, tls=tls, security=security, sign_in=True)
        send(smtp, security=security, user=smtp.user, password=smtp.password)
        wrong = failure(smtp, security=security, user=smtp.user, password="wrong")
    assert len(smtp.mails) == 1
    assert verdict(wrong) == ("auth", False, False)


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_a_certificate_that_nobody_vouches_for(security, tls):
    with Background() as background:
        assert verdict(failure(serve(background, tls=tls, security=security), security=security)) == (
            "tls",
            True,
            False,
        )


def test_encryption_that_the_server_does_not_offer_is_not_done_without(smtp_server):
    assert verdict(failure(smtp_server, security="starttls")) == ("config", False, False)


def test_a_password_that_the_protocol_cannot_carry(tls, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Background() as background:
        smtp = serve(background, tls=tls, security="ssl", sign_in=True)
        assert failure(smtp, security="ssl", user="support", password="pässword").code == "auth"


def test_the_adapter_sends_to_one_and_shows_all(smtp_server):
    jane, joe = (Address(AddressKind.EMAIL, f"{name}@customer.example") for name in ("jane", "joe"))
    sender = Address(AddressKind.EMAIL, "support@acme.example", name="Acme Support")
    outbound = OutboundMessage(
        recipient=joe, sender=sender, text="Hello", to=(jane,), cc=(joe,), message_id="m1@acme.example"
    )
    facts = channel(smtp_host=smtp_server.host, smtp_port=str(smtp_server.port), smtp_security="none")
    result = EmailAdapter().send(outbound, facts)
    assert result.aliases == ("m1@acme.example",)
    [sent] = smtp_server.mails
    assert sent.recipients == ("joe@customer.example",)
    assert (sent.parsed["To"], sent.parsed["Cc"]) == ("jane@customer.example", "joe@customer.example")


def test_an_address_outside_of_ascii_goes_out_where_the_server_takes_it(smtp_server):
    facts = channel(smtp_host=smtp_server.host, smtp_port=str(smtp_server.port), smtp_security="none")
    outbound = OutboundMessage(
        recipient=Address(
            AddressKind.EMAIL, "jürgen@xn--strae-oqa.example", verbatim="Jürgen@straße.example"
        ),
        sender=Address(AddressKind.EMAIL, "support@acme.example"),
        text="Hallo",
    )
    EmailAdapter().send(outbound, facts)
    assert smtp_server.mails[0].recipients == ("Jürgen@xn--strae-oqa.example",)


def test_a_channel_without_a_server_says_so():
    jane, support = (
        Address(AddressKind.EMAIL, name) for name in ("jane@customer.example", "support@acme.example")
    )
    with pytest.raises(AdapterError) as caught:
        EmailAdapter().send(OutboundMessage(jane, support, "Hello"), channel())
    assert verdict(caught.value) == ("config", False, False)
