"""Where on the network somebody is, and how many things they keep open from there."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address

_open: Counter[str] = Counter()


def place_of(address: str) -> str:
    """An address, or for IPv6 the network that one household has (RFC 6177: a /64 at least)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)


@contextmanager
def counted(name: str, most: int) -> Iterator[bool]:
    """Whether one more of a name may be open in this process; then it counts for as long as the block runs.

    For one event loop: nothing here is locked.
    """
    may_open = _open[name] < most
    _open[name] += may_open
    try:
        yield may_open
    finally:
        _open[name] -= may_open
        if not _open[name]:
            del _open[name]
