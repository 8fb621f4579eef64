"""Those whom somebody copies in: their addresses, and people of their own where nobody holds them."""

from collections.abc import Iterable

from contacts.addresses import fitting
from contacts.models import Contact, Identity
from contacts.services.identities import Held, Place, add_addresses, holders, place, unheld
from contacts.types import Address, Proof


def identities_at(addresses: Iterable[Address]) -> dict[Place, Identity]:
    """The identities that hold these addresses, with their contacts; made, with a contact of its own each, where
    nobody does."""
    wanted = [fitting(address) for address in addresses]
    held = holders(wanted)
    strangers = unheld(wanted, held)
    contacts = Contact.objects.bulk_create(
        Contact(name=(one.name or one.verbatim or one.value)[:200]) for one in strangers
    )
    made = add_addresses(
        [
            Held(contact, address, "copied in", proof=Proof.CLAIMED)
            for contact, address in zip(contacts, strangers, strict=True)
        ]
    )
    return held | {place(address): identity for address, identity in zip(strangers, made, strict=True)}


def identity_at(address: Address) -> Identity:
    """The identity that holds an address; made, with a contact of its own, when nobody does."""
    return identities_at([address])[place(fitting(address))]
