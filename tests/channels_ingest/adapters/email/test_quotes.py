"""What is new in an answer."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.plaintext import read_html
from channels_ingest.adapters.email.quotes import split

QUOTE = "\n> The printer is on fire.\n> Please help."


@pytest.mark.parametrize(
    "introduction",
    [
        "On Mon, 2 Mar 2026 at 10:00, Jane <jane@x.example> wrote:",
        "On Mon, 2 Mar 2026 at 10:00, Jane Doe\n<jane@x.example> wrote:",
        "Am 02.03.2026 um 10:00 schrieb Jane Doe <jane@x.example>:",
        "Le lun. 2 mars 2026 à 10:00, Jane <jane@x.example> a écrit :",
        "El lun, 2 mar 2026 a las 10:00, Jane (<jane@x.example>) escribió:",
        "Il giorno lun 2 mar 2026 alle ore 10:00 Jane <jane@x.example> ha scritto:",
        "Op ma 2 mrt 2026 om 10:00 schreef Jane <jane@x.example>:",
        "Den mån 2 mars 2026 kl 10:00 skrev Jane <jane@x.example>:",
        "Em seg., 2 de mar. de 2026 às 10:00, Jane <jane@x.example> escreveu:",
        "пн, 2 мар. 2026 г. в 10:00, Jane <jane@x.example>:",
        "2026年3月2日(月) 10:00 Jane <jane@x.example>:",
        "Dnia 2 marca 2026 10:00 Jane <jane@x.example> napisał(a):",
        "",
    ],
)
def test_history_goes_below_whatever_introduces_it(introduction):
    text = f"Thanks, that helped!\n\nJane\n\n{introduction}{QUOTE}"
    new, quoted = split(text)
    assert new == "Thanks, that helped!\n\nJane"
    assert quoted.endswith("> Please help.")


@pytest.mark.parametrize(
    "block",
    [
        "From: Jane <jane@x.example>\nSent: Monday, 2 March 2026 10:00\nTo: help@acme.example\nSubject: Printer",
        "Von: Jane <jane@x.example>\nGesendet: Montag, 2. März 2026\nAn: support@x.example\nBetreff: Drucker",
        "Van: Jane <jane@x.example>\nVerzonden: maandag 2 maart 2026\nAan: support@x.example\nOnderwerp: Printer",
        "-----Original Message-----\nFrom: Jane <jane@x.example>\nSent: 2 March 2026\nTo: x\nSubject: Printer",
        "________________________________\nFrom: Jane <jane@x.example>\nSent: 2 March 2026\nTo: x\nSubject: P",
    ],
)
def test_history_of_outlook_goes_below(block):
    new, quoted = split(f"Thanks!\n\n{block}\n\nThe printer is on fire.")
    assert new == "Thanks!"
    assert quoted.startswith(block[:12])
    assert quoted.endswith("The printer is on fire.")


@pytest.mark.parametrize(
    "text",
    [
        "> Is it on?\nYes.\n\n> Is it plugged in?\nYes.",
        "On Mon, 2 Mar 2026 at 10:00, Jane <jane@x.example> wrote:\n> Is it on?\nYes.\n> Plugged in?\nYes too.",
        "> The printer is on fire.\n\nAnswer below.",
    ],
)
def test_answers_between_and_below_quotes_stay(text):
    assert split(text) == (text, "")


def test_a_signature_below_the_quote_is_no_answer():
    new, _ = split("Yes.\n\n> Is it on?\n-- \nJane")
    assert new == "Yes."


@pytest.mark.parametrize(
    "text",
    [
        "> Only a quote\n> and nothing new",
        "On Mon, 2 Mar 2026 at 10:00, Jane <jane@x.example> wrote:\n> all of it",
        "",
        "\n\n",
    ],
)
def test_when_nothing_new_would_be_left_nothing_is_taken(text):
    assert split(text) == (text.strip("\n"), "")


@pytest.mark.parametrize(
    "text",
    [
        "Data: 500 rows are missing\nplease look",
        "Do: nothing until tomorrow\nthanks",
        "From: the kitchen\nTo: the printer\nit smells of smoke",
        "On the other hand, he wrote: no.",
        "5 > 3 and\n3 < 5",
        "I tried this:\n\n1. restart\n2. pray",
    ],
)
def test_ordinary_words_are_no_history(text):
    assert split(text) == (text, "")


def test_nothing_is_lost_whatever_is_split():
    text = "New\n\nOn Mon, 2 Mar 2026 at 10:00, J <j@x.example> wrote:\n> Old"
    assert "".join("".join(split(text)).split()) == "".join(text.split())


def test_what_the_html_marks_as_history_is_found_in_the_plain_text():
    html = (
        '<p>Yes, <b>please</b>!</p><div class="gmail_quote">Jane asked in words no list knows<p>Old</p></div>'
    )
    plain = "Yes, *please*!\n\nJane asked in words\nno list knows\n\nOld"
    assert split(plain, read_html(html)) == (
        "Yes, *please*!",
        "Jane asked in words\nno list knows\n\nOld",
    )


def test_html_that_says_something_else_is_not_followed():
    html = '<p>Other words</p><div class="gmail_quote">Old</div>'
    assert split("My words\nOld", read_html(html)) == ("My words\nOld", "")


@given(st.text(alphabet="> On:wrote@2\nFrom-", max_size=300))
def test_any_text_can_be_split_without_loss(text):
    new, quoted = split(text)
    assert "".join((new + quoted).split()) == "".join(text.split())


EVIL = [
    "On " * 300_000,
    ("On " + "a " * 100 + "wrote\n") * 5_000,
    "From: " * 200_000,
    "From: a\n" * 100_000,
    "> " * 500_000,
    ">\n" * 500_000,
    "\n" * 1_000_000,
    "Le " + "a écrit" * 100_000,
    "_" * 1_000_000,
    ("Am 1 schrieb " * 20 + "\n") * 5_000,
    "den 1 skrev " * 80_000,
    " " * 1_000_000,
    "2026年3月2日" * 100_000,
]


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_no_text_takes_long(text):
    started = time.process_time()
    split(text)
    assert time.process_time() - started < 5
