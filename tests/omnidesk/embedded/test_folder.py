"""The data folder: one instance at a time, keys that stay, sockets that can be opened."""

import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from omnidesk.embedded.folder import claim, keys
from omnidesk.embedded.processes import CannotRunError


@pytest.fixture
def short_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_a_folder_is_claimed_once(tmp_path):
    refusal = pytest.raises(CannotRunError, match=f"another Omnidesk runs on {tmp_path}")
    with claim(tmp_path, say=print), refusal, claim(tmp_path, say=print):
        pass
    with claim(tmp_path, say=print) as folder:
        assert folder.path == tmp_path


def test_a_claim_waits_for_the_processes_of_the_last_run(tmp_path):
    said: list[str] = []
    with claim(tmp_path, say=said.append) as last:
        nap = [sys.executable, "-c", "import time; time.sleep(0.5)"]
        child = subprocess.Popen(nap, pass_fds=[last.lock])
    with child, claim(tmp_path, say=said.append):
        assert child.poll() == 0
    assert said == ["waiting for the processes of the last run to end"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    refusal = pytest.raises(CannotRunError, match=f"cannot write to {tmp_path}/file/data: Not a directory")
    with refusal, claim(tmp_path / "file" / "data", say=print):
        pass


def test_keys_are_made_once_for_their_owner_alone(tmp_path):
    made = keys(tmp_path)
    assert keys(tmp_path) == made
    assert made.keys() == {"SECRET_KEY", "OMNIDESK_ENCRYPTION_KEYS"}
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_sockets_of_a_deep_folder_can_still_be_bound(short_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(short_path))
    with claim(short_path / ("deep" * 30), say=print) as folder, socket.socket(socket.AF_UNIX) as probe:
        assert folder.sockets.parent == short_path
        probe.bind(str(folder.postgres_socket / ".s.PGSQL.5432"))


def test_somebody_elses_folder_for_sockets_is_refused(short_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(short_path))
    deep = short_path / ("deep" * 30)
    with claim(deep, say=print) as folder:
        folder.sockets.rename(short_path / "elsewhere")
        folder.sockets.symlink_to(short_path / "elsewhere")
    with pytest.raises(CannotRunError, match="belongs to somebody else"), claim(deep, say=print):
        pass
