"""The course of a storm: everything comes up, blows, and is waited for; then the ledger is balanced."""

import contextlib
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

import django

from omnidesk.embedded.folder import claim
from tests.faults.storm.plan import Plan

LOGGED = 60  # lines of the processes' words, when something is wrong


def main() -> int:
    """Blow one storm, as the environment says."""
    plan = Plan.from_environment()
    print(f"Storm: {plan}", flush=True)
    place = Path(tempfile.mkdtemp(prefix="omnidesk-storm-"))
    log = place / "log"
    place.chmod(0o711)
    try:
        with log.open("w") as words, claim(place / "data", say=print) as folder:
            ledger = _blow(plan, folder, words)
    except BaseException:
        print(f"Its processes said, in {log}:\n" + "\n".join(log.read_text().splitlines()[-LOGGED:]))
        raise
    if ledger.wrong:
        print(f"What its processes said is in {log}")
        return 1
    if not os.environ.get("STORM_KEEP"):
        shutil.rmtree(place)
    return 0


def _blow(plan: Plan, folder: Any, words: Any) -> Any:
    from tests.faults.storm.installation import Installation
    from tests.faults.storm.providers import serving

    installation = Installation(folder)
    with serving() as providers:
        environment = installation.environment(providers.twilio.url)
        os.environ.update(environment)
        django.setup()
        from tests.faults.storm.storm import Storm

        with contextlib.redirect_stdout(words):
            try:
                installation.bring_up(environment)
                storm = Storm(plan, installation, providers)
                thread = threading.Thread(target=storm.run)
                thread.start()
                installation.supervise(thread.is_alive)
            finally:
                installation.stop()
                installation.store.close()
    if storm.error:
        raise storm.error
    print(storm.told())
    return storm.ledger
