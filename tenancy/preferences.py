"""How a member wants to work, and of what to be told: kept as JSON with the member, read by these types."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, time
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class Happening(models.TextChoices):
    """What a member can be told of: in conversations that are theirs or that they follow, unless it says else."""

    ASSIGNED = "assigned", _("A conversation is assigned to me, or taken from me")
    MENTIONED = "mentioned", _("Somebody mentions me")
    CUSTOMER = "customer", _("The customer writes")
    COLLEAGUE = "colleague", _("A colleague answers or writes a note")
    STATUS = "status", _("The status or the assignee changes")
    FAILED = "failed", _("A message of mine could not be delivered")
    WOKE = "woke", _("A snooze is over")


class By(models.TextChoices):
    """Where a member is told: in the list of notices; also by the browser; by mail."""

    CENTRE = "centre", _("Notices")
    BROWSER = "browser", _("Browser")
    EMAIL = "email", _("E-mail")


class Next(models.TextChoices):
    """Where the screen goes when a conversation has been resolved."""

    STAY = "stay", _("Stay with it")
    NEXT = "next", _("The next conversation")
    LIST = "list", _("Back to the list")


Told = Mapping[str, frozenset[str]]
_BOTH = frozenset({By.CENTRE.value, By.BROWSER.value})
USUAL: Told = {
    Happening.ASSIGNED: _BOTH,
    Happening.MENTIONED: _BOTH | {By.EMAIL.value},
    Happening.CUSTOMER: _BOTH,
    Happening.COLLEAGUE: frozenset({By.CENTRE.value}),
    Happening.STATUS: frozenset({By.CENTRE.value}),
    Happening.FAILED: _BOTH,
    Happening.WOKE: _BOTH,
}
MAILED = frozenset({Happening.MENTIONED})  # the happenings of which mails are written


@dataclass(frozen=True, slots=True)
class Preferences:
    """A member's wishes. `told` says by which ways of each happening; `follows` whether they follow what they have
    to do with; `hides_text` whether the browser's notifications keep the text to themselves. Between `quiet_from`
    and `quiet_to`, on the member's clock, the browser says nothing; both are None where it always may."""

    told: Told = field(default_factory=lambda: USUAL)
    follows: bool = True
    hides_text: bool = False
    sound: bool = False
    quiet_from: time | None = None
    quiet_to: time | None = None
    shortcuts: bool = True
    after_resolving: str = Next.STAY

    @classmethod
    def read(cls, found: Any) -> Self:
        """What was stored; whatever makes no sense, or is not there, is as usual."""
        known = found if isinstance(found, Mapping) else {}
        usual = cls()
        told = known.get("told")
        quiet = _moment(known.get("quiet_from")), _moment(known.get("quiet_to"))
        truths = {
            each.name: known[each.name]
            for each in fields(cls)
            if each.type is bool and isinstance(known.get(each.name), bool)
        }
        after = known.get("after_resolving")
        return cls(
            told=_told(told if isinstance(told, Mapping) else {}),
            quiet_from=quiet[0] if None not in quiet else None,
            quiet_to=quiet[1] if None not in quiet else None,
            after_resolving=after if after in Next.values else usual.after_resolving,
            **truths,
        )

    def stored(self) -> dict[str, Any]:
        """As JSON holds it."""
        told = {happening: sorted(ways) for happening, ways in self.told.items()}
        quiet = {name: at and f"{at:%H:%M}" for name, at in self._quiet().items()}
        return asdict(self) | {"told": told, "after_resolving": str(self.after_resolving)} | quiet

    def tells(self, happening: str, by: str) -> bool:
        """Whether the member wants to be told of a happening by this way."""
        return by in self.told.get(happening, ())

    def is_quiet(self, at: datetime) -> bool:
        """Whether a moment on the member's clock lies within their quiet hours, which may go over midnight."""
        if self.quiet_from is None or self.quiet_to is None:
            return False
        now = at.time()
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= now < self.quiet_to
        return now >= self.quiet_from or now < self.quiet_to

    def _quiet(self) -> dict[str, time | None]:
        return {"quiet_from": self.quiet_from, "quiet_to": self.quiet_to}


def _told(found: Mapping[Any, Any]) -> Told:
    """What a member said of each happening; of others, as usual. No other way goes without the list of notices."""
    told = dict(USUAL)
    for happening in Happening.values:
        ways = found.get(happening)
        if isinstance(ways, list | tuple | frozenset | set):
            told[happening] = sensible(happening, ways)
    return told


def sensible(happening: str, ways: Any) -> frozenset[str]:
    """Those of the ways that there are: the browser tells of notices alone, and mails are of a few happenings."""
    wanted = {str(way) for way in ways} & set(By.values)
    if By.CENTRE not in wanted:
        wanted.discard(By.BROWSER.value)
    return frozenset(by for by in wanted if can_tell(happening, by))


def can_tell(happening: str, by: str) -> bool:
    """Whether there is such a thing: mails are written of a few happenings alone."""
    return by != By.EMAIL or happening in MAILED


def _moment(text: Any) -> time | None:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except (TypeError, ValueError):
        return None
