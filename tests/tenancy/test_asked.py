"""Questions taken apart, and as conditions of the index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenancy.asked import Operator, asked
from tenancy.storable import storable
from tenancy.terms import firm_and_typed


@pytest.mark.parametrize(
    ("question", "firm", "typed"),
    [
        ("refund", "", "'~refund':*"),
        ("refund ", "('~refund')", ""),
        ("late refund", "('~late')", "'~refund':*"),
        ('"late refund"', "(('~late' <-> '~refund'))", ""),
        ("“late refund", "(('~late' <-> '~refund'))", ""),
        ("refund -spam", "('~refund') & (!'~spam')", ""),
        ("from:dana refund ", "('~dana':A) & ('~refund')", ""),
        ('to:"Ana Berg"', "(('~ana':B <-> '~berg':B))", ""),
        ("subject:orders", "", "'~order':*C"),
        ("ana@cust.example", "", "('~ana' <-> '~cust' <-> '~exampl':*)"),
        ("invoice OR parcel x", "('~invoic' | '~parcel')", "'~x':*"),
        ("invoice or parcel", "('~invoic' | '~parcel':*)", ""),
        ("+1 206 555-0142 x", "(('~#65550142' | ('~1' <-> '~206' <-> '~555' <-> '~0142')))", "'~x':*"),
        ("Müller x", "(('~muller' | '~mueller'))", "'~x':*"),
        ('"Anna Mü"', "(('~anna' <-> ('~mu' | '~mue')))", ""),
        ("mueller", "", "'~mueller':*"),
        ("(206) 555-0142 x", "(('~#65550142' | ('~206' <-> '~555' <-> '~0142')))", "'~x':*"),
        ("555 0142", "", "('~#5550142' | ('~555' <-> '~0142':*))"),
        ("555 014", "('~555')", "'~014':*"),
        ("請求書 x", "(('~請求' <-> '~求書'))", "'~x':*"),
        ("書", "", "'~書':*"),
        ("... ' | & !", "", ""),
        ("is:open label:vip", "", ""),
        ("foo:bar x", "(('~foo' <-> '~bar'))", "'~x':*"),
        ("from:dana or from:ben", "('~dana':A | '~ben':*A)", ""),
        ("dana is:open or ben", "('~dana')", "'~ben':*"),
        ("or refund", "('~or')", "'~refund':*"),
        ("is:open or", "", "'~or':*"),
        ("a or or b c", "('~a' | '~b')", "'~c':*"),
    ],
)
def test_words_become_conditions(question, firm, typed):
    assert firm_and_typed(asked(question)) == (firm, typed)


@pytest.mark.parametrize(
    ("question", "operators"),
    [
        ("is:open", [Operator("is", "open")]),
        ("-label:VIP", [Operator("label", "VIP", is_negated=True)]),
        ('account:"North wind"', [Operator("account", "North wind")]),
        ("#48213", [Operator("number", "48213")]),
        ("number:48213", [Operator("number", "48213")]),
        ("is:open or is:pending", [Operator("is", "open"), Operator("is", "pending", is_other=True)]),
        ("#1 OR #2", [Operator("number", "1"), Operator("number", "2", is_other=True)]),
        ("is:open or label:vip", [Operator("is", "open"), Operator("label", "vip")]),
        ("or is:open", [Operator("is", "open")]),
        ("Before:2026-11-01", [Operator("before", "2026-11-01")]),
        ("https://x.example 10:30 is: :open #a", []),
    ],
)
def test_operators_are_told_from_words(question, operators):
    assert asked(question).operators == operators


def test_what_looks_like_an_operator_and_is_none_is_remarked_on():
    assert asked("foo:bar -x:y https://a.example re: 10:30").remarks == [
        "“foo:” is no operator, so it is searched as text.",
        "“x:” is no operator, so it is searched as text.",
    ]


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("is:open or is:pending", 0),
        ("a or b", 0),
        ("or is:open", 0),
        ("is:open or label:vip", 1),
        ("is:open or refund", 1),
        ("refund or is:open", 1),
        ("on:today or on:yesterday", 1),
        ("-is:open or -is:pending", 1),
        ("a or -b", 1),
    ],
)
def test_an_or_that_joins_nothing_is_remarked_on(question, count):
    remark = "“or” joins words, or operators of one name that are no days and have no minus."
    assert asked(question).remarks == [remark] * count


@pytest.mark.parametrize(
    ("starts", "left"),
    [
        ([0], "is:pending or is:snoozed refund"),
        ([8], "is:open or is:snoozed refund"),
        ([22], "is:open or is:pending refund"),
        ([0, 8], "is:snoozed refund"),
    ],
)
def test_what_is_taken_away_leaves_no_or_behind(starts, left):
    question = asked("is:open or is:pending or is:snoozed refund")
    assert question.plain == "refund"
    assert question.without(*starts) == left


def test_a_piece_can_be_taken_away():
    question = asked('account:"North wind" refund -is:spam')
    assert [(piece.name, piece.value) for piece in question.pieces if piece.is_token] == [
        ("account", "North wind"),
        ("-is", "spam"),
    ]
    assert question.plain == "refund"
    assert question.without(question.pieces[0].start) == "refund -is:spam"


@given(st.text())
def test_nothing_that_is_typed_is_an_error_and_nothing_is_lost(text):
    question = asked(text)
    assert "".join("".join(piece.text for piece in question.pieces).split()) == "".join(question.text.split())
    assert question.text == storable(text)[:400]
    for condition in firm_and_typed(question):
        assert condition.count("(") == condition.count(")")
