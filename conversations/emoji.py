"""The emoji that the composer offers: of Unicode, those that are pictures by themselves, by what they show.

Ranges are of code points with Emoji_Presentation (Unicode emoji-data.txt), without skin tones and flags.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Ranges = Sequence[tuple[int, int]]

_GROUPS: Sequence[tuple[str | Promise, Ranges]] = (
    (_("Faces"), ((0x1F600, 0x1F644), (0x1F910, 0x1F917), (0x1F920, 0x1F925), (0x1F970, 0x1F976))),
    (_("People"), ((0x1F44B, 0x1F450), (0x1F645, 0x1F64F), (0x1F918, 0x1F91F), (0x1F466, 0x1F47A))),
    (
        _("Signs"),
        ((0x2705, 0x2705), (0x274C, 0x274C), (0x2728, 0x2728), (0x2B50, 0x2B50), (0x1F493, 0x1F4AF)),
    ),
    (_("Nature"), ((0x1F308, 0x1F320), (0x1F331, 0x1F335), (0x1F337, 0x1F344), (0x1F40C, 0x1F43E))),
    (_("Food"), ((0x1F345, 0x1F37C),)),
    (_("Celebrating"), ((0x1F380, 0x1F393), (0x1F3A0, 0x1F3C6))),
    (_("Places"), ((0x1F3E0, 0x1F3F0), (0x1F680, 0x1F6A2))),
    (_("Things"), ((0x1F4B0, 0x1F4FC), (0x1F50B, 0x1F517), (0x1F525, 0x1F52E))),
)


@dataclass(frozen=True, slots=True)
class Emoji:
    """A character, and what Unicode calls it, in English."""

    character: str
    name: str


@cache
def groups() -> Sequence[tuple[str | Promise, Sequence[Emoji]]]:
    """All that are offered, by group."""
    return tuple((label, tuple(_named(ranges))) for label, ranges in _GROUPS)


def _named(ranges: Ranges) -> Iterator[Emoji]:
    for first, last in ranges:
        for point in range(first, last + 1):
            if name := unicodedata.name(chr(point), ""):
                yield Emoji(chr(point), name.lower())
