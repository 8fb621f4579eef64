"""Canned replies as a CSV file: written out, and read in all or not at all."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from conversations.actions import LONGEST
from conversations.models import CannedReply
from conversations.services.tools import keep
from tenancy.models import Brand, Member
from tenancy.storable import storable

COLUMNS = ("name", "shortcut", "text", "html", "brand", "language", "shared")
LIMITS = {"name": 120, "shortcut": 40, "text": LONGEST, "html": LONGEST, "language": 12}
MOST = 1000  # rows of a file
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet takes a text for a formula


def written(replies: Iterable[CannedReply]) -> str:
    """The file of these replies; a text that a spreadsheet would calculate has an apostrophe before it."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(COLUMNS)
    for one in replies:
        words = (one.name, one.shortcut, one.text, one.html, str(one.brand or ""), one.language)
        sheet.writerow([*map(_guarded, words), "yes" if one.is_shared else "no"])
    return out.getvalue()


@transaction.atomic
def read_in(*, text: str, by: Member, request: HttpRequest | None = None) -> int:
    """Keep what a file says, and return how many replies that is. One whose shortcut is known is changed.

    Raises ValidationError, which names the line; then nothing is kept.
    """
    brands = {brand.name.casefold(): brand for brand in Brand.objects.filter(archived_at=None)}
    count = 0
    for line, row in _rows(storable(text)):
        try:
            _keep(row, brands, by, request)
        except (ValidationError, PermissionDenied) as error:
            why = (
                error.messages[0]
                if isinstance(error, ValidationError)
                else _("Managers change what is shared.")
            )
            raise ValidationError(_("Line %(line)d: %(why)s") % {"line": line, "why": why}) from error
        count += 1
    return count


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    sheet = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), restval="", restkey="")
    try:
        names = [name.strip().lower() for name in sheet.fieldnames or ()]
        if not {"name", "text"} <= set(names):
            raise ValidationError(
                _("The first line must name the columns: %(names)s.") % {"names": ", ".join(COLUMNS)}
            )
        sheet.fieldnames = names
        for count, row in enumerate(sheet, start=1):
            if count > MOST:
                raise ValidationError(_("A file has at most %(limit)d replies.") % {"limit": MOST})
            yield sheet.line_num, {name: _plain(row.get(name)) for name in COLUMNS if name in names}
    except csv.Error as error:
        raise ValidationError(_("This is not a CSV file: %(why)s") % {"why": error}) from error


def _keep(
    row: Mapping[str, str], brands: Mapping[str, Brand], by: Member, request: HttpRequest | None
) -> None:
    for name, limit in LIMITS.items():
        if len(row.get(name, "")) > limit:
            raise ValidationError(
                _("%(name)s has more than %(limit)d characters.") % {"name": name, "limit": limit}
            )
    if not row["name"].strip() or not row["text"].strip():
        raise ValidationError(_("A reply needs a name and a text."))
    named = row.get("brand", "").strip()
    brand = brands.get(named.casefold())
    if named and brand is None:
        raise ValidationError(_("There is no brand “%(name)s”.") % {"name": named})
    shared = row.get("shared", "").strip().lower() in {"yes", "true", "1"}
    canned = _known(row.get("shortcut", "").strip(), None if shared else by)
    if "html" in row or canned.text != row["text"]:
        canned.html = row.get("html", "")
    canned.name, canned.text = row["name"].strip(), row["text"]
    if "brand" in row:
        canned.brand = brand
    if "language" in row:
        canned.language = row["language"].strip()
    keep(tool=canned, shared=shared, by=by, request=request)


def _known(shortcut: str, owner: Member | None) -> CannedReply:
    """The reply of an owner that a shortcut calls, or a new one."""
    found = None
    if shortcut:
        rows = CannedReply.objects.filter(owner=owner, team=None, archived_at=None, shortcut__iexact=shortcut)
        found = rows.first()
    return found or CannedReply(shortcut=shortcut, owner=owner)


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULAS) else text


def _plain(text: str | list[str] | None) -> str:
    """What a cell says: without the apostrophe before a formula, and with line feeds alone."""
    words = text if isinstance(text, str) else ""
    if words.startswith("'") and words[1:].startswith(FORMULAS):
        words = words[1:]
    return words.replace("\r\n", "\n")
