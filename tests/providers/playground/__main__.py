"""`python -m tests.providers.playground FILE`: the demo's made-up providers, until asked to stop.

FILE is what `manage.py demo_providers` wrote. They keep nothing: what customers wrote stays with the desk.
"""

import json
import sys
from pathlib import Path
from typing import Any

import uvicorn

from tests.providers import smtp
from tests.providers.background import Background
from tests.providers.playground.app import Playground
from tests.providers.playground.post import Post
from tests.providers.twilio import Twilio

HOST = "127.0.0.1"


def playground(told: dict[str, Any], url: str) -> Playground:
    """The providers of a demo, reached at `url`."""
    account = told["twilio"]
    twilio = Twilio(
        account_sid=account["account_sid"],
        auth_token=account["auth_token"],
        url=f"{url}/twilio",
        store_url=f"{url}/twilio",
        pause=0.8,
    )
    for number in account["numbers"]:
        twilio.add_number(number["number"], number["hook"], name=number["name"])
    hooks = {mailbox["address"]: mailbox["hook"] for mailbox in told["mail"]["mailboxes"]}
    return Playground(told, twilio, Post(hooks, told["mail"]["authserv"]))


def main(told: dict[str, Any]) -> None:
    """Listen on the ports that were told."""
    ports = told["ports"]
    found = playground(told, f"http://{HOST}:{ports['http']}")
    with Background() as background:
        smtp.serve(background, port=ports["smtp"], take=found.post.take)
        uvicorn.run(found.application(), host=HOST, port=ports["http"], log_level="warning", access_log=False)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
