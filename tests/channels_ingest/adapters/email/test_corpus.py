"""The mails that ship with CPython's own tests: each ends as something that can be stored."""

from importlib.resources import files

import pytest

from channels_ingest.adapters.email.parse import parse_mail
from channels_ingest.types import Ignored, InboundMessage, Receipt
from tests.channels_ingest.adapters.email.mails import channel
from tests.channels_ingest.adapters.email.test_parse import assert_sound

CORPUS = sorted(
    (item for item in files("test.test_email").joinpath("data").iterdir()), key=lambda item: item.name
)


@pytest.mark.parametrize("item", CORPUS, ids=[item.name for item in CORPUS])
def test_each_mail_ends_as_something(item):
    assert_sound(parse_mail(item.read_bytes(), channel()))


def test_most_of_them_are_messages():
    kinds = [type(one) for item in CORPUS for one in parse_mail(item.read_bytes(), channel())]
    assert kinds.count(InboundMessage) >= 35
    assert kinds.count(Receipt) >= 2
    assert set(kinds) == {InboundMessage, Receipt, Ignored}
