"""What agents do with contacts and accounts by hand."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.addresses import normalise
from contacts.models import Account, AccountDomain, Affiliation, Contact, Identity
from contacts.services.identities import add_address, propose_account
from contacts.services.searching import put_account, put_contacts
from contacts.types import Address, AddressKind, Proof
from tenancy.live import push
from tenancy.scope import current_workspace_id


def create_contact(*, name: str, addresses: Iterable[tuple[AddressKind, str]] = (), **facts: Any) -> Contact:
    """Make a contact with addresses that the agent vouches for.

    Raises ValidationError for an address that is malformed or held by somebody else.
    """
    with transaction.atomic():
        contact = Contact.objects.create(name=name[:200], **facts)
        for kind, value in addresses:
            add_identity(contact=contact, kind=kind, value=value)
        put_contacts([contact])
        return contact


def update_contact(*, contact: Contact, **fields: Any) -> Contact:
    """Change what is known of a contact: name, title, language, time_zone, facts."""
    for field, value in fields.items():
        setattr(contact, field, value)
    with transaction.atomic():
        contact.save(update_fields=list(fields))
        put_contacts([contact])
    push(current_workspace_id(), f"contact:{contact.pk}", [contact.pk])
    return contact


def add_identity(*, contact: Contact, kind: AddressKind, value: str) -> Identity:
    """Add an address that an agent confirms. Raises ValidationError when malformed or held by another."""
    key = normalise(kind, value)
    held = (
        Identity.objects.filter(kind=kind, scope="", value=key, holds=True).select_related("contact").first()
    )
    if held is not None and held.contact_id != contact.pk:
        raise ValidationError(
            _("%(value)s belongs to %(name)s."), params={"value": value, "name": held.contact}
        )
    own = held or Identity.objects.filter(contact=contact, kind=kind, scope="", value=key).first()
    if own is not None:
        return confirm_identity(identity=own)
    address = Address(kind=kind, value=key, verbatim=value.strip(), proof=Proof.CONFIRMED)
    return add_address(contact=contact, address=address, reason="added by an agent")


def confirm_identity(*, identity: Identity) -> Identity:
    """Say that an address is its contact's. Raises ValidationError when another contact holds it."""
    rival = (
        Identity.objects.filter(kind=identity.kind, scope=identity.scope, value=identity.value, holds=True)
        .exclude(pk=identity.pk)
        .select_related("contact")
        .first()
    )
    if rival is not None:
        raise ValidationError(_("%(name)s holds this address."), params={"name": rival.contact})
    identity.proof, identity.holds, identity.removed_at = Identity.Proof.CONFIRMED, True, None
    _identity_changed(identity)
    if identity.kind == AddressKind.EMAIL:
        propose_account(contact=identity.contact, email=identity.value)
    return identity


@transaction.atomic
def remove_identity(*, identity: Identity) -> Identity:
    """Say that an address is no longer its contact's: it holds nothing, and is offered and shown no more. What was
    said there stays; who writes from it now is somebody else."""
    identity.proof, identity.holds, identity.removed_at = Identity.Proof.CLAIMED, False, timezone.now()
    _identity_changed(identity)
    return identity


@transaction.atomic
def return_identity(*, identity: Identity, proof: str, holds: bool) -> Identity:
    """Take a removal back, with the proof that there was. Raises ValidationError when somebody holds it by now."""
    if holds:
        confirm_identity(identity=identity)
    identity.proof, identity.holds, identity.removed_at = Identity.Proof(proof), holds, None
    _identity_changed(identity)
    return identity


def _identity_changed(identity: Identity) -> None:
    identity.save(update_fields=["proof", "holds", "removed_at"])
    put_contacts([identity.contact])
    push(current_workspace_id(), f"contact:{identity.contact_id}", [identity.contact_id])


def share_identity(*, identity: Identity, is_shared: bool = True) -> Identity:
    """Mark an address as used by several people: from then on it joins nobody."""
    identity.is_shared = is_shared
    identity.save(update_fields=["is_shared"])
    return identity


def create_account(*, name: str, domains: Iterable[str] = (), **facts: Any) -> Account:
    """Make an account. Raises ValidationError for a domain that another account has."""
    with transaction.atomic():
        account = Account.objects.create(name=name[:200], **facts)
        set_domains(account=account, domains=domains)
        put_account(account)
        return account


def update_account(*, account: Account, domains: Iterable[str], **fields: Any) -> Account:
    """Change an account's name, notes and domains. Raises ValidationError for a domain that another has."""
    with transaction.atomic():
        set_domains(account=account, domains=domains)
        for field, value in fields.items():
            setattr(account, field, value)
        account.save(update_fields=list(fields))
        put_account(account)
    push(current_workspace_id(), f"account:{account.pk}", [account.pk])
    return account


def archive_account(*, account: Account) -> Account:
    """Put an account away: it is offered and proposed no more; its timeline stays."""
    account.archived_at = account.archived_at or timezone.now()
    account.save(update_fields=["archived_at"])
    push(current_workspace_id(), f"account:{account.pk}", [account.pk])
    return account


def set_domains(*, account: Account, domains: Iterable[str]) -> None:
    """Replace an account's mail domains. Raises ValidationError for one that another account has."""
    wanted = {domain.strip().lower().lstrip("@") for domain in domains if domain.strip()}
    taken = (
        AccountDomain.objects.filter(domain__in=wanted)
        .exclude(account=account)
        .select_related("account")
        .first()
    )
    if taken:
        raise ValidationError(
            _("%(domain)s belongs to %(name)s."), params={"domain": taken.domain, "name": taken.account}
        )
    account.domains.exclude(domain__in=wanted).delete()
    present = set(account.domains.values_list("domain", flat=True))
    AccountDomain.objects.bulk_create(
        AccountDomain(account=account, domain=domain) for domain in wanted - present
    )


Follower = Callable[[Contact, Account, bool], None]
_followers: list[Follower] = []


def follow_affiliations(follower: Follower) -> None:
    """Let an upper floor keep what it derives from affiliations; called by AppConfig.ready().

    It is told, in the same transaction, of contact, account, and whether it is the contact's first account.
    """
    _followers.append(follower)


@transaction.atomic
def affiliate(*, contact: Contact, account: Account, since: datetime | None = None) -> Affiliation:
    """Say that a contact works for an account from now on; it ends their primary affiliation elsewhere.

    Their first account holds from the beginning. After a move, what they wrote before stays on the timeline of the
    account that they worked for then.
    """
    is_first = not Affiliation.objects.filter(contact=contact, is_proposed=False).exists()
    start = since or (contact.created_at if is_first else timezone.now())
    current = Affiliation.objects.filter(contact=contact, until=None, is_primary=True).first()
    if current is not None and current.account_id == account.pk:
        if not current.is_proposed:
            return current
        current.is_proposed, current.since = False, start
        current.save(update_fields=["is_proposed", "since"])
    else:
        if current is not None:
            end_affiliation(affiliation=current, until=start)
        current = Affiliation.objects.create(contact=contact, account=account, since=start)
    for follower in _followers:
        follower(contact, account, is_first)
    push(current_workspace_id(), f"contact:{contact.pk}", [contact.pk])
    return current


def end_affiliation(*, affiliation: Affiliation, until: datetime | None = None) -> None:
    """Say that a contact no longer works for an account (a mere proposal is dropped)."""
    if affiliation.is_proposed:
        affiliation.delete()
        return
    affiliation.until = until or timezone.now()
    affiliation.save(update_fields=["until"])
