"""Processes that are killed with SIGKILL at a chosen moment, by themselves, over the test's own database."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
BEGIN = """
import os, signal, django
django.setup()
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def dies(code: str, **environment: str) -> None:
    """Run code, which has Django set up and a `die()`, in another process until it kills itself."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    known = {"DATABASE_URL": url.geturl(), "DJANGO_SETTINGS_MODULE": "omnidesk.settings"}
    command = [sys.executable, "-c", BEGIN + code]
    done = subprocess.run(command, env=os.environ | known | environment, cwd=ROOT, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL


def worker_dies(patch: str, lane: str, **environment: str) -> None:
    """Work on a lane in another process, patched so that it kills itself."""
    dies(f'{patch}\nfrom tenancy import lanes\nlanes.drain("{lane}")', **environment)
