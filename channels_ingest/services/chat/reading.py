"""Reads frames out of what a widget sent, field by field, before anything is done with them."""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from channels_ingest.adapters.chat import MOST_BYTES, MOST_FILES, MOST_TEXT
from channels_ingest.services.chat.frames import (
    File,
    Frame,
    Hello,
    Introduce,
    More,
    Page,
    Ping,
    Refused,
    Say,
    Seen,
    Typing,
    User,
)
from contacts.addresses import normalise_email

LONGEST_NAME = 200
LONGEST_URL = 2_000
LONGEST_USER = 150  # characters of a site's own id of a person

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# What PostgreSQL cannot store, and UTF-8 cannot write.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read(said: object, *, by_post: bool) -> Frame:
    """A frame out of what JSON held. Raises Refused."""
    if not isinstance(said, dict):
        raise Refused("bad_frame", _("A frame is an object."))
    named = said.get("type")
    reader = _READERS.get(named) if isinstance(named, str) else None
    if reader is None:
        raise Refused("bad_frame", _("There is no frame of this type."))
    if "files" in said and not by_post:
        raise Refused("bad_frame", _("Files are sent by POST."))
    return reader(_Fields(said))


def id_of(said: object) -> str:
    """The id of a message, whatever else is wrong with it; empty where there is none."""
    id = said.get("id") if isinstance(said, dict) else ""
    return id if isinstance(id, str) and _UUID.fullmatch(id) else ""


@dataclass(frozen=True, slots=True)
class _Fields:
    """Reads the fields of a frame one by one. Each raises Refused."""

    said: Mapping[str, Any]

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
    id = id_of(fields.said)
    if not id:
        raise Refused("bad_frame", _("A message needs a UUID as its id."))
    text, files = fields.text("text", MOST_TEXT), _files(fields.said.get("files"))
    if not text and not files:
        raise Refused("bad_frame", _("Write something first."))
    return Say(id, text, files, fields.text("name", LONGEST_NAME), fields.email())


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
