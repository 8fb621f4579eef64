"""What members keep at hand: which they see, which fit a conversation, what their variables stand for there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Q, QuerySet
from django.utils import formats, timezone

from contacts.names import first_name, is_name
from conversations.models import CannedReply, Conversation, Macro
from conversations.models.tool import Tool
from conversations.queries.parts import asked
from tenancy.keyset import cut
from tenancy.models import Member, Role, TeamMember
from tenancy.reading import Found, Reading, refers

PAGE = 50
OFFERED = 300  # at once, in a menu; the rest is found on the page
FOUND_BY = 300  # characters of a text by which the menu finds it

MY_TEAMS = (
    "SELECT team_id FROM tenancy_teammember WHERE workspace_id = %(workspace)s AND member_id = %(member)s"
)
MINE = f"""workspace_id = %(workspace)s AND archived_at IS NULL
    AND (owner_id = %(member)s OR owner_id IS NULL AND (team_id IS NULL OR team_id IN ({MY_TEAMS})))"""
MUCH_USED = f"ORDER BY uses DESC, name, id LIMIT {OFFERED}"
CANNED = f"""
    SELECT id, name, shortcut, owner_id, left(text, {FOUND_BY}) AS text FROM conversations_cannedreply
    WHERE {MINE} AND (brand_id IS NULL OR brand_id = (SELECT brand_id FROM asked))
    ORDER BY language <> '' AND language = COALESCE((SELECT language FROM contacts_contact WHERE
        workspace_id = %(workspace)s AND id = (SELECT contact_id FROM asked)), '') DESC, uses DESC, name, id
    LIMIT {OFFERED}"""
MACROS = f"SELECT id, name, owner_id, actions FROM conversations_macro WHERE {MINE} {MUCH_USED}"
ABOUT = f"""
    SELECT number, subject, {refers("contact", "contacts_contact", "name")},
        {refers("account", "contacts_account", "name")}, {refers("brand", "tenancy_brand", "name")}
    FROM asked row"""

Kept = TypeVar("Kept", bound=Tool)


@dataclass(frozen=True, slots=True)
class Page(Generic[Kept]):
    """Tools by name, and the (name, id) to go on from where there are more."""

    rows: list[Kept]
    after: tuple[str, int] | None


def visible(model: type[Kept], member: Member) -> QuerySet[Kept]:
    """A member's own and those shared with everybody or with a team of theirs, archived or not. Managers look
    after those of all teams."""
    shared = Q(owner=None)
    if not member.may(Role.MANAGER):
        shared &= Q(team=None) | Q(team__in=TeamMember.objects.filter(member=member).values("team"))
    return model.objects.filter(Q(owner=member) | shared).select_related("owner", "team")


def at_hand(model: type[Kept], member: Member) -> QuerySet[Kept]:
    """Those of them that can be used."""
    return visible(model, member).filter(archived_at=None)


def page(
    rows: QuerySet[Kept], *, search: str = "", after: tuple[str, int] | None = None, size: int = PAGE
) -> Page[Kept]:
    """One page of tools by name, in one query. `search` stands in a name, a shortcut or a text."""
    if search:
        rows = rows.filter(having(rows.model, search))
    if after:
        name, row = after
        rows = rows.filter(Q(name__gte=name) & (Q(name__gt=name) | Q(id__gt=row)))
    found_rows, more = cut(rows.order_by("name", "id")[: size + 1], size)
    return Page(found_rows, (found_rows[-1].name, found_rows[-1].pk) if more else None)


def having(model: type[Tool], search: str) -> Q:
    """Tools in whose name, shortcut or text something stands."""
    found = Q(name__icontains=search)
    if model is CannedReply:
        found |= Q(shortcut__icontains=search) | Q(text__icontains=search)
    return found


def canned_for(number: int, member: Member) -> Reading[list[CannedReply]]:
    """The canned replies that fit a conversation: those in the contact's language first, then the most used.

    Of their texts only the beginnings.
    """
    about = asked(number)
    facts = about["facts"] | {"member": member.pk}
    return Reading({"canned": CANNED}, lambda found: found.of(CannedReply, "canned"), about["given"], facts)


def macros_of(member: Member) -> Reading[list[Macro]]:
    """The macros that a member can run, the most used first."""
    return Reading({"macros": MACROS}, lambda found: found.of(Macro, "macros"), facts={"member": member.pk})


def values_in(number: int, member: Member) -> Reading[Mapping[str, str]]:
    """What variables stand for in a conversation, when `member` writes; empty where there is none."""

    def make(found: Found) -> Mapping[str, str]:
        conversation = found.one(Conversation, "about")
        return values_of(conversation, member) if conversation else {}

    about = asked(number)
    return Reading({"about": ABOUT}, make, **about)


def values_of(conversation: Conversation, member: Member) -> Mapping[str, str]:
    """The same for a conversation whose contact, account and brand have been read."""
    contact = conversation.contact.name if conversation.contact else ""
    return {
        "contact.first_name": first_name(contact),
        "contact.name": contact if is_name(contact) else "",
        "account.name": conversation.account.name if conversation.account else "",
        "member.first_name": first_name(member.name) or member.name,
        "member.name": member.name,
        "conversation.number": str(conversation.number),
        "conversation.subject": conversation.subject,
        "brand.name": conversation.brand.name,
        "today": formats.date_format(timezone.localdate(), "DATE_FORMAT"),
    }
