"""Webhooks up to the answer, four at once, beside a plain Django view that does one durable INSERT.

Both on the web server of `make run` (one process) and with as many calls; they take turns, so that both meet the
same machine. A worker is not running: what it costs to work on what was stored is measured elsewhere.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles

from django.db import connection

from bench import plain, programs
from bench.callers import Run, call, request
from bench.harness import Figure, new_workspace
from bench.texts import FORM, TOKEN, form_of, signature_of
from channels_ingest.models import InboundEvent
from conversations.services.channels import create_channel
from tenancy.scope import scope

AT_ONCE = 4
WARM_UP, CALLS, TURNS = 200, 400, 6


def main() -> list[Figure]:
    """Requests a second, and milliseconds of one."""
    workspace = new_workspace("accept")
    with scope(workspace.pk):
        config = {"number": "+12065550100", "account_sid": f"AC{'1' * 32}"}
        _, token = create_channel(kind="sms", name="Texts", config=config, secrets={"auth_token": TOKEN})
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {plain.TABLE} (id bigserial PRIMARY KEY, body bytea NOT NULL)")
    with programs.served() as place, _plain() as least:
        path, url = f"/hooks/twilio-sms/{token}/", f"http://{place}/hooks/twilio-sms/{token}/"
        ours, floor = list[Run](), list[Run]()
        for turn, count in enumerate([WARM_UP, *[CALLS] * TURNS]):
            requests = list(_texts(path, url, count, run=str(turn)))
            ours.append(call(place, requests, at_once=AT_ONCE))
            bodies = [one.partition(b"\r\n\r\n")[2] for one in requests]
            plain_requests = [request("POST", "/store/", body, Content_Type=FORM) for body in bodies]
            floor.append(call(least, plain_requests, at_once=AT_ONCE))
    with scope(workspace.pk):
        assert InboundEvent.objects.count() == WARM_UP + CALLS * TURNS
    return list(_figures(ours[1:], floor[1:]))


def _figures(ours: list[Run], floor: list[Run]) -> Iterator[Figure]:
    note = "beside a plain view with one INSERT"
    rates = [CALLS * TURNS / sum(run.took for run in runs) for runs in (ours, floor)]
    yield Figure("webhooks, four at once", *_pair(rates), note)
    cuts = [quantiles([time for run in runs for time in run.times], n=100) for runs in (ours, floor)]
    for name, place in (("p50", 49), ("p99", 98)):
        yield Figure(f"one webhook, {name}", cuts[0][place] * 1000, "ms", cuts[1][place] * 1000, note)


def _pair(rates: list[float]) -> tuple[float, str, float]:
    return rates[0], "requests/s", rates[1]


@contextmanager
def _plain() -> Iterator[str]:
    """The same web server with a plain Django site in it; gives host and port."""
    place = programs.free_place()
    child = programs.web(place)
    child.command[child.command.index("omnidesk.asgi:application")] = "bench.plain:asgi"
    child.environment = {**child.environment, **os.environ, "BENCH_PLAIN": "1"}
    with programs.running(child):
        yield place


def _texts(path: str, url: str, count: int, *, run: str) -> Iterator[bytes]:
    for number in range(count):
        form, body = form_of(f"{run}.{number}", sender=number % 97)
        yield request("POST", path, body, Content_Type=FORM, X_Twilio_Signature=signature_of(url, form))
