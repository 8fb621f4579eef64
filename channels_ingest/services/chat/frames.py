"""What a widget may say, checked before anything is done with it. Whatever else it says is Refused."""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from channels_ingest.adapters.chat import MOST_BYTES, MOST_FILES, MOST_TEXT
from contacts.addresses import normalise_email

LARGEST = 64 * 1024  # bytes of a frame on a socket
MOST_FRAMES = 20  # of one POST
LONGEST_NAME = 200
LONGEST_URL = 2_000
LONGEST_USER = 150  # characters of a site's own id of a person

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# What PostgreSQL cannot store, and UTF-8 cannot write.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Refused(Exception):
    """What is said cannot be taken; `detail` tells people why, `retry_after` (seconds) when it could be."""

    def __init__(self, code: str, detail: str, *, id: str = "", retry_after: int = 0) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.id = id
        self.retry_after = retry_after

    @property
    def frame(self) -> dict[str, Any]:
        """The error as the widget is told of it."""
        told: dict[str, Any] = {"type": "error", "code": self.code, "detail": self.detail}
        if self.id:
            told["id"] = self.id
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


def read(said: object, *, by_post: bool) -> Frame:
    """A frame out of what JSON held. Raises Refused, with the id of the message where there is one."""
    if not isinstance(said, dict):
        raise Refused("bad_frame", _("A frame is an object."))
    named = said.get("type")
    reader = _READERS.get(named) if isinstance(named, str) else None
    if reader is None:
        raise Refused("bad_frame", _("There is no frame of this type."))
    fields = _Fields(said)
    try:
        if "files" in said and not by_post:
            raise Refused("bad_frame", _("Files are sent by POST."))
        return reader(fields)
    except Refused as refused:
        refused.id = fields.id
        raise


@dataclass(frozen=True, slots=True)
class _Fields:
    """Reads the fields of a frame one by one. Each raises Refused."""

    said: Mapping[str, Any]
    id: str = field(init=False, default="")

    def __post_init__(self) -> None:
        id = self.said.get("id")
        if isinstance(id, str) and _UUID.fullmatch(id):
            object.__setattr__(self, "id", id)

    def text(self, name: str, most: int) -> str:
        text = self.said.get(name)
        if text is None:
            return ""
        if not isinstance(text, str):
            raise Refused("bad_frame", _("“%(name)s” must be text.") % {"name": name})
        if _UNSTORABLE.search(text):
            raise Refused("bad_frame", _("“%(name)s” has characters that are none.") % {"name": name})
        if len(text) > most:
            detail = _("“%(name)s” may have %(most)d characters.")
            raise Refused("too_long", detail % {"name": name, "most": most})
        return text.strip()

    def number(self, name: str) -> int:
        number = self.said.get(name)
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**63:
            raise Refused("bad_frame", _("“%(name)s” must be the number of a message.") % {"name": name})
        return number

    def part(self, name: str) -> "_Fields":
        part = self.said.get(name) or {}
        if not isinstance(part, dict):
            raise Refused("bad_frame", _("“%(name)s” must be an object.") % {"name": name})
        return _Fields(part)

    def email(self) -> str:
        text = self.text("email", 320)
        try:
            return normalise_email(text) if text else ""
        except ValidationError as error:
            raise Refused("bad_frame", " ".join(error.messages)) from error

    def flag(self, name: str) -> bool:
        flag = self.said.get(name)
        if not isinstance(flag, bool):
            raise Refused("bad_frame", _("“%(name)s” must be true or false.") % {"name": name})
        return flag


def _hello(fields: _Fields) -> Hello:
    return Hello(
        session=_secret(fields.said.get("session")),
        user=_user(fields.part("user")),
        after=None if fields.said.get("after") is None else fields.number("after"),
        page=_page(fields.part("page")),
        language=fields.text("language", 35),
    )


def _secret(said: object) -> str:
    """A session's secret; whatever cannot be one is as good as none."""
    return said if isinstance(said, str) and len(said) <= 200 and said.isascii() else ""


def _user(fields: _Fields) -> User:
    """What the site says; an e-mail address that is none is left out, for the visitor cannot help it."""
    try:
        email = fields.email()
    except Refused:
        email = ""
    return User(
        id=fields.text("id", LONGEST_USER),
        hash=fields.text("hash", 200),
        email=email,
        email_hash=fields.text("email_hash", 200),
        name=fields.text("name", LONGEST_NAME),
    )


def _page(fields: _Fields) -> Page:
    """What a browser says of its page: cut where it is too long, and nothing but web pages have an address."""
    url, title = (
        _UNSTORABLE.sub("", text) if isinstance(text, str) else ""
        for text in (fields.said.get("url"), fields.said.get("title"))
    )
    is_web = url.startswith(("https://", "http://"))
    return Page(url[:LONGEST_URL] if is_web else "", " ".join(title[:LONGEST_NAME].split()))


def _say(fields: _Fields) -> Say:
    if not fields.id:
        raise Refused("bad_frame", _("A message needs a UUID as its id."))
    text, files = fields.text("text", MOST_TEXT), _files(fields.said.get("files"))
    if not text and not files:
        raise Refused("bad_frame", _("Write something first."))
    return Say(fields.id, text, files, fields.text("name", LONGEST_NAME), fields.email())


def _files(said: object) -> tuple[File, ...]:
    if said is None:
        return ()
    if not isinstance(said, list) or not all(isinstance(file, dict) for file in said):
        raise Refused("bad_frame", _("Files are a list of objects."))
    if len(said) > MOST_FILES:
        raise Refused("too_large", _("A message can have %(most)d files.") % {"most": MOST_FILES})
    files = tuple(_file(_Fields(file)) for file in said)
    if sum(file.size for file in files) > MOST_BYTES:
        most = MOST_BYTES // (1024 * 1024)
        raise Refused(
            "too_large", _("The files of a message can have %(most)d MB together.") % {"most": most}
        )
    return files


def _file(fields: _Fields) -> File:
    data = fields.text("data", 2 * MOST_BYTES)
    try:
        content = b64decode(data, validate=True)
    except ValueError as error:
        raise Refused("bad_frame", _("The data of a file is no base64.")) from error
    if not content:
        raise Refused("bad_frame", _("A file is empty."))
    return File(fields.text("name", 1_000) or "file", fields.text("type", 200), data)


def _introduce(fields: _Fields) -> Introduce:
    return Introduce(fields.text("name", LONGEST_NAME), fields.email())


_READERS: dict[str, Callable[[_Fields], Frame]] = {
    "hello": _hello,
    "say": _say,
    "introduce": _introduce,
    "seen": lambda fields: Seen(fields.number("delivered"), fields.number("read")),
    "typing": lambda fields: Typing(fields.flag("is")),
    "more": lambda fields: More(fields.number("before")),
    "ping": lambda fields: Ping(),
}
