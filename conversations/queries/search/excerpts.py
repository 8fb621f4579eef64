"""Why something was found: the words that were asked for, marked where they stand."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from tenancy.asked import Asked
from tenancy.words import Span, is_sign, lexemes_of, spans, spelled, written_out

LENGTH = 220  # characters of an excerpt
BEFORE = 60  # of them at most before the first mark
READ = 20_000  # characters of a text in which marks are looked for
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marker:
    """Marks words of a question in texts."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    signs: re.Pattern[str] | None

    @classmethod
    def of(cls, asked: Asked) -> "Marker":
        terms = [term for group in asked.terms for term in group if not term.is_negated]
        said = [spelled(term.text) for term in terms]
        words = {lexeme for found in said for spellings in found for lexeme in spellings}
        last = said[-1][-1] if asked.is_open and said and said[-1] else ()
        signs = [
            re.escape(term.text) for term, found in zip(terms, said, strict=True) if _is_spaceless(found)
        ]
        return cls(frozenset(words), last, re.compile("|".join(signs), re.IGNORECASE) if signs else None)

    def marked(self, text: str) -> Markup:
        """The whole text, with marks."""
        return _render(text, list(self.places(text)))

    def excerpt(self, text: str) -> Markup:
        """The part of a text in which it is said, on one line; its beginning where nothing is marked."""
        text = " ".join(text[:READ].split())
        places = list(self.places(text))
        start, end = _window(text, places[0][0] if places else 0)
        inside = [(max(at, start) - start, to - start) for at, to in places if start <= at and to <= end]
        shown = _render(text[start:end], inside)
        return Markup("{}{}{}").format("… " if start else "", shown, " …" if end < len(text) else "")

    def says(self, text: str) -> bool:
        """Whether there is anything to mark in it."""
        return next(self.places(text[:READ]), None) is not None

    def places(self, text: str) -> Iterator[Place]:
        """Where marks begin and end, in order and apart."""
        found = [(span.start, span.end) for span in spans(text) if self._is_meant(span, text)]
        if self.signs:
            found += [match.span() for match in self.signs.finditer(text)]
        end = 0
        for place in sorted(found):
            if place[0] >= end:
                yield place
                end = place[1]

    def _is_meant(self, span: Span, text: str) -> bool:
        if self._means(span.lexemes):
            return True
        run = text[span.start : span.end]
        return not run.isascii() and self._means(lexemes_of(written_out(run)))

    def _means(self, said: Sequence[str]) -> bool:
        if len(said) != 1:  # of signs without spaces, all of a line would be marked
            return len(said) > 1 and not is_sign(said[-1]) and not self.words.isdisjoint(said)
        return said[0] in self.words or any(said[0].startswith(begins) for begins in self.beginnings)


def _is_spaceless(found: Sequence[Sequence[str]]) -> bool:
    return bool(found) and is_sign(found[-1][0])


def _window(text: str, first: int) -> Place:
    """Where an excerpt begins and ends, between words."""
    start = max(0, first - BEFORE)
    if start:
        start = text.find(" ", start, first) + 1 or start
    end = start + LENGTH
    if end < len(text):
        end = text.rfind(" ", start + LENGTH // 2, end) if " " in text[start + LENGTH // 2 : end] else end
    return start, min(end, len(text))


def _render(text: str, places: Iterable[Place]) -> Markup:
    """Everything escaped, piece by piece; nothing but the marks is HTML."""
    pieces, end = list[Markup](), 0
    for start, stop in places:
        pieces += [escape(text[end:start]), Markup("<mark>"), escape(text[start:stop]), Markup("</mark>")]
        end = stop
    return Markup("").join([*pieces, escape(text[end:])])
