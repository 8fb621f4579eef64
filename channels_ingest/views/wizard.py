"""The steps of connecting a channel, and which words go with a kind."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from channels_ingest.views.found import address_of
from conversations.models import Channel

SETTINGS, CHECKS, ADDRESS, FIRST = "settings", "checks", "address", "first"
STEPS: dict[str, tuple[str | Promise, str | Promise]] = {
    SETTINGS: (gettext_lazy("Settings"), gettext_lazy("What it is, and how to get in")),
    CHECKS: (gettext_lazy("Live check"), gettext_lazy("Does all of it work?")),
    ADDRESS: (gettext_lazy("The other side"), gettext_lazy("What to paste there")),
    FIRST: (gettext_lazy("First message"), gettext_lazy("Write to yourself")),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the wizard. `state` is ok for those behind, now, or empty."""

    name: str
    label: str
    about: str
    state: str


def steps_of(row: Channel, at: str) -> list[Step]:
    """The steps of connecting a channel, for one who is `at` one of them; raises Http404 for another."""
    found = steps(at, pastes=_has_other_side(row))
    if at == SETTINGS or at not in [step.name for step in found]:
        raise Http404
    return found


def pages_for(folder: str, kind: str, chosen: str = "") -> Sequence[str]:
    """Templates of words for a kind of channel, the most fitting first."""
    return [f"channels_ingest/{folder}/{name}.html" for name in (f"{kind}-{chosen}", kind, "any")]


def steps(at: str, *, pastes: bool) -> list[Step]:
    """All steps, those before `at` being done; `pastes` when something has to be pasted elsewhere."""
    names = [name for name in STEPS if name != ADDRESS or pastes]
    reached = names.index(at) if at in names else 0
    states = ["ok" if place < reached else "now" if place == reached else "" for place in range(len(names))]
    return [
        Step(name, str(STEPS[name][0]), str(STEPS[name][1]), state)
        for name, state in zip(names, states, strict=True)
    ]


def _has_other_side(row: Channel) -> bool:
    """Whether something has to be pasted elsewhere: not where we fetch the mail ourselves."""
    fetches = bool(row.config.get("imap_host")) and not row.config.get("esp")
    return row.kind == "chat" or (bool(address_of(row)) and not fetches)
