"""Doing a deed to one conversation, and taking it back: by the same deeds as many at once, but with no row kept.
What has to be put back travels, signed, with the button that asks for it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction

from contacts.models import Attribute
from conversations.models import Conversation, Follower
from conversations.services import following, matter, work
from conversations.services.bulk.deeds import CHANGED, DEEDS, REFUSED, Deed, Facts, Kept
from tenancy.lanes import Ignore
from tenancy.models import Member

# Deeds that are done to one conversation at a time only.
DUE, SUBJECT, ATTRIBUTE, FOLLOWING, UNFOLLOWING = "due", "subject", "attribute", "following", "unfollowing"
SALT = "conversations.done"


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to the conversation of that id, what that found (`was`), and what it left (`now`)."""

    conversation: int
    noun: str
    facts: Kept
    was: Kept
    now: Kept

    def signed(self) -> str:
        """It as a text that nobody can have made up."""
        return signing.dumps(asdict(self), salt=SALT, compress=True)

    @classmethod
    def of(cls, text: str) -> "Done":
        """What `signed` made a text of. Raises signing.BadSignature."""
        return cls(**signing.loads(text, salt=SALT))


@transaction.atomic
def do(*, noun: str, conversation: Conversation, member: Member, facts: Facts) -> Done:
    """Do a deed to a conversation. Raises Fail."""
    known = {**facts, "by": member.pk}
    was, now = ALONE[noun].do(conversation, known, member)
    return Done(conversation.pk, noun, known, was, now)


@transaction.atomic
def take_back(*, done: Done, conversation: Conversation, member: Member) -> Kept:
    """Make what was done what it was; returns what is so now. Raises Ignore or Fail where that changed since."""
    deed = ALONE[done.noun]
    deed.take_back(conversation, done.facts, member, was=done.was, now=done.now)
    return deed.keeps(matter.lock(conversation), done.facts)


def _due(conversation: Conversation, facts: Facts, member: Member) -> object:
    due = datetime.fromisoformat(facts["due"]) if facts["due"] else None
    return work.set_due(conversation=conversation, due=due, member=member)


def _rename(conversation: Conversation, facts: Facts, member: Member) -> object:
    return work.rename(conversation=conversation, subject=facts["subject"], member=member)


def _valued(conversation: Conversation, facts: Facts) -> Kept:
    attribute = Attribute.objects.filter(pk=facts["attribute"]).first()
    return {"value": conversation.attributes.get(attribute.key) if attribute else None}


def _value(conversation: Conversation, facts: Facts, member: Member) -> object:
    attribute = Attribute.objects.get(pk=facts["attribute"])
    return work.set_attribute(
        conversation=conversation, attribute=attribute, value=facts["value"], member=member
    )


def _value_again(conversation: Conversation, was: Kept, facts: Facts, member: Member) -> object:
    try:
        return _value(conversation, {**facts, **was}, member)
    except Attribute.DoesNotExist as error:
        raise Ignore(CHANGED) from error
    except ValidationError as error:  # the attribute takes other values now
        raise Ignore(f"{REFUSED}:{error.messages[0]}") from error


def _follows(conversation: Conversation, facts: Facts) -> Kept:
    mine = Follower.objects.filter(conversation=conversation, member=facts["by"])
    return {"follows": mine.values_list("follows", flat=True).first()}


def _follow_again(conversation: Conversation, was: Kept, facts: Facts, _member: Member) -> object:
    member = Member.objects.get(pk=facts["by"])
    following.put_back(conversation=conversation, member=member, follows=was["follows"])
    return None


def _following(verb: Callable[..., None]) -> Deed:
    return Deed(
        _follows,
        lambda conversation, _, member: verb(conversation=conversation, member=member),
        _follow_again,
    )


def _until(conversation: Conversation, _facts: Facts) -> Kept:
    return {"due": conversation.due_at.isoformat() if conversation.due_at else None}


def _back(act: Any) -> Any:
    """Putting back by doing it again with what was."""
    return lambda conversation, was, _facts, member: act(conversation, was, member)


ALONE: Mapping[str, Deed] = {
    **DEEDS,
    DUE: Deed(_until, _due, _back(_due)),
    SUBJECT: Deed(lambda one, _: {"subject": one.subject}, _rename, _back(_rename)),
    ATTRIBUTE: Deed(_valued, _value, _value_again),
    FOLLOWING: _following(following.follow),
    UNFOLLOWING: _following(following.unfollow),
}
