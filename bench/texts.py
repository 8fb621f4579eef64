"""Text messages to entries: through the webhook as Twilio calls it, signed, beside bare psycopg writing the same
rows as durably."""

import base64
import hmac
from collections.abc import Iterator
from functools import partial
from hashlib import sha1
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from bench.floor import Floor
from bench.harness import Figure, new_workspace, tidy
from bench.ingest import PROCESSES, TOGETHER, accept_all, process_all, process_together
from channels_ingest.models import InboundEvent
from channels_ingest.services.process import lane
from conversations.models import Entry
from conversations.services.channels import create_channel
from omnidesk.flow import lane as reactions
from tenancy.scope import scope

TEXTS, WARM_UP = 600, 200
PER_SENDER = 4
BARE = "beside bare psycopg"
NUMBER, ACCOUNT, TOKEN = "+12065550100", f"AC{'1' * 32}", "an auth token"
FORM = "application/x-www-form-urlencoded"


def main() -> list[Figure]:
    """Texts a second: accepted by the webhook, and processed."""
    workspace, target = new_workspace("texts"), new_workspace("texts-floor")
    config = {"number": NUMBER, "account_sid": ACCOUNT}
    with scope(workspace.pk):
        _, token = create_channel(kind="sms", name="Texts", config=config, secrets={"auth_token": TOKEN})
    path, floor = f"/hooks/twilio-sms/{token}/", Floor(source=workspace.pk, target=target.pk)
    accept_all(calls(path, WARM_UP, run="before"), floor)
    process_all(workspace.pk, floor)
    tidy()
    accepting, least_accepting = accept_all(calls(path, TEXTS, run="one"), floor)
    processing, least_processing = process_all(workspace.pk, floor)
    process_all(workspace.pk, floor, reactions)
    more = TOGETHER + PROCESSES * lane.batch
    accept_all(calls(path, more, run="two"), floor)
    together = TOGETHER / process_together(workspace.pk)
    with scope(workspace.pk):
        assert InboundEvent.objects.exclude(state="done").count() == 0
        assert Entry.objects.filter(kind="message").count() == WARM_UP + TEXTS + more
    bare = TEXTS / least_processing
    return [
        _rate("webhook, a commit a text", accepting, least_accepting),
        _rate("process, a commit a batch", processing, least_processing),
        Figure(f"process and react by {PROCESSES} processes", together, "texts/s", bare, BARE),
    ]


def _rate(name: str, took: float, least: float) -> Figure:
    return Figure(name, TEXTS / took, "texts/s", TEXTS / least, BARE)


def calls(path: str, count: int, *, run: str) -> Iterator[partial[None]]:
    """Calls of Twilio's that bring texts; senders take turns."""
    browser = Client(SERVER_NAME="127.0.0.1")
    senders = count // PER_SENDER
    for number in range(count):
        yield partial(
            _post, browser, path, *form_of(f"{run}{number}", sender=1000 * len(run) + number % senders)
        )


def form_of(name: str, *, sender: int) -> tuple[dict[str, str], bytes]:
    """What a call brings, as fields and as the body: a message of its own for each name."""
    form = {
        "MessageSid": f"SM{sha1(name.encode(), usedforsecurity=False).hexdigest()[:32]}",
        "AccountSid": ACCOUNT,
        "From": f"+1206556{sender:04}",
        "To": NUMBER,
        "Body": f"The order {name} was due on Tuesday. Could you ask the courier where it is?",
        "NumMedia": "0",
        "NumSegments": "1",
    }
    return form, urlencode(form).encode()


def signature_of(url: str, form: dict[str, str]) -> str:
    """The signature with which Twilio calls a URL."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(TOKEN.encode(), signed.encode(), sha1).digest()).decode()


def _post(browser: Client, path: str, form: dict[str, str], body: bytes) -> None:
    signature = signature_of(settings.PUBLIC_URL + path, form)
    answer = browser.post(path, body, FORM, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 200
