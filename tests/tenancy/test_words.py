"""Runs of letters and digits as lexemes: languages, scripts, and what holds for any text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenancy.words import LONGEST, is_sign, lexemes, numbers, numbers_asked, spans, spelled, stem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The ORDER, of ours!", ["the", "order", "of", "ours"]),
        ("Größe ÉLAN Łódź naïve", ["gross", "elan", "lodz", "naiv"]),
        ("ﬁne ½ Ａｂｃ", ["fine", "1", "2", "abc"]),
        ("İstanbul ISTANBUL", ["istanbul", "istanbul"]),
        ("й ё", ["и", "е"]),
        ("مُحَمَّد أحمد", ["محمد", "احمد"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("한국어를 검색", ["한국어를", "검색"]),
        ("請求書", ["請求", "求書", "書"]),
        ("ｱｲｳ", ["アイ", "イウ", "ウ"]),
        ("ไม่มี", ["ไม", "ม่", "่ม", "มี", "ี"]),
        ("iPhone15用ケース", ["iphone15", "用ケ", "ケー", "ース", "ス"]),
        ("ana.b@cust.example", ["ana", "b", "cust", "exampl"]),
        ("plan_suspended INV-2024-7", ["plan", "suspended", "inv", "2024", "7"]),
        ("❤️ …", []),
    ],
)
def test_a_text_becomes_lexemes(text, words):
    assert lexemes(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Müller Mueller", [("muller", "mueller"), ("mueller",)]),
        ("JÖRG jo\u0308rg", [("jorg", "joerg")] * 2),
        ("Århus Jørgensen", [("arhus", "aarhus"), ("jorgensen", "joergensen")]),
        ("Straße élan", [("strass",), ("elan",)]),
    ],
)
def test_umlauts_are_written_in_two_ways(text, words):
    assert spelled(text) == words


@given(st.text(st.sampled_from("aouAOUäöüÄÖÜøå\u0308\u030a\u0301\u0323\u212be½ﬁ請ア ｱー가-.")) | st.text())
def test_both_ways_to_write_stand_at_one_place(text):
    assert [spellings[0] for spellings in spelled(text)] == lexemes(text)


@pytest.mark.parametrize(
    ("words", "common"),
    [
        ("company companies", "compan"),
        ("order orders", "order"),
        ("address addresses", "address"),
        ("status statuses", "status"),
        ("invoice invoices", "invoic"),
        ("case cases", "case"),
        ("bus", "bus"),
    ],
)
def test_a_plural_is_its_singular(words, common):
    assert {stem(word) for word in words.split()} == {common}


@pytest.mark.parametrize(
    "text",
    [
        "+1 (206) 555-0142",
        "(206) 555-0142",
        "12065550142",
        "206 555 0142",
        "001-206-555-0142",
        "06.55.50.14.2",
    ],
)
def test_a_long_number_is_known_by_its_end(text):
    assert numbers(f"call {text} or") == ["#65550142", "#5550142"]
    assert numbers_asked(text) == ["#65550142"]


@pytest.mark.parametrize("text", ["555 0142", "555-0142", "5550142"])
def test_a_number_without_its_area_is_asked_for_by_all_of_it(text):
    assert numbers_asked(text) == ["#5550142"]
    assert numbers(text) == []


@pytest.mark.parametrize("text", ["7", "15:40:09", "1,900", "4 of 12 and 5"])
def test_short_numbers_are_words_alone(text):
    assert numbers(text) == numbers_asked(text) == []


plain = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=1, max_size=12)


@given(plain)
def test_however_much_is_typed_begins_the_whole(word):
    for typed in range(1, len(word) + 1):
        assert stem(word).startswith(stem(word[:typed]))


@given(st.text())
def test_spans_say_the_same_as_lexemes_and_lie_in_the_text(text):
    found = list(spans(text))
    assert [lexeme for span in found for lexeme in span.lexemes] == lexemes(text)
    edges = [edge for span in found for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(text) for edge in edges)


@given(st.text())
def test_a_lexeme_needs_no_quotes_and_is_never_a_mark(text):
    for lexeme in lexemes(text):
        assert 0 < len(lexeme) <= LONGEST
        assert not re.search(r"[\s'\\:~=#A-Z|&!()<>*]", lexeme)


@given(st.text(st.sampled_from("請求書確認お願いしますกขคง"), min_size=2), st.data())
def test_any_part_of_a_text_without_spaces_is_found(text, data):
    begin = data.draw(st.integers(0, len(text) - 1))
    part = text[begin : data.draw(st.integers(begin + 1, len(text)))]
    asked = lexemes(part)
    pairs = asked[:-1] if len(asked) > 1 else []
    assert is_sign(asked[-1])
    said = lexemes(text)
    assert any(said[at : at + len(pairs)] == pairs for at in range(len(said) - len(pairs) + 1))
    assert any(lexeme.startswith(asked[-1]) for lexeme in said)


@given(st.text(), st.text())
def test_texts_beside_each_other_say_what_each_says(one, other):
    assert lexemes(f"{one} {other}") == lexemes(one) + lexemes(other)
