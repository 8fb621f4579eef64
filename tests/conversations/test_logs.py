"""Logs among paragraphs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.logs import Block, blocks

TRACE = """Traceback (most recent call last):
  File "/srv/app/sync.py", line 12, in run
    push(order)
TimeoutError: no answer in 30 s"""
LINES = "2026-11-19 16:02:11 ERROR sync: 502 from /v2/orders\n2026-11-19 16:02:14 INFO retry in 3 s"
JSON = '{\n  "error": "bad_token",\n  "code": 401\n}'


def test_paragraphs_are_no_logs():
    text = "Hello,\n\nit broke again.\nPlease look.\n\n- one\n- two"
    assert list(blocks(text)) == [
        Block("Hello,", is_log=False),
        Block("it broke again.\nPlease look.", is_log=False),
        Block("- one\n- two", is_log=False),
    ]


@pytest.mark.parametrize("log", [TRACE, LINES, JSON], ids=["trace", "lines", "json"])
def test_what_a_machine_wrote_is_a_log_below_what_people_wrote(log):
    said = Block("This is what it says:", is_log=False)
    assert list(blocks(f"This is what it says:\n{log}\n\nBye")) == [
        said,
        Block(log, is_log=True),
        Block("Bye", is_log=False),
    ]


def test_a_fence_makes_a_log_of_anything():
    found = list(blocks("See\n```\nplain words\n\nand more\n```\nBye"))
    assert found == [
        Block("See", is_log=False),
        Block("plain words\n\nand more", is_log=True),
        Block("Bye", is_log=False),
    ]


def test_logs_that_follow_each_other_are_one():
    assert list(blocks(f"{LINES}\n\n{TRACE}")) == [Block(f"{LINES}\n\n{TRACE}", is_log=True)]


@pytest.mark.parametrize(
    "text",
    [
        "Meet at 10:30:00 sharp",
        "ERROR: it says",
        "Dear all,\n    indented",
        "12:00:00 lunch\nthen home\nand sleep",
    ],
)
def test_one_line_or_a_few_among_many_make_no_log(text):
    assert not any(block.is_log for block in blocks(text))


def test_a_long_line_of_blanks_is_read_in_no_time():
    assert list(blocks("at" + " " * 300_000 + "\nat" + " a" * 300_000)) != []


@given(st.text(alphabet="ab `\n\r\t{}:0"))
def test_no_word_is_lost_and_nothing_is_added(text):
    said = "".join(block.text for block in blocks(text)).replace("`", "").split()
    kept = text.replace("`", "").split()
    assert "".join(said) in "".join(kept)
