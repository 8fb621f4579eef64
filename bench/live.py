"""Live screens: what a thousand sockets cost, and how long a text message takes to the screen of another agent.

The web server, the worker of two processes and the clock run as `manage.py up` starts them; the browsers are in
this process. The floors: the same web server with nothing in it but sockets (`bench.bare`); a push out of an empty
transaction to a socket, followed by a fetch of /healthz.
"""

import asyncio
import resource
from collections.abc import Callable, Iterator
from statistics import median

import httpx
from django.core.management import call_command

from bench import programs, texted
from bench.harness import Figure, new_workspace
from bench.screens import Agent, Socket, hire
from conversations.models import Conversation
from conversations.services import matter
from omnidesk.embedded.supervisor import Child
from tenancy.live import push
from tenancy.models import Brand, Workspace
from tenancy.scope import scope

SOCKETS, WARM, PUSHES = 1000, 20, 15
CONVERSATIONS = 50


def main() -> list[Figure]:
    """Sockets first, then the way of a text message."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
    call_command("collectstatic", interactive=False, verbosity=0)
    return [*_sockets(), *texted.figures()]


def _sockets() -> Iterator[Figure]:
    workspace = new_workspace("sockets")
    agents, place = hire(workspace, SOCKETS), programs.free_place()
    with scope(workspace.pk):
        brand = Brand.objects.get()
        shown = [matter.create(brand=brand) for _ in range(CONVERSATIONS)]
    least = asyncio.run(_crowd(programs.bare, place, _bare(agents), lambda: _tell(place)))
    took = asyncio.run(_crowd(programs.web, place, _browsers(agents, shown), lambda: _push(workspace)))
    yield Figure("memory of a socket", took["memory"], "KB", least["memory"], "beside a bare server")
    yield Figure("push to the last of 1,000, p50", took["push"], "ms", least["push"], "beside a bare server")
    yield Figure("push to the last of 1,000, slowest", took["slowest"], "ms", least["slowest"], "of 15")
    yield Figure("work of the server for a push", took["work"], "ms", least["work"])
    yield Figure("1,000 at once until all hear", took["open"], "s", least["open"])
    yield Figure("work of the server for one to connect", took["connect"], "ms", least["connect"])
    yield Figure(
        "1,000 after a restart until all hear", took["again"], "s", least["again"], "by live.js's backoff"
    )


def _browsers(agents: list[Agent], shown: list[Conversation]) -> list[Socket]:
    return [
        Socket(agent, ("open", "counts", f"conversation:{shown[number % CONVERSATIONS].pk}"))
        for number, agent in enumerate(agents)
    ]


def _bare(agents: list[Agent]) -> list[Socket]:
    return [Socket(agent, ("open",)) for agent in agents]


def _push(workspace: Workspace) -> None:
    with scope(workspace.pk):
        push(workspace.pk, "open", [1])


def _tell(place: str) -> None:
    httpx.get(f"http://{place}/tell/", trust_env=False).raise_for_status()


async def _crowd(
    server: Callable[[str], Child], place: str, sockets: list[Socket], push: Callable[[], None]
) -> dict[str, float]:
    """What the sockets cost a server, how long pushes and connecting take them, and a restart of it."""
    clock, found = asyncio.get_running_loop().time, dict[str, float]()
    with programs.running(server(place)) as process:
        warm = [Socket(one.agent, one.topics) for one in sockets[:WARM]]
        await asyncio.gather(*(one.open(place) for one in warm))
        held, worked, began = programs.memory(process), programs.worked(process), clock()
        await asyncio.gather(*(one.open(place) for one in sockets))
        found["open"] = clock() - began
        found["connect"] = (programs.worked(process) - worked) / len(sockets) * 1000
        await asyncio.gather(*(one.close() for one in warm))
        worked = programs.worked(process)
        times = [await _told(sockets, push) for _ in range(PUSHES)]
        found |= {"push": median(times) * 1000, "slowest": max(times) * 1000}
        found["work"] = (programs.worked(process) - worked) / PUSHES * 1000
        found["memory"] = (programs.memory(process) - held) / len(sockets)
    with programs.running(server(place)):
        began = clock()
        await asyncio.gather(*(one.reopen(place) for one in sockets))
        found["again"] = clock() - began
        await asyncio.gather(*(one.close() for one in sockets))
    return found


async def _told(sockets: list[Socket], push: Callable[[], None]) -> float:
    """Seconds from a push until the last has heard it."""
    began, before = asyncio.get_running_loop().time(), [one.heard for one in sockets]
    await asyncio.to_thread(push)
    while any(one.heard == heard for one, heard in zip(sockets, before, strict=True)):
        await asyncio.sleep(0.005)
    return max(one.at for one in sockets) - began
