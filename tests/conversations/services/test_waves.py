"""What is received together: in as few groups as its order allows, none of which holds two that touch."""

from hypothesis import given
from hypothesis import strategies as st

from conversations.services.waves import waves

items = st.lists(st.frozensets(st.integers(0, 6), max_size=3), max_size=14)


def test_what_has_nothing_in_common_goes_together():
    assert waves(["ab", "cd", "ae", "f", "ea"], set) == [["ab", "cd", "f"], ["ae"], ["ea"]]


@given(items)
def test_groups_are_apart_in_order_and_as_few_as_can_be(touched):
    numbered = list(enumerate(touched))
    groups = waves(numbered, lambda item: item[1])
    turn = {number: place for place, group in enumerate(groups) for number, _ in group}
    assert sorted(turn) == [number for number, _ in numbered]
    for later, one in numbered:
        before = [turn[earlier] for earlier, other in numbered[:later] if one & other]
        assert turn[later] == max((place + 1 for place in before), default=0)
