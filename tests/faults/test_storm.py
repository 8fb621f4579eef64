"""The light storm, as often as the suite runs; `make faults` blows the heavy one."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 600  # seconds, on a machine that runs many tests at once


def test_the_ledger_balances_after_a_storm():
    """Every kind of fault strikes once; a failing storm says its seed, which STORM_SEED replays."""
    storm = [sys.executable, "-m", "tests.faults.storm"]
    light = {**os.environ, "STORM": "light"}
    done = subprocess.run(
        storm, cwd=ROOT, env=light, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The ledger balances." in done.stdout
