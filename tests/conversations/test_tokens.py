"""Signed ids: they come back whole, and nobody else can make one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.tokens import (
    make_message_id,
    make_token,
    read_message_id,
    read_token,
    reply_address,
)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**48 - 1))
def test_a_token_comes_back_whole_in_any_case(workspace_id: int, conversation_id: int):
    token = make_token(workspace_id, conversation_id)
    assert read_token(token) == read_token(token.upper()) == (workspace_id, conversation_id)


def test_a_token_is_32_characters_of_base32_and_stays_the_same():
    assert re.fullmatch("[a-z2-7]{32}", make_token(1, 1))
    assert make_token(1, 1) == make_token(1, 1)


def test_tokens_of_neighbours_have_nothing_in_common():
    first, second = make_token(1, 1), make_token(1, 2)
    assert sum(a == b for a, b in zip(first, second, strict=True)) < 12


@given(st.text(max_size=40))
def test_anything_else_is_no_token(text: str):
    assert read_token(text) is None


@pytest.mark.parametrize("position", range(0, 32, 3))
def test_a_changed_character_makes_it_worthless(position: int):
    token = make_token(7, 42)
    other = "a" if token[position] != "a" else "b"
    assert read_token(token[:position] + other + token[position + 1 :]) is None


def test_a_message_id_is_no_reply_token():
    message_id = make_message_id(3, 99, "acme.example")
    assert read_message_id(f"<{message_id}>") == (3, 99)
    assert read_token(message_id.partition("@")[0]) is None
    assert read_message_id(f"{make_token(3, 99)}@acme.example") is None


def test_another_key_made_another_token(settings):
    token = make_token(1, 1)
    settings.SECRET_KEY = "another"
    assert read_token(token) is None


def test_a_former_key_still_opens(settings):
    token = make_token(1, 1)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert read_token(token) == (1, 1)


def test_a_reply_address_keeps_to_64_octets():
    token = make_token(1, 1)
    assert reply_address("support@acme.example", token) == f"support+{token}@acme.example"
    assert reply_address("x" * 31 + "@acme.example", token) == f"{'x' * 31}+{token}@acme.example"
    assert reply_address("x" * 32 + "@acme.example", token) == "x" * 32 + "@acme.example"
