"""What is said in a story: read from the file beside it, a section of `== name` for each text."""

from functools import cache
from pathlib import Path


@cache
def lines(story: str) -> dict[str, str]:
    """The texts of a story by name."""
    sections = Path(__file__).with_name(f"{story}.txt").read_text(encoding="utf-8").split("== ")[1:]
    return {name: text.strip() for name, _, text in (section.partition("\n") for section in sections)}
