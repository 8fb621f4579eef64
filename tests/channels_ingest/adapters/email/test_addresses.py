"""Address lists as they are really written."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.addresses import (
    address_list,
    addresses_in,
    mailboxes,
    normal,
    on_the_wire,
)
from channels_ingest.types import Address, AddressKind


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("Jane <j@x.example>", [("Jane", "j@x.example")]),
        ("j@x.example", [("", "j@x.example")]),
        ("j@x.example (Jane Doe)", [("Jane Doe", "j@x.example")]),
        ('"Doe, Jane" <j@x.example>, b@x.example', [("Doe, Jane", "j@x.example"), ("", "b@x.example")]),
        ("Doe, Jane <j@x.example>, b@x.example", [("Doe, Jane", "j@x.example"), ("", "b@x.example")]),
        (r'"Jane \"JD\" Doe" <j@x.example>', [('Jane "JD" Doe', "j@x.example")]),
        ("'j@x.example' <j@x.example>", [("j@x.example", "j@x.example")]),
        ("=?utf-8?q?M=C3=BCller=2C_J=C3=B6rg?= <m@x.example>", [("Müller, Jörg", "m@x.example")]),
        ("=?utf-8?b?SmFuZSA8akB4LmV4YW1wbGU+?=", [("Jane", "j@x.example")]),
        ('"=?utf-8?q?J=C3=B6rg?=" <j@x.example>', [("Jörg", "j@x.example")]),
        ("J\udcc3\udcb6rg <j@x.example>", [("Jörg", "j@x.example")]),
        (
            "Team: a@x.example, B <b@x.example>;, c@x.example",
            [("", "a@x.example"), ("B", "b@x.example"), ("", "c@x.example")],
        ),
        ("undisclosed-recipients:;", []),
        ("Jane Doe", []),
        ("<>", [("", "")]),
        ("MAILER-DAEMON", [("", "MAILER-DAEMON")]),
        ("Mail Delivery <MAILER-DAEMON>", [("Mail Delivery", "MAILER-DAEMON")]),
        ("Jane <@relay.example:j@x.example>", [("Jane", "j@x.example")]),
        ("Jane <j@x. example>", [("Jane", "j@x.example")]),
        ("mailto:j@x.example", [("", "j@x.example")]),
        ("Jane j@x.example", [("Jane", "j@x.example")]),
        ("<a@x.example> <b@x.example>", [("", "a@x.example"), ("", "b@x.example")]),
        ("a@x.example b@x.example", [("", "a@x.example"), ("", "b@x.example")]),
        ("((((nested))) <j@x.example>", []),
        ("", []),
    ],
)
def test_lists_are_read(raw, found):
    assert [(box.name, box.written) for box in mailboxes(raw)] == found


def test_a_name_that_looks_like_an_address_is_only_a_name():
    [box] = mailboxes('"boss@bank.example" <evil@x.example>')
    assert (box.name, box.written) == ("boss@bank.example", "evil@x.example")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Jane.Doe+Tag@Example.COM", "jane.doe+tag@example.com"),
        ("jane@straße.example", "jane@xn--strae-oqa.example"),
        ("jane@EXAMPLE.com.", "jane@example.com"),
        ("'jane@x.example'", "jane@x.example"),
        ('"jane.doe"@x.example', "jane.doe@x.example"),
        ("jürgen@x.example", "jürgen@x.example"),
        ("ju\u0308rgen@x.example", "jürgen@x.example"),
        ("jane@[192.0.2.1]", "jane@[192.0.2.1]"),
        ("jane", ""),
        ("@x.example", ""),
        ("jane@", ""),
        ("ja ne@x.example", ""),
        ("jane@x.example\x00", ""),
        ("a" * 320 + "@x.example", ""),
    ],
)
def test_the_key_of_an_address(written, key):
    assert normal(written) == key


def test_an_address_appears_once_and_keeps_how_it_was_written():
    [found] = address_list(["Jane <Jane@X.example>", "jane@x.example"])
    assert found == Address(AddressKind.EMAIL, "jane@x.example", name="Jane", verbatim="Jane@X.example")


def test_addresses_anywhere_in_a_text():
    assert addresses_in("to <Jane@x.example>: 550. See (joe@y.example).", 5) == [
        "jane@x.example",
        "joe@y.example",
    ]


@pytest.mark.parametrize(
    ("verbatim", "wire"),
    [
        ("Jane.Doe@X.example", "Jane.Doe@x.example"),
        ("", "jane.doe@x.example"),
        ("other@y.example", "jane.doe@x.example"),
    ],
)
def test_on_the_wire_the_local_part_is_its_owners(verbatim, wire):
    assert on_the_wire(Address(AddressKind.EMAIL, "jane.doe@x.example", verbatim=verbatim)) == wire


@given(st.text(alphabet='ab@.,;:<>()"\\ =?q\udcc3', max_size=80))
def test_any_list_can_be_read(raw):
    for address in address_list([raw]):
        assert normal(address.value) == address.value


@pytest.mark.parametrize("piece", ["(", "<", '"', "a,", "a@", "=?a?q?", "\\", "a@b ", "a"])
def test_no_list_takes_long(piece):
    started = time.process_time()
    address_list([piece * (120_000 // len(piece))])
    assert time.process_time() - started < 2
