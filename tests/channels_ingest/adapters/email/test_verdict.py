"""Who vouches for a sender, and who only pretends to."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.headers import Headers
from channels_ingest.adapters.email.verdict import Result, is_attested, read_results
from channels_ingest.types import Proof
from tests.channels_ingest.adapters.email.mails import mail, message

OURS = "from mx1.isp.example (mx1.isp.example [192.0.2.1]) by mx.acme.example with ESMTPS; Mon, 2 Mar 2026"
FOREIGN = "from laptop by out.customer.example with ESMTPSA; Mon, 2 Mar 2026"
PASS = "mx.acme.example; dmarc=pass header.from=customer.example"


def attested(*fields: tuple[str, str], domain: str = "customer.example") -> bool:
    return is_attested(Headers(fields), domain, frozenset({"mx.acme.example"}))


def results(*values: str) -> list[tuple[str, str]]:
    return [("Authentication-Results", value) for value in values]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (PASS, True),
        ("MX.acme.example 1; dmarc=PASS (p=none) header.from=customer.example", True),
        ("mx.acme.example; spf=pass smtp.mailfrom=x.example; dmarc=pass", True),
        (
            "mx.acme.example; dmarc=fail header.from=customer.example; dkim=pass header.d=customer.example",
            False,
        ),
        ("mx.acme.example; dmarc=temperror; dkim=pass header.d=customer.example", False),
        ("mx.acme.example; dmarc=pass header.from=other.example", False),
        ("mx.acme.example; dmarc=none; dkim=pass header.d=customer.example", True),
        ("mx.acme.example; dkim=pass header.i=@customer.example", True),
        ("mx.acme.example; dkim=pass header.d=other.example", False),
        ("mx.acme.example; dkim=pass header.d=ustomer.example", False),
        ("mx.acme.example; dkim=fail header.d=customer.example", False),
        ("mx.acme.example; spf=pass smtp.mailfrom=bounce@customer.example", True),
        ("mx.acme.example; spf=pass smtp.mailfrom=other.example", False),
        ("mx.acme.example; spf=pass smtp.helo=customer.example", False),
        ("mx.acme.example; none", False),
        ("mx.acme.example", False),
        ("evil.example; dmarc=pass header.from=customer.example", False),
        ('mx.acme.example; dkim=fail reason="x; dmarc=pass" header.d=customer.example', False),
        ("mx.acme.example (; dmarc=pass); dkim=fail", False),
        ("", False),
    ],
)
def test_what_a_trusted_server_says(value, expected):
    assert attested(*results(value)) is expected


def test_a_subdomain_is_vouched_for_by_its_parent_and_not_the_other_way():
    signed = "mx.acme.example; dkim=pass header.d=customer.example"
    assert attested(*results(signed), domain="mail.customer.example")
    assert not attested(*results("mx.acme.example; dkim=pass header.d=mail.customer.example"))


def test_the_upmost_dmarc_result_counts():
    assert not attested(*results("mx.acme.example; dmarc=fail", PASS))
    assert attested(*results("mx.acme.example; spf=fail", PASS, "mx.acme.example; dmarc=fail"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("Received", OURS), *results(PASS), ("Received", FOREIGN)], True),
        ([*results(PASS), ("Received", OURS), ("Received", FOREIGN)], True),
        ([("Received", OURS), ("Received", FOREIGN), *results(PASS)], False),
        ([("Received", FOREIGN), *results(PASS)], False),
        (
            [
                ("Received", "by 2001:db8::1 with SMTP id a1; Mon, 2 Mar 2026"),
                ("Received", OURS),
                *results(PASS),
            ],
            True,
        ),
        ([("Received", "from mx by store.acme.example with LMTP"), ("Received", OURS), *results(PASS)], True),
        ([("Received", "from x by mx.acme.example.evil.example"), *results(PASS)], False),
    ],
)
def test_only_what_stands_above_the_first_foreign_server_counts(fields, expected):
    assert attested(*fields) is expected


def test_nobody_is_trusted_unless_it_is_said():
    assert not is_attested(Headers(results(PASS)), "customer.example", frozenset())


def test_comments_and_quotes_are_read_as_written():
    value = 'mx.example 1; dkim=pass (a (nested; ) one) header.d="x.example" reason="good; really"; spf=none'
    assert read_results(value) == (
        "mx.example",
        [
            Result("dkim", "pass", {"header.d": "x.example", "reason": "good; really"}),
            Result("spf", "none", {}),
        ],
    )


@given(st.text(alphabet='mx.=;()"\\ dkim\n', max_size=200))
def test_any_value_can_be_read(value):
    read_results(value)


def test_no_value_takes_long():
    started = time.process_time()
    for piece in "(", '"', ";", "=", "a=b ", "\\":
        read_results(piece * 120_000)
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("sender", "proof"),
    [
        ("Jane <jane@customer.example>", Proof.ATTESTED),
        ("jane@customer.example, joe@customer.example", Proof.CLAIMED),
        ("jane@customer.example joe@customer.example", Proof.CLAIMED),
        ("jane@elsewhere.example", Proof.CLAIMED),
    ],
)
def test_the_verdict_becomes_the_senders_proof(sender, proof):
    assert message(mail(top=f"Authentication-Results: {PASS}\n", **{"from": sender})).sender.proof == proof


def test_two_from_fields_are_vouched_for_by_nobody():
    raw = mail(top=f"Authentication-Results: {PASS}\nFrom: jane@customer.example\n")
    found = message(raw)
    assert found.sender.proof == Proof.CLAIMED
    assert found.facts["senders"] == "2"


def test_without_trusted_servers_everybody_is_unverified():
    raw = mail(top=f"Authentication-Results: {PASS}\n")
    assert message(raw, authserv_ids="").sender.proof == Proof.CLAIMED
