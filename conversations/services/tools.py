"""Keeping tools: canned replies and macros of one's own, and shared ones, which managers look after."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations import richtext
from conversations.models import CannedReply
from conversations.models.tool import Tool
from conversations.variables import fill, fill_html, unknown, words_of
from tenancy.models import Member, Role, Team
from tenancy.services import audit

Kept = TypeVar("Kept", bound=Tool)
_SHORTCUT = re.compile(r"[\w-]+")


def may_change(tool: Tool, member: Member) -> bool:
    """Whether a member may change a tool: their own, or, from manager on, a shared one."""
    return member.may(Role.MANAGER) if tool.is_shared else tool.owner_id == member.pk


@dataclass(frozen=True, slots=True)
class Said:
    """What a canned reply says in one conversation, and the variables that have no value there."""

    text: str
    html: str
    missing: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """What is missing, in words."""
        return words_of(self.missing)


def say(canned: CannedReply, values: Mapping[str, str]) -> Said:
    """A canned reply with the values of its variables; its HTML is fit to be shown."""
    text, html = fill(canned.text, values), fill_html(canned.html, values)
    missing = tuple(dict.fromkeys([*text.missing, *html.missing]))
    return Said(text.text, richtext.clean(html.text) if html.text else "", missing)


@transaction.atomic
def keep(
    *, tool: Kept, shared: bool, by: Member, team: Team | None = None, request: HttpRequest | None = None
) -> Kept:
    """Store a tool, new or changed: the member's own, or shared with a team or with everybody.

    Raises PermissionDenied, and ValidationError for what cannot be kept so.
    """
    is_new, was_shared = tool.pk is None, tool.is_shared and tool.pk is not None
    if not is_new and not may_change(tool, by):
        raise PermissionDenied
    tool.owner, tool.team = (None, team) if shared else (by, None)
    if not may_change(tool, by):
        raise PermissionDenied
    if isinstance(tool, CannedReply):
        _check_canned(tool)
    tool.save()
    if shared or was_shared:
        _record(tool, "created" if is_new else "changed", by, request)
    return tool


@transaction.atomic
def archive(*, tool: Tool, by: Member, request: HttpRequest | None = None) -> None:
    """Put a tool away; it can be brought back. Raises PermissionDenied."""
    _set_archived(tool, "archived", by, request)


@transaction.atomic
def bring_back(*, tool: Tool, by: Member, request: HttpRequest | None = None) -> None:
    """Take a tool out of the archive. Raises PermissionDenied, and ValidationError where its shortcut is taken."""
    _set_archived(tool, "brought_back", by, request)


def note_use(tool: Tool) -> None:
    """Count that a tool was used. Where somebody else does at this moment it is not: nobody waits for a hint."""
    free = type(tool).objects.select_for_update(skip_locked=True).filter(pk=tool.pk).values("pk")
    rows = type(tool).objects.filter(pk__in=free)
    rows.update(uses=F("uses") + 1, last_used_at=timezone.now())


def _set_archived(tool: Tool, word: str, by: Member, request: HttpRequest | None) -> None:
    if not may_change(tool, by):
        raise PermissionDenied
    tool.archived_at = timezone.now() if word == "archived" else None
    if isinstance(tool, CannedReply) and not tool.archived_at:
        _check_shortcut(tool)
    tool.save(update_fields=["archived_at"])
    if tool.is_shared:
        _record(tool, word, by, request)


def _check_canned(canned: CannedReply) -> None:
    names = unknown(canned.text) or unknown(canned.html)
    if names:
        raise ValidationError({"text": _("There is no variable {{%(name)s}}.") % {"name": names[0]}})
    html = richtext.clean(canned.html) if canned.html else ""
    canned.html = html if richtext.is_formatted(html) else ""
    _check_shortcut(canned)


def _check_shortcut(canned: CannedReply) -> None:
    """Raise ValidationError unless it is one word, and the shortcut of no other reply of the same owner."""
    if not canned.shortcut:
        return
    if not _SHORTCUT.fullmatch(canned.shortcut):
        raise ValidationError({"shortcut": _("Only letters, digits, - and _.")})
    others = CannedReply.objects.filter(owner=canned.owner, archived_at=None).exclude(pk=canned.pk)
    other = others.annotate(low=Lower("shortcut")).filter(low=canned.shortcut.lower()).first()
    if other:
        raise ValidationError({"shortcut": _("“%(name)s” has this shortcut already.") % {"name": other.name}})


def _record(tool: Tool, word: str, by: Member, request: HttpRequest | None) -> None:
    noun = "canned_reply" if isinstance(tool, CannedReply) else "macro"
    audit.record(member=by, action=f"{noun}.{word}", target=tool.name, request=request)
