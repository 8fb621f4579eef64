"""Words as search knows them: the same for what is searched and for what people ask.

Text is cut into runs of letters and digits. A run becomes one lexeme or several: without case, width and
accents, and in plain Latin letters without the ending of a plural. Scripts that set no spaces between words
become overlapping pairs of signs, so that any part of a text is found without knowing its words.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

LONGEST = 48  # characters of a lexeme; what is longer is no word, and is found by how it begins
STEM = 4  # letters that are left at least when an ending is taken off
# Of a long number so many digits at its end are known: people write it with or without its country, and area.
DIGITS, LOCAL = 8, 7
_MANY_DIGITS = r"\+?\(?\d(?:[ ().\-/]{0,2}\d){7,17}(?!\d)"
_LONG = re.compile(_MANY_DIGITS, re.ASCII)
# What is asked for as a number: a long one, or 555 0142.
NUMBER = re.compile(rf"{_MANY_DIGITS}|(?<!\w)\d{{3}}[ .\-/]?\d{{4}}(?!\w)", re.ASCII)

_MARKS = "".join(chr(one) for one in range(0x300, 0xFE00) if unicodedata.category(chr(one)) in {"Mn", "Mc"})
_RUN = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
_PLAIN = re.compile(r"[a-z0-9]+")
# Han, Kana, Thai, Lao, Myanmar, Khmer.
_SPACELESS = re.compile(
    "[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"
)
# Accents of Latin, Greek and Cyrillic letters, vowel points of Hebrew and Arabic: written or left out at will.
_ACCENTS = dict.fromkeys([*range(0x300, 0x370), *range(0x591, 0x5C8), 0x640, *range(0x64B, 0x660), 0x670])
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ς": "σ"}
)
# What people write who have no such key, or no such letter.
_WRITTEN_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}
_UMLAUT = re.compile("[äöüøå]|[aou]\u0308|a\u030a", re.IGNORECASE)


class Span(NamedTuple):
    """A run of letters and digits in a text, from `start` to `end`, and the lexemes that it becomes."""

    start: int
    end: int
    lexemes: tuple[str, ...]


def spans(text: str) -> Iterator[Span]:
    """All runs of a text, in their order."""
    if text.isascii():
        text = text.lower()
        for found in _PLAIN.finditer(text):
            yield Span(found.start(), found.end(), (stem(found[0]),))
    else:
        for found in _RUN.finditer(text):
            yield Span(found.start(), found.end(), lexemes_of(found[0]))


def lexemes(text: str) -> list[str]:
    """What a text says, as a question and an index compare it."""
    if text.isascii():
        return [stem(run) for run in _PLAIN.findall(text.lower())]
    return [lexeme for run in _RUN.findall(text) for lexeme in lexemes_of(run)]


def spelled(text: str) -> list[tuple[str, ...]]:
    """What a text says, each lexeme with the other that it is where umlauts are written out: Müller, Mueller."""
    said = lexemes(text)
    if text.isascii() or not _UMLAUT.search(text):
        return [(lexeme,) for lexeme in said]
    others = lexemes(written_out(text))
    return [tuple(dict.fromkeys(both)) for both in zip(said, others, strict=True)]


def written_out(text: str) -> str:
    """A text with two letters for each umlaut."""
    return _UMLAUT.sub(lambda found: _WRITTEN_OUT[unicodedata.normalize("NFC", found[0]).lower()], text)


def numbers(text: str) -> list[str]:
    """The ends of the long numbers in a text, of phones above all, however they are grouped."""
    found = (re.sub(r"\D", "", run) for run in _LONG.findall(text))
    return [f"#{digits[-count:]}" for digits in found for count in (DIGITS, LOCAL)]


def numbers_asked(text: str) -> list[str]:
    """The end by which each number in a question is known."""
    found = (re.sub(r"\D", "", run) for run in NUMBER.findall(text))
    return [f"#{digits[-DIGITS:]}" for digits in found]


def is_sign(lexeme: str) -> bool:
    """Whether it is one sign of a script that sets no spaces."""
    return len(lexeme) == 1 and _SPACELESS.match(lexeme) is not None


@lru_cache(maxsize=1 << 16)
def lexemes_of(run: str) -> tuple[str, ...]:
    """The lexemes of one run."""
    plain = _folded(run)
    return tuple(lexeme for piece in _RUN.findall(plain) for lexeme in _cut(piece))


def _folded(run: str) -> str:
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", run).casefold())
    return unicodedata.normalize("NFC", folded.translate(_ACCENTS)).translate(_LETTERS)


def _cut(piece: str) -> Iterator[str]:
    """Pairs of signs where no spaces are set, with the last one alone; everything else as it is."""
    at = 0
    for found in _SPACELESS.finditer(piece):
        if found.start() > at:
            yield stem(piece[at : found.start()])
        signs = found[0]
        yield from (signs[place : place + 2] for place in range(len(signs)))
        at = found.end()
    if at < len(piece):
        yield stem(piece[at:])


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A folded word without the ending of its plural: s, then e, then i or y ("companies", "company").

    Nothing is put in its place, so that however much of a word is typed begins what is kept of the whole.
    """
    if len(word) > STEM and word.isascii() and word.isalpha():
        if word[-1] == "s" and word[-2] not in "su":
            word = word[:-1]
        for ending in ("e", "iy"):
            if len(word) > STEM and word[-1] in ending:
                word = word[:-1]
    return word[:LONGEST]
