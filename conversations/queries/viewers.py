"""Who has a conversation on screen, and who writes in it: known to Redis, and named by the table of members."""

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.models import Conversation
from tenancy.attending import CROWD, attendants
from tenancy.models import Member

REPLY, NOTE = "reply", "note"  # what a browser says that its member does


@dataclass(frozen=True, slots=True)
class Viewers:
    """Colleagues with a conversation on screen, by name, those who write in it apart. `is_crowd` when they are so
    many that only those who write are named."""

    looking: Sequence[Member] = ()
    replying: Sequence[Member] = ()
    noting: Sequence[Member] = ()
    is_crowd: bool = False


def topic_of(conversation: Conversation) -> str:
    """What those hear of who have a conversation on screen, and by which they say so."""
    return f"viewers:{conversation.pk}"


def viewers_of(conversation: Conversation, member: Member | None = None) -> Viewers:
    """Who has a conversation on screen besides `member`. One visit to the database, none where nobody has."""
    found = attendants(topic_of(conversation))
    is_crowd = len(found) > CROWD
    doing: dict[int, set[str]] = {}
    for attendant in found:
        if (attendant.what or not is_crowd) and (member is None or attendant.member_id != member.pk):
            doing.setdefault(attendant.member_id, set()).add(attendant.what)
    people = Member.objects.filter(pk__in=doing).order_by("name", "pk") if doing else ()
    replying = [person for person in people if REPLY in doing[person.pk]]
    noting = [person for person in people if NOTE in doing[person.pk] and person not in replying]
    writing = [*replying, *noting]
    return Viewers([person for person in people if person not in writing], replying, noting, is_crowd)


def on_it(conversation: Conversation, member: Member, replying: Sequence[Member] = ()) -> list[Member]:
    """Whose work it is to answer, where that is not `member`: the assignee's, and of those who are `replying`."""
    assignee = conversation.assignee
    if assignee == member:
        return []
    found = [assignee] if assignee and assignee.is_active else []
    return [*found, *(person for person in replying if person != assignee)]
