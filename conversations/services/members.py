"""Addresses that are ours: members' own and the channels'. They are never customers."""

from collections.abc import Iterable

from contacts.types import Address, AddressKind, Proof
from conversations.models import Channel
from tenancy.models import Member


def by_address(address: Address) -> Member | None:
    """The active member whose own, vouched-for address this is."""
    if address.kind != AddressKind.EMAIL or address.proof == Proof.CLAIMED:
        return None
    return Member.objects.filter(user__email=address.value, archived_at=None).first()


def without_ours(addresses: Iterable[Address]) -> list[Address]:
    """The addresses that belong neither to a channel (a reply token aside) nor to a member."""
    wanted = list(addresses)
    if not wanted:
        return []
    plain = {_without_tag(address.value) for address in wanted} | {address.value for address in wanted}
    ours = set(Channel.objects.filter(address__in=plain).values_list("address", flat=True))
    ours |= set(Member.objects.filter(user__email__in=plain).values_list("user__email", flat=True))
    return [
        address for address in wanted if address.value not in ours and _without_tag(address.value) not in ours
    ]


def _without_tag(email: str) -> str:
    local, at, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
