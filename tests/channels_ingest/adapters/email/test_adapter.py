"""The adapter as the core sees it."""

import pytest

from channels_ingest.adapters.email.adapter import EmailAdapter
from channels_ingest.base import (
    AdapterError,
    Outcome,
    RawCall,
    Response,
    adapter_for,
    inlet_for,
)
from channels_ingest.types import InboundMessage
from tests.channels_ingest.adapters.email.mails import channel, mail

ADAPTER = EmailAdapter()


def call(body: bytes) -> RawCall:
    return RawCall(method="POST", path="/hooks/mail/t/", headers={}, query={}, body=body, remote="192.0.2.1")


def test_it_is_found_by_kind_and_by_hook():
    assert isinstance(adapter_for("email"), EmailAdapter)
    assert inlet_for("mail") is adapter_for("email")
    with pytest.raises(KeyError):
        inlet_for("pigeon")


def test_its_settings_are_those_of_the_contract():
    names = {key.name for key in ADAPTER.config_keys}
    assert names >= {"address", "authserv_ids"} | {
        f"{protocol}_{name}"
        for protocol in ("imap", "smtp")
        for name in ("host", "port", "user", "password", "security")
    }
    assert ADAPTER.secret_keys == {"imap_password", "smtp_password", "esp_secret", "esp_api_key"}


def test_the_token_in_the_url_is_all_that_a_mail_server_shows():
    ADAPTER.verify(call(b"\xff\x00"), channel())
    assert ADAPTER.handshake(call(b""), channel()) is None
    assert ADAPTER.respond(call(mail()), Outcome.STORED) == Response(200, "text/plain", b"")


def test_a_redelivery_has_the_same_key():
    again = b"Received: again\n" + mail()
    assert ADAPTER.seen_key(call(mail()), channel()) == ADAPTER.seen_key(call(again), channel())
    assert ADAPTER.seen_key(call(mail("Other")), channel()) != ADAPTER.seen_key(call(mail()), channel())


@pytest.mark.parametrize(
    ("sender", "key"),
    [("Jane <Jane@Customer.example>", "jane@customer.example"), ("<>", ""), (None, "")],
)
def test_the_mails_of_one_sender_keep_their_order(sender, key):
    assert ADAPTER.order_key(call(mail(**{"from": sender})), channel()) == key


def test_what_the_envelope_says_may_carry_a_token():
    token = "a" * 32
    [found] = ADAPTER.parse(mail(), {"x-envelope-to": f"support+{token}@acme.example"}, channel())
    assert isinstance(found, InboundMessage)
    assert found.tokens == (token,)


def test_mail_can_do_it_all():
    can = ADAPTER.capabilities(channel())
    assert (can.html, can.subject, can.cc, can.files) == (True, True, True, True)


def test_an_error_says_what_to_do_about_it():
    error = AdapterError("5.1.1", "No such user", retryable=False)
    assert (str(error), error.uncertain, error.retry_after) == ("5.1.1: No such user", False, None)


def test_secrets_are_in_no_repr():
    assert "a secret" not in repr(channel())
