"""The embedded PostgreSQL: made once, prepared as often as one likes."""

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from omnidesk.embedded import postgres


def test_preparing_again_changes_nothing():
    if "OMNIDESK_TEST_DATABASE_URL" in os.environ:
        pytest.skip("only the embedded server lets us in as its superuser")
    [sockets] = parse_qs(urlsplit(os.environ["DATABASE_URL"]).query)["host"]
    postgres.prepare(Path(sockets))
    postgres.prepare(Path(sockets))


def test_an_interrupted_initialisation_is_begun_again(tmp_path):
    data, unfinished = tmp_path / "postgres", tmp_path / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18")
    postgres.initialise(data)
    assert (data / "global" / "pg_control").exists()
    assert not unfinished.exists()


def test_the_url_quotes_the_folder_of_the_socket():
    assert postgres.url(Path("/a b/c")) == "postgres://omnidesk@/omnidesk?host=%2Fa%20b%2Fc"
