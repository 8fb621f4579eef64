"""Addresses that are ours: members' own and the channels'. They are never customers."""

from collections.abc import Iterable

from contacts.types import Address, AddressKind, Proof
from conversations.models import Channel
from tenancy.models import Member


def by_address(addresses: Iterable[Address]) -> dict[str, Member]:
    """The active members who write from these addresses, as somebody vouches; by address."""
    own = {address.value for address in addresses if is_vouched(address)}
    if not own:
        return {}
    rows = Member.objects.filter(user__email__in=own, archived_at=None).select_related("user")
    return {row.user.email: row for row in rows if row.user}


def is_vouched(address: Address) -> bool:
    """Whether somebody vouches that a mail comes from this address."""
    return address.kind == AddressKind.EMAIL and address.proof != Proof.CLAIMED


def ours(addresses: Iterable[Address]) -> set[str]:
    """Those of the addresses that belong to a channel (a reply token aside) or to a member."""
    wanted = {address.value for address in addresses}
    if not wanted:
        return set()
    plain = {_without_tag(value) for value in wanted} | wanted
    found = set(Channel.objects.filter(address__in=plain).values_list("address", flat=True))
    found |= set(Member.objects.filter(user__email__in=plain).values_list("user__email", flat=True))
    return {value for value in wanted if value in found or _without_tag(value) in found}


def _without_tag(email: str) -> str:
    local, at, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
