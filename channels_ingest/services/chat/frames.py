"""What a widget may say, and how it is told that it may not."""

from dataclasses import asdict, dataclass
from typing import Any

LARGEST = 64 * 1024  # bytes of a frame on a socket
MOST_FRAMES = 20  # of one POST


class Refused(Exception):
    """What is said cannot be taken; `detail` tells people why, `retry_after` (seconds) when it could be."""

    def __init__(self, code: str, detail: str, *, retry_after: int = 0) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after

    @property
    def frame(self) -> dict[str, Any]:
        """The error as the widget is told of it."""
        told: dict[str, Any] = {"type": "error", "code": self.code, "detail": self.detail}
        if self.retry_after:
            told["retry_after"] = self.retry_after
        return told


@dataclass(frozen=True, slots=True)
class User:
    """Whom the site says that the visitor is; true only as far as the hashes go."""

    id: str = ""
    hash: str = ""
    email: str = ""
    email_hash: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What the visitor is looking at."""

    url: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was sent; `data` is good base64."""

    name: str
    type: str
    data: str

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.data) // 4 * 3 - self.data[-2:].count("=")


@dataclass(frozen=True, slots=True)
class Hello:
    session: str
    user: User
    after: int | None
    page: Page
    language: str


@dataclass(frozen=True, slots=True)
class Say:
    id: str
    text: str
    files: tuple[File, ...] = ()
    name: str = ""
    email: str = ""

    @property
    def said(self) -> dict[str, Any]:
        """As it is stored."""
        return {"id": self.id, "text": self.text, "files": [asdict(file) for file in self.files]}


@dataclass(frozen=True, slots=True)
class Introduce:
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Seen:
    delivered: int
    read: int


@dataclass(frozen=True, slots=True)
class Typing:
    is_typing: bool


@dataclass(frozen=True, slots=True)
class More:
    before: int


@dataclass(frozen=True, slots=True)
class Ping:
    pass


Frame = Hello | Say | Introduce | Seen | Typing | More | Ping
