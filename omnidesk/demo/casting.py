"""Who writes when, by which channel, about what."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import formats, translation

from contacts.types import AddressKind
from conversations.models import Channel
from omnidesk.demo.matters import Party
from omnidesk.demo.office import Office
from omnidesk.demo.texts import Topic, topics

HOURS = (0, 0, 0, 0, 0, 0, 1, 3, 7, 10, 12, 11, 8, 9, 11, 10, 8, 6, 4, 3, 3, 2, 1, 0)  # weights, UTC
WEEKEND = 0.25  # of a working day
JUST_NOW = (4, 11, 26, 52, 75)  # minutes; somebody always wrote lately, whatever the hour
BREAK = timedelta(days=4)  # nobody writes again within continuity's window: that would be the same matter
WEIGHTS = {"acme": 4, "studio": 4, "shop": 1}  # how often each person of a brand writes
SPAM_EVERY = 40
PRODUCTS = ("Fjord throw", "Halden lamp", "Aska mug set", "Lind side table", "Vega wall clock", "Runa rug")


@dataclass(frozen=True, slots=True)
class Scene:
    """What one matter is to be; `facts` fill the braces of its texts."""

    at: datetime
    party: Party
    topic: Topic
    kind: AddressKind
    channel: Channel
    facts: dict[str, str]

    @property
    def is_spam(self) -> bool:
        return self.topic.brand == "spam"

    def fill(self, text: str) -> str:
        """A text of the topic, for this matter."""
        return text.format_map(self.facts)


def scenes(
    office: Office, parties: Sequence[Party], rng: random.Random, *, days: int, per_day: int
) -> Iterator[Scene]:
    """Every matter of the days until now, in order of time."""
    free_from = dict.fromkeys((party.contact.pk for party in parties), office.since)
    playable = {party.contact.pk: list(_playable(party, office)) for party in parties}
    for position, at in enumerate(sorted(moments(office.now, rng, days=days, count=per_day * days))):
        is_spam = position % SPAM_EVERY == SPAM_EVERY // 2
        free = [
            party
            for party in parties
            if (party.brand == "spam") == is_spam
            and playable[party.contact.pk]
            and (is_spam or free_from[party.contact.pk] <= at)
        ]
        if not free:
            continue
        party = rng.choices(free, [WEIGHTS.get(party.brand, 1) for party in free])[0]
        free_from[party.contact.pk] = at + BREAK
        topic, kind, channel = rng.choice(playable[party.contact.pk])
        yield Scene(at, party, topic, kind, channel, _facts(topic.language, at, rng))


def moments(now: datetime, rng: random.Random, *, days: int, count: int) -> Iterator[datetime]:
    """Times at which somebody writes for the first time: by day, on weekdays, and a few just now."""
    for minutes in JUST_NOW[:count]:
        yield now - timedelta(minutes=minutes)
    left = count - len(JUST_NOW)
    while left > 0:
        at = now - timedelta(days=rng.uniform(0.06, days))
        weight = HOURS[at.hour] * (WEEKEND if at.weekday() > 4 else 1)
        if rng.uniform(0, max(HOURS)) < weight:
            left -= 1
            yield at


def _playable(party: Party, office: Office) -> Iterator[tuple[Topic, AddressKind, Channel]]:
    """What a customer can write about in their language, by the channels that they and the brand have."""
    for topic in topics():
        if topic.brand != party.brand or topic.language != party.contact.language:
            continue
        for kind in topic.kinds:
            channel = office.channel("acme" if party.brand == "spam" else party.brand, kind)
            if channel is not None and kind in party.identities:
                yield topic, kind, channel


def _facts(language: str, at: datetime, rng: random.Random) -> dict[str, str]:
    with translation.override(language):
        day = formats.date_format(at - timedelta(days=rng.randrange(1, 6)), "MONTH_DAY_FORMAT")
    return {
        "order": f"A-{rng.randrange(30_000, 39_999)}",
        "invoice": f"INV-{rng.randrange(20_000, 20_999)}",
        "number": str(rng.randrange(1_000, 9_999)),
        "amount": f"${rng.randrange(19, 240)}.00",
        "product": rng.choice(PRODUCTS),
        "day": day,
    }
