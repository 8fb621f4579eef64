"""What people write about, in several languages: read from the plays beside this file.

A play begins with `== brand | kinds of address | label | subject`, and `| language` where the file has several.
Its lines begin with `<` for the customer, `>` for the agent and `!` for a note among members. Words in braces
are filled in for each conversation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contacts.types import AddressKind

CUSTOMER, AGENT, NOTE = "<", ">", "!"


@dataclass(frozen=True, slots=True)
class Topic:
    """A matter as it usually goes; `turns` are (CUSTOMER, AGENT or NOTE, text)."""

    brand: str
    kinds: tuple[AddressKind, ...]
    label: str
    subject: str
    language: str
    turns: tuple[tuple[str, str], ...]


@cache
def topics() -> tuple[Topic, ...]:
    """Every play."""
    files = sorted(Path(__file__).parent.glob("*.txt"))
    return tuple(topic for file in files for topic in _read(file))


def _read(file: Path) -> Iterator[Topic]:
    for play in file.read_text(encoding="utf-8").split("== ")[1:]:
        head, *lines = play.strip().splitlines()
        brand, kinds, label, subject, *language = (part.strip() for part in head.split("|"))
        yield Topic(
            brand=brand,
            kinds=tuple(AddressKind(kind) for kind in kinds.split()),
            label=label,
            subject=subject,
            language=language[0] if language else file.stem,
            turns=tuple((line[0], line[2:]) for line in lines),
        )
