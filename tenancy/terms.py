"""Words that people ask for, as conditions of the index."""

from collections.abc import Iterable, Sequence

from tenancy.asked import Asked, Term
from tenancy.words import is_sign, numbers_asked, spelled


def firm_and_typed(asked: Asked) -> tuple[str, str]:
    """The conditions that stand, and that of the last word, which may go on; both as `tenancy.search.Ask`
    wants them."""
    groups = [group for group in asked.terms if any(condition(term) for term in group)]
    ends_open = asked.is_open and bool(asked.terms) and groups[-1:] == list(asked.terms[-1:])
    typed = ends_open and len(groups[-1]) == 1
    firm = groups[:-1] if typed else groups
    return (
        joined(_any(group, goes_on=ends_open and group is groups[-1]) for group in firm),
        condition(groups[-1][0], goes_on=True) if typed else "",
    )


def joined(conditions: Iterable[str]) -> str:
    """Conditions of which each must be met."""
    return " & ".join(one for one in conditions if one)


def _any(group: Sequence[Term], *, goes_on: bool) -> str:
    last = group[-1]
    found = [condition(term, goes_on=goes_on and term is last) for term in group]
    return f"({' | '.join(one for one in found if one)})" if any(found) else ""


def condition(term: Term, *, goes_on: bool = False) -> str:
    """A term's condition; empty where it has neither letter nor digit. `goes_on`: its last word may be
    longer."""
    found = f"'~={term.fact}'" if term.fact else _said(term, goes_on=goes_on)
    return f"!{found}" if found and term.is_negated else found


def _said(term: Term, *, goes_on: bool) -> str:
    words = spelled(term.text)
    if words and is_sign(words[-1][0]):
        # The last sign of a text stands alone in the index, and otherwise begins a pair.
        if len(words) > 1 and words[-2][0].endswith(words[-1][0]):
            words.pop()
        else:
            goes_on = True
    if not words:
        return ""
    place = f":{term.field}" if term.field else ""
    places = [place] * len(words)
    if goes_on:
        places[-1] = f":*{term.field}"
    found = " <-> ".join(_one(spellings, place) for spellings, place in zip(words, places, strict=True))
    if len(words) > 1:
        found = f"({found})"
    for number in numbers_asked(term.text):
        found = f"('~{number}'{place} | {found})"
    return found


def _one(spellings: Sequence[str], place: str) -> str:
    found = " | ".join(f"'~{word}'{place}" for word in spellings)
    return f"({found})" if len(spellings) > 1 else found
