"""What the writer is asked about once before a message goes."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from conversations.promises import PROMISES

MANY = 10  # copies
_BLANK = re.compile(r"\{\{\s*[a-z]+\.?\w*\s*\}\}")
_PROMISED = re.compile(rf"(?<![^\W\d_])(?:{PROMISES})", re.IGNORECASE)


def worry(data: Mapping[str, Any], *, asked: Collection[str]) -> str:
    """`blank`: a variable is still to be filled in; `file`: the words promise one and none is attached; `many`:
    very many people get a copy. Empty where there is nothing, or where it was asked already."""
    text = data["text"]
    if _BLANK.search(text):
        found = "blank"
    elif _PROMISED.search(text) and not (data["attachments"] or data["uploads"]):
        found = "file"
    else:
        found = "many" if len(data["cc"]) + len(data["bcc"]) >= MANY else ""
    return "" if found in asked else found
