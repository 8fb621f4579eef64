"""Reads of contacts and accounts: lists by keyset, search by how a name or address begins, and the card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Q, QuerySet

from contacts.models import (
    Account,
    AccountDomain,
    Affiliation,
    Attribute,
    Contact,
    Identity,
    PrivateNote,
    Suggestion,
)
from tenancy.keyset import Cursor, cut
from tenancy.reading import Found, Reading, refers

PAGE = 50
LAST = "\U0010ffff"  # sorts after every character that a name may go on with
PEOPLE = 50
MATCHES = 500

CONTACT = """
    SELECT id, name, title, language, time_zone, facts, attributes FROM contacts_contact
    WHERE workspace_id = %(workspace)s AND id = (SELECT id FROM who)"""
AFFILIATIONS = f"""
    SELECT id, contact_id, account_id, until, is_primary, is_proposed,
        {refers("account", "contacts_account", "name")}
    FROM contacts_affiliation row WHERE workspace_id = %(workspace)s AND contact_id = (SELECT id FROM who)
    ORDER BY is_primary DESC, since DESC, id DESC"""
IDENTITIES = """
    SELECT id, contact_id, kind, scope, value, verbatim, proof, holds, is_shared, reason FROM contacts_identity
    WHERE workspace_id = %(workspace)s AND contact_id = (SELECT id FROM who) AND removed_at IS NULL
    ORDER BY holds DESC, kind, value, id"""
NOTES = f"""
    SELECT id, contact_id, account_id, text, created_at, edited_at, member_id,
        {refers("member", "tenancy_member", "name")}
    FROM contacts_privatenote row WHERE workspace_id = %(workspace)s AND WHOSE AND archived_at IS NULL
    ORDER BY created_at DESC, id DESC LIMIT 50"""
# Who else a contact may be, the likeliest first.
SUGGESTIONS = f"""
    SELECT id, contact_id, other_id, evidence, {refers("contact", "contacts_contact", "name")},
        {refers("other", "contacts_contact", "name")}
    FROM contacts_suggestion row WHERE workspace_id = %(workspace)s AND status = 'open'
        AND (contact_id = (SELECT id FROM who) OR other_id = (SELECT id FROM who))
    ORDER BY score DESC, id DESC LIMIT 5"""

ATTRIBUTES = """
    SELECT id, of, key, name, kind, choices FROM contacts_attribute
    WHERE workspace_id = %(workspace)s AND of = 'THING' AND archived_at IS NULL ORDER BY position, id"""


@dataclass(frozen=True, slots=True)
class Row:
    """One contact of a list, with what they work for and where they can be reached."""

    contact: Contact
    account: Account | None
    identities: Sequence[Identity]


@dataclass(frozen=True, slots=True)
class Page:
    """Contacts, the one seen last first, and the cursor below them where there are more."""

    rows: Sequence[Row]
    older: Cursor | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account of a list, with its mail domains."""

    account: Account
    domains: Sequence[str]


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Accounts by name, and the (sorted name, id) to go on from where there are more."""

    rows: Sequence[AccountRow]
    after: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class Card:
    """All that the contact card shows of a person: affiliations, addresses, and who else they may be."""

    affiliations: Sequence[Affiliation]
    identities: Sequence[Identity]
    suggestions: Sequence[Suggestion]

    @property
    def current(self) -> Affiliation | None:
        """Where they work now, the proposal included."""
        return next((row for row in self.affiliations if row.until is None and row.is_primary), None)

    @property
    def former(self) -> list[Affiliation]:
        """Where they worked before."""
        return [row for row in self.affiliations if row.until is not None]


def contacts_page(*, search: str = "", before: Cursor | None = None, size: int = PAGE) -> Page:
    """One page of contacts, in three queries. `search` is how a name or an address begins."""
    rows: QuerySet[Contact] = Contact.objects.filter(_begins(search.strip()))
    if before:
        rows = rows.filter(before.below("last_seen_at"))
    found, more = cut(rows.order_by("-last_seen_at", "-id")[: size + 1], size)
    older = Cursor(found[-1].last_seen_at, found[-1].pk) if more else None
    return Page(_with_addresses(found), older)


def contact_rows(ids: Sequence[int]) -> list[Row]:
    """Contacts by their ids, as a list shows them, in three queries."""
    return _with_addresses(list(Contact.objects.filter(pk__in=ids)))


def account_rows(ids: Sequence[int]) -> list[AccountRow]:
    """Accounts by their ids, as a list shows them, in two queries."""
    found = list(Account.objects.filter(pk__in=ids))
    domains = _domains(found)
    return [AccountRow(account, domains.get(account.pk, [])) for account in found]


def accounts_page(*, search: str = "", after: tuple[str, int] | None = None, size: int = PAGE) -> AccountPage:
    """One page of accounts by name, in two queries."""
    rows = Account.objects.filter(archived_at=None)
    if search.strip():
        rows = rows.filter(_range("sorted_name", search.strip().lower()))
    if after:
        name, row = after
        rows = rows.filter(Q(sorted_name__gte=name) & (Q(sorted_name__gt=name) | Q(id__gt=row)))
    found, more = cut(rows.order_by("sorted_name", "id")[: size + 1], size)
    domains = _domains(found)
    listed = [AccountRow(account, domains.get(account.pk, [])) for account in found]
    return AccountPage(listed, (found[-1].sorted_name, found[-1].pk) if more else None)


@dataclass(frozen=True, slots=True)
class Whom:
    """Who a reading is about: a SELECT of a contact's id, called `who`, and what it asks for."""

    given: Mapping[str, str]
    facts: Mapping[str, Any]


def whom(contact: Contact) -> Whom:
    """A contact who is known by now."""
    return Whom({"who": "SELECT %(contact)s::bigint AS id"}, {"contact": contact.pk})


def contact(who: Whom) -> Reading[Contact | None]:
    """The contact as the card and the pages about them show them."""
    parts = {"contact": CONTACT}
    return Reading(parts, lambda found: found.one(Contact, "contact"), who.given, who.facts)


def card(who: Whom) -> Reading[Card]:
    """What the contact card shows."""

    def make(found: Found) -> Card:
        return Card(
            affiliations=found.of(Affiliation, "affiliations"),
            identities=found.of(Identity, "identities"),
            suggestions=found.of(Suggestion, "suggestions"),
        )

    parts = {"affiliations": AFFILIATIONS, "identities": IDENTITIES, "suggestions": SUGGESTIONS}
    return Reading(parts, make, who.given, who.facts)


def attributes_of(thing: Attribute.Of) -> Reading[list[Attribute]]:
    """The attributes of conversations, contacts or accounts that are in use, in order."""
    part = f"{thing.value}_attributes"
    parts = {part: ATTRIBUTES.replace("THING", thing.value)}
    return Reading(parts, lambda found: found.of(Attribute, part))


def notes_of(who: Whom) -> Reading[list[PrivateNote]]:
    """The notes about a contact, the newest first, 50 at most."""
    part = {"notes": NOTES.replace("WHOSE", "contact_id = (SELECT id FROM who)")}
    return Reading(part, lambda found: found.of(PrivateNote, "notes"), who.given, who.facts)


def notes_about(account: Account) -> Reading[list[PrivateNote]]:
    """The notes about an account, likewise."""
    part = {"notes": NOTES.replace("WHOSE", "account_id = %(account)s")}
    return Reading(part, lambda found: found.of(PrivateNote, "notes"), facts={"account": account.pk})


def private_notes(of: Literal["contact", "account"], ids: Sequence[int]) -> dict[int, list[str]]:
    """What members wrote about contacts or accounts for themselves, by their ids, the newest first."""
    found: dict[int, list[str]] = {}
    rows = PrivateNote.objects.filter(**{f"{of}__in": ids}, archived_at=None).order_by("-created_at", "-id")
    for about, text in rows.values_list(f"{of}_id", "text"):
        found.setdefault(about, []).append(text)
    return found


def people(account: Account) -> list[Affiliation]:
    """Who works for an account now, the latest first, 50 at most."""
    rows = Affiliation.objects.filter(account=account, until=None).select_related("contact")
    return list(rows.order_by("-since", "-id")[:PEOPLE])


def domains(account: Account) -> list[str]:
    """An account's mail domains."""
    return _domains([account]).get(account.pk, [])


def accounts_like(search: str, *, size: int = 20) -> list[Account]:
    """Accounts whose name begins so, for a picker."""
    return [row.account for row in accounts_page(search=search, size=size).rows]


def contacts_named(typed: str) -> list[Contact]:
    """Contacts by an address of theirs, else by their whole name; two at most, which is to say several."""
    words = typed.strip().lower()
    if not words or len(words) > 320:
        return []
    held = Identity.objects.filter(value=words, holds=True).values("contact_id")
    return list(Contact.objects.filter(pk__in=held)[:2] or Contact.objects.filter(sorted_name=words)[:2])


def accounts_named(typed: str) -> list[Account]:
    """Accounts by a mail domain of theirs, else by their whole name; two at most, which is to say several."""
    words = typed.strip().lower()
    if not words or len(words) > 253:
        return []
    known = AccountDomain.objects.filter(domain=words).values("account_id")
    named = Account.objects.filter(sorted_name=words, archived_at=None)
    return list(Account.objects.filter(pk__in=known)[:2] or named[:2])


def _begins(search: str) -> Q:
    """Ranges rather than LIKE, which row-level security keeps from using an index; capped, so that one letter
    costs no more than a name."""
    if not search:
        return Q()
    words = search.lower()
    by_name = Contact.objects.filter(_range("sorted_name", words)).values("id")
    by_address = Identity.objects.filter(_range("value", words)).values("contact_id")
    return Q(id__in=by_name[:MATCHES].union(by_address[:MATCHES]))


def _range(column: str, begins: str) -> Q:
    return Q(**{f"{column}__gte": begins, f"{column}__lt": begins + LAST})


def _with_addresses(found: Sequence[Contact]) -> list[Row]:
    ids = [contact.pk for contact in found]
    current = Affiliation.objects.filter(contact__in=ids, until=None, is_primary=True, is_proposed=False)
    accounts: dict[int, Account] = {row.contact_id: row.account for row in current.select_related("account")}
    identities: dict[int, list[Identity]] = {}
    for identity in Identity.objects.filter(contact__in=ids, removed_at=None).order_by("-holds", "id"):
        identities.setdefault(identity.contact_id, []).append(identity)
    return [Row(contact, accounts.get(contact.pk), identities.get(contact.pk, [])) for contact in found]


def _domains(accounts: Sequence[Account]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = AccountDomain.objects.filter(account__in=[account.pk for account in accounts]).order_by("domain")
    for account, domain in rows.values_list("account_id", "domain"):
        found.setdefault(account, []).append(domain)
    return found
