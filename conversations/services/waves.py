"""What can be worked on together: nothing of it has to do with anything else of it."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def waves(items: Sequence[Item], touches: Callable[[Item], Iterable[Hashable]]) -> list[list[Item]]:
    """The items in as few groups as their order allows.

    No two of a group touch the same thing; of those that do, an earlier one is in an earlier group.
    """
    groups: list[list[Item]] = []
    last: dict[Hashable, int] = {}
    for item in items:
        touched = set(touches(item))
        turn = max((last[thing] + 1 for thing in touched if thing in last), default=0)
        if turn == len(groups):
            groups.append([])
        groups[turn].append(item)
        last |= dict.fromkeys(touched, turn)
    return groups
