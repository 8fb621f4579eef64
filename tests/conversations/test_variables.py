"""Variables: filled where there is a value, kept and told where there is none, and never markup."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.variables import VARIABLES, Filled, fill, fill_html, unknown

ANA = {"contact.first_name": "Ana", "member.name": "Aki Agent", "brand.name": "Tom & <Co>"}
values = st.dictionaries(st.sampled_from(list(VARIABLES)), st.text())
# Texts in which braces, bars and names come close to each other.
texts = st.lists(st.sampled_from(["{{", "}}", "{", "|", " ", "a", "<b>", *VARIABLES]) | st.text()).map(
    "".join
)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hi {{contact.first_name}},", Filled("Hi Ana,")),
        ("Hi {{ contact.first_name | there }},", Filled("Hi Ana,")),
        ("Hi {{contact.name|there}},", Filled("Hi there,")),
        ("Hi{{contact.name|}},", Filled("Hi,")),
        ("Hi {{contact.name}},", Filled("Hi {{contact.name}},", ("contact.name",))),
        (
            "{{contact.name}} {{ contact.name }}",
            Filled("{{contact.name}} {{ contact.name }}", ("contact.name",)),
        ),
        ("{{contact.shoe_size|9}}", Filled("{{contact.shoe_size|9}}")),
        ("{{today}} {today} {{}}", Filled("{{today}} {today} {{}}", ("today",))),
    ],
)
def test_a_text_is_filled(text: str, filled: Filled):
    assert fill(text, ANA) == filled


def test_what_is_missing_is_said_in_words():
    filled = fill("{{contact.name}}, {{account.name}}", {})
    assert filled.words == ["the customer's name", "the customer's company"]


def test_a_value_is_no_text_to_fill():
    assert fill("{{contact.name}}", {"contact.name": "{{member.name}}", "member.name": "Aki"}).text == (
        "{{member.name}}"
    )


def test_values_are_escaped_in_html_and_words_after_a_bar_are_html():
    html = "<p>{{brand.name}} {{contact.name|you &amp; yours}}</p>"
    assert fill_html(html, ANA).text == "<p>Tom &amp; &lt;Co&gt; you &amp; yours</p>"


def test_unknown_variables_are_named_once():
    assert unknown("{{contact.name}} {{ shoe.size |9}} {{shoe.size}} {{}} {x}") == ["shoe.size", ""]


@given(texts, values)
def test_filling_never_raises_and_misses_only_what_has_no_value(text: str, known: dict[str, str]):
    filled = fill(text, known)
    assert all(name in VARIABLES and not known.get(name, "").split() for name in filled.missing)
    assert len(set(filled.missing)) == len(filled.missing)


@given(st.text(alphabet=st.characters(exclude_characters="{")), values)
def test_a_text_without_variables_stays_as_it_is(text: str, known: dict[str, str]):
    assert fill(text, known) == fill_html(text, known) == Filled(text)


@given(values)
def test_no_value_brings_markup_into_html(known: dict[str, str]):
    html = "".join(f"{{{{{name}|-}}}}" for name in VARIABLES)
    filled = fill_html(html, known).text
    assert not set(filled) & set("<>\"'")
    assert unescape(filled) == fill(html, known).text
