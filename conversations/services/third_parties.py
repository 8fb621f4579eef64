"""Whom a side conversation may write to: its third party, and nobody who takes part in what it is about.

The rule is strict on purpose, for a word too many cannot be taken back: neither the parent's contact nor anybody
who takes part there is written to from a side conversation, at no address that any of them has or merely claims.
It holds when the conversation is opened, for every message in it, and once more when a message leaves.
"""

from django.db.models import Q
from django.utils.translation import gettext as _

from contacts.models import Identity
from conversations.models import Conversation, Participant


def refusal(side: Conversation, identity: Identity) -> str:
    """Why a message of a side conversation must not go to an address; empty when it may."""
    third_parties = Participant.objects.filter(conversation=side, role=Participant.Role.THIRD_PARTY)
    if not third_parties.filter(identity=identity).exists():
        return _("%(address)s is no third party of this side conversation.") % {"address": identity}
    return taking_part(side.parent, identity)


def taking_part(parent: Conversation | None, identity: Identity) -> str:
    """Why an address is no third party's to a conversation: it is of somebody who takes part in it. Else empty."""
    if parent is None:
        return ""
    people = Participant.objects.filter(conversation=parent).values("contact")
    theirs = Identity.objects.filter(Q(contact__in=people) | Q(contact=parent.contact_id))
    if not theirs.filter(Q(pk=identity.pk) | Q(value=identity.value)).exists():
        return ""
    return _("%(address)s takes part in #%(number)d: answer them there.") % {
        "address": identity,
        "number": parent.number,
    }


def addresses(side: Conversation) -> list[Identity]:
    """The addresses of the third party that the conversation may write to, the latest first."""
    rows = Participant.objects.filter(conversation=side, role=Participant.Role.THIRD_PARTY)
    return [row.identity for row in rows.select_related("identity").order_by("-id")]
