"""Whom a request is from, behind a proxy and without one."""

from collections.abc import Iterable
from typing import Any

import pytest

from omnidesk.proxied import proxied


def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    return [environ["REMOTE_ADDR"].encode()]


@pytest.mark.parametrize(
    ("is_behind", "forwarded", "seen"),
    [
        (True, "192.0.2.7", b"192.0.2.7"),
        (True, "127.0.0.1, 192.0.2.7", b"192.0.2.7"),
        (True, "", b"172.18.0.2"),
        (False, "192.0.2.7", b"172.18.0.2"),
    ],
)
def test_limits_count_by_the_visitors_address(settings: Any, is_behind: bool, forwarded: str, seen: bytes):
    settings.BEHIND_PROXY = is_behind
    environ = {"REMOTE_ADDR": "172.18.0.2", "HTTP_X_FORWARDED_FOR": forwarded}
    assert proxied(answer)(environ, None) == [seen]
