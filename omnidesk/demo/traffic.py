"""Days of believable traffic, told to a scribe: which matters there were, and which are done by now."""

import random
from collections.abc import Sequence
from itertools import cycle

from conversations.models import Conversation, Delivery
from omnidesk.demo.casting import scenes
from omnidesk.demo.matters import Party
from omnidesk.demo.office import Office
from omnidesk.demo.play import Play
from omnidesk.demo.scribe import Scribe

NEW = 60  # matters, the newest; so many of them are not done:
ACTIVE = 35
UNTOUCHED = 4  # the very newest are not done for certain
LEFT_OVER = 3  # nor are these of the older ones
SNOOZED = 6

Status = Conversation.Status


def tell(office: Office, parties: Sequence[Party], scribe: Scribe, *, days: int, per_day: int) -> int:
    """Tell of every matter; returns how many there were. The same seed and time tell the same."""
    told = list(scenes(office, parties, scribe.rng, days=days, per_day=per_day))
    troubles = cycle((Delivery.Status.FAILED, None, None, Delivery.Status.UNCERTAIN, None))
    for scene, fate in zip(told, _fates([scene.is_spam for scene in told], scribe.rng), strict=True):
        Play(office, scribe, scene, fate, troubles).perform()
    return len(told)


def _fates(is_spam: Sequence[bool], rng: random.Random) -> list[str]:
    """The status that each matter, oldest first, has come to by now."""
    fates = [Status.RESOLVED.value] * len(is_spam)
    matters = [position for position, spam in enumerate(is_spam) if not spam]
    older, recent, newest = matters[:-NEW], matters[-NEW:-UNTOUCHED], matters[-UNTOUCHED:]
    active = {
        *newest,
        *rng.sample(recent, min(ACTIVE - UNTOUCHED, len(recent) // 2)),
        *rng.sample(older, min(LEFT_OVER, len(older) // 20)),
    }
    done = [position for position in matters[-2 * NEW :] if position not in active]
    for position in rng.sample(done, min(SNOOZED, len(done) // 8)):
        fates[position] = Status.SNOOZED.value
    for position in active:
        fates[position] = Status.OPEN.value
    return fates
