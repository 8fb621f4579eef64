"""Whether two names could be one person's: used to refuse joins, never to make them."""

import unicodedata
from collections import Counter


def compatible(one: str, other: str) -> bool:
    """Whether nothing speaks against both names being the same person's.

    Both must begin alike, and every word of the shorter one must stand in the longer one: "Ana" fits "Ana Lopez",
    "Lopez, Ana" fits "Ana Lopez"; "Juan Lopez" does not fit "Maria Lopez", nor do "Lopez" and "M. Lopez", which
    may be another of the family. A name without letters (a phone number, nothing) or with an "@" fits anything.
    """
    short, long = sorted((_words(one), _words(other)), key=len)
    if not short:
        return True
    if len(short) == len(long):
        return sorted(short) == sorted(long)
    return short[0] == long[0] and not Counter(short) - Counter(long)


def is_name(text: str) -> bool:
    """Whether a display name is a name, rather than an address put in its place to deceive or by default."""
    return "@" not in text and any(character.isalpha() for character in text)


def first_name(name: str) -> str:
    """By what to greet somebody of this name: "Ana" for "Ana Lopez" and "Lopez, Ana".

    Empty for what is no name, and where it begins with a title or an initial ("Dr. Weber", "J. Doe").
    """
    last, comma, first = name.partition(",")
    words = (first if comma and first.strip() else last).split()
    if not is_name(name) or not words or words[0].endswith(".") or len(words[0]) < 2:
        return ""
    return words[0]


def _words(name: str) -> list[str]:
    if not is_name(name):
        return []
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", name).casefold()
        if not unicodedata.combining(character)
    )
    words = plain.replace(".", ". ").replace(",", " ").split()
    return list(filter(None, ("".join(filter(str.isalnum, word)) for word in words)))
