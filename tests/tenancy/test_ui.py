from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.template import engines
from django.utils import translation

from tenancy import moments, ui

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


def rendered(source: str, **context: object) -> str:
    return engines["jinja2"].from_string(source).render(context)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Dana Okafor", "DO"),
        ("Ana Maria Lind", "AL"),
        ("Ana", "A"),
        ("dana.okafor@cust.example", "DO"),
        ("+1 206", "2"),
        ("", "?"),
        ("“”", "?"),
        ("王 小明", "王小"),
    ],
)
def test_initials(name, letters):
    assert ui.initials(name) == letters


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "15:00"),
        (NOW - timedelta(days=1), "Tue"),
        (NOW - timedelta(days=6), "Thu"),
        (NOW - timedelta(days=7), "25 Feb"),
        (NOW - timedelta(days=70), "24 Dec 2025"),
        (NOW + timedelta(days=1), "5 Mar"),
    ],
)
def test_a_moment_is_as_exact_as_the_reader_needs(moment, words):
    with time_machine.travel(NOW, tick=False):
        assert ui.short(moment) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["15:00", "25 Feb", "24 Dec 2025", "Today, Wed 4 Mar", "Wed 4 Mar, 15:00"]),
        ("en-us", ["3:00 PM", "Feb 25", "Dec 24, 2025", "Today, Wed, Mar 4", "Wed, Mar 4, 3:00 PM"]),
        ("de", ["15:00", "25 Feb", "24 Dez 2025", "Heute, Mi 4 Mär", "Mi 4 Mär, 15:00"]),
    ],
)
def test_a_moment_reads_as_the_reader_is_used_to(language, words):
    with time_machine.travel(NOW, tick=False), translation.override(language):
        ago = [NOW - timedelta(days=days) for days in (0, 7, 70)]
        assert [*map(ui.short, ago), ui.day(NOW), moments.moment(NOW)] == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59, "under 1 min"),
        (60, "1 min"),
        (3599, "59 min"),
        (60660, "16 h 51 min"),
        (3600, "1 h 00 min"),
        (180000, "2 d 2 h"),
    ],
)
def test_a_span_in_its_two_largest_units(seconds, words):
    assert ui.span(seconds) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "Today, Wed 4 Mar"), (1, "Yesterday, Tue 3 Mar"), (2, "Mon 2 Mar"), (70, "Wed 24 Dec 2025")],
)
def test_a_day_as_a_heading(days, words):
    with time_machine.travel(NOW, tick=False):
        assert ui.day(NOW - timedelta(days=days)) == words


def test_a_channel_says_its_word_to_a_screen_reader():
    shown = rendered('{{ channel_mark("twilio-whatsapp") }}')
    assert 'data-channel="whatsapp"' in shown
    assert '<span class="sr-only">WhatsApp</span>' in shown
    assert "sr-only" not in rendered('{{ channel_mark("email", word=false) }}')


def test_a_trail_reads_as_a_sentence():
    assert '<span class="sr-only">Chat, then E-mail</span>' in rendered(
        "{{ trail(kinds) }}", kinds=["chat", "email"]
    )


def test_what_people_are_called_is_escaped():
    assert "<b>" not in rendered("{{ avatar(name) }}", name="<b>x")
    assert rendered("{{ icon(name) }}", name='"><script>').count("<script>") == 0


def test_a_face_keeps_its_hue():
    assert ui.avatar("Dana Okafor") == ui.avatar("Dana Okafor")


def test_the_query_of_an_address_becomes_fields():
    assert list(ui.fields("/w/acme/inbox/1/assignment/?member=&x=a%26b")) == [("member", ""), ("x", "a&b")]
    assert list(ui.fields("")) == []
