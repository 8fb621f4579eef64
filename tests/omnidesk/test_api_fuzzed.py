"""The API as strangers find it: a running server, asked for all that its own document allows and forbids.

By hand, for longer: `schemathesis run http://127.0.0.1:8000/api/v1/schema/ -H "Authorization: Bearer omni_…"`.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from tenancy.scope import scope
from tenancy.services import tokens
from tests.isolation.worlds import World, two_worlds

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = [
    *("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "4", "--generation-deterministic"),
    # That a row exists, or can be changed as things are, is in no schema: what it calls valid may be refused.
    *("--checks", "all", "--exclude-checks", "positive_data_acceptance", "--no-color"),
]

CONFIG = """
[phases.coverage]
unexpected-methods = ["PUT"]

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 411, 413, 415, 422]
"""


@pytest.fixture
def worlds(db: None, tmp_path: Path, settings) -> tuple[World, World]:
    settings.MEDIA_ROOT = tmp_path
    return two_worlds()


@pytest.fixture
def server(worlds: tuple[World, World], tmp_path: Path) -> Iterator[str]:
    """The address of a server on the test's database."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {"DATABASE_URL": database.geturl(), "MEDIA_ROOT": str(tmp_path), "API_RATE": "1000000"}
    with socket.create_server(("127.0.0.1", 0), backlog=100) as door, (tmp_path / "log").open("wb") as log:
        # Behind --fd nobody sets it, and each answer would wait for the 40 ms of a delayed ACK.
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        words = [
            "-m",
            "uvicorn",
            "omnidesk.asgi:application",
            "--fd",
            str(door.fileno()),
            "--lifespan",
            "off",
        ]
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=settings.BASE_DIR,
            env=os.environ | environment,
            pass_fds=[door.fileno()],
            stdout=log,
            stderr=log,
        )
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        process.terminate()
        process.wait(10)


def test_no_request_is_answered_otherwise_than_the_document_says(worlds, server: str, tmp_path: Path):
    """Every operation, with data that its schema allows and with data that it does not, and in sequences.

    What the other workspace holds is neither shown nor changed.
    """
    mine, other = worlds
    with scope(mine.workspace.pk):
        token = tokens.create(member=mine.owner, name="fuzzer")[1]
    before = other.snapshot()
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    tool = [sys.executable, "-m", "schemathesis.cli", "run", f"{server}/api/v1/schema/"]
    done = subprocess.run(
        [*tool, *WORDS, "--header", f"Authorization: Bearer {token}", "--report-har-path", "seen.har"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert other.snapshot() == before
    seen = (tmp_path / "seen.har").read_text()
    assert mine.mark in seen
    assert other.mark not in seen
