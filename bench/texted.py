"""From the webhook that brings a text message to the screens of agents, two hundred of whom are connected."""

import asyncio
import base64
import hmac
import random
import re
from collections.abc import Iterator
from functools import partial
from hashlib import sha1
from itertools import count
from urllib.parse import urlencode

from django.urls import reverse

from bench import programs
from bench.browsers import Browser, Line, page
from bench.harness import Figure, new_workspace, p50_p95, tidy
from bench.screens import Agent, connect, hire
from conversations.models import Conversation
from conversations.services.channels import create_channel
from tenancy.live import push
from tenancy.models import Workspace
from tenancy.scope import scope

AGENTS = 200
RATE, LASTS, WARM_UP = 3, 40, 10  # messages a second over the workspace, seconds, messages that do not count
LATEST = 15  # seconds after which what is on no screen is taken for missed
FLOORS = 40
NUMBER, ACCOUNT, TOKEN = "+12065550100", f"AC{'1' * 32}", "an auth token"
MARK = re.compile(rb"mark([0-9]{4})x")
_sids = count(1)


def figures() -> Iterator[Figure]:
    """Milliseconds to the thread of the agent who has it open, and to the lists of all."""
    workspace = new_workspace("texted")
    with scope(workspace.pk):
        config = {"number": NUMBER, "account_sid": ACCOUNT}
        _, token = create_channel(kind="sms", name="Texts", config=config, secrets={"auth_token": TOKEN})
    agents = hire(workspace, AGENTS)
    with programs.served(processes=2) as place:
        desk = Desk(workspace, place, f"/hooks/twilio-sms/{token}/")
        floors = asyncio.run(desk.run(agents))
    cuts = zip(("p50", "p95"), *map(p50_p95, (desk.threads, desk.lists, floors)), strict=True)
    for part, thread, listed, floor in cuts:
        yield Figure(
            f"text to an open thread, {part}", thread * 1000, "ms", floor * 1000, "beside push and fetch"
        )
        yield Figure(f"text to a list among 200, {part}", listed * 1000, "ms", floor * 1000)
    yield Figure("fetches a message", desk.fetches / (WARM_UP + RATE * LASTS), "fetches")


class Desk:
    """Agents who all look at the list of all that is open, each with a conversation of their own beside it."""

    def __init__(self, workspace: Workspace, place: str, hook: str) -> None:
        self.workspace, self.place, self.hook = workspace, place, hook
        self.provider = Line(place)
        self.sent: list[tuple[float, int]] = []  # when, and to whose conversation
        self.on_thread: dict[int, float] = {}
        self.on_list: dict[tuple[int, int], float] = {}
        self.fetches = 0

    @property
    def threads(self) -> list[float]:
        """Seconds for each message that counts. Raises KeyError for one that was missed."""
        return [self.on_thread[number] for number in range(WARM_UP, len(self.sent))]

    @property
    def lists(self) -> list[float]:
        """Seconds for each message and list; a message may be followed by another before a list shows it."""
        return [took for (number, _), took in self.on_list.items() if number >= WARM_UP]

    async def run(self, agents: list[Agent]) -> list[float]:
        """Have customers write; returns the floors."""
        shown = await self._begin(len(agents))
        browsers = [self._browser(*facts) for facts in zip(range(len(agents)), agents, shown, strict=True)]
        for start in range(0, len(browsers), 20):
            await asyncio.gather(*(one.open() for one in browsers[start : start + 20]))
        for number in range(WARM_UP + RATE * LASTS):
            whose = random.randrange(len(agents))
            self.sent.append((asyncio.get_running_loop().time(), whose))
            await self._write(whose, f"mark{number:04}x is here")
            await asyncio.sleep(random.expovariate(RATE))
        await asyncio.sleep(LATEST)
        await asyncio.gather(*(one.close() for one in browsers))
        self.fetches = sum(len(one.fetches) for one in browsers)
        return [await self._floor(agents[0], shown[0]) for _ in range(FLOORS)]

    async def _begin(self, customers: int) -> list[Conversation]:
        """Have each customer write for the first time; gives their conversations in their order."""
        for whose in range(customers):
            await self._write(whose, "Hello")
        while len(found := await asyncio.to_thread(self._conversations)) < customers:
            await asyncio.sleep(0.2)
        await asyncio.to_thread(tidy)
        return found

    def _conversations(self) -> list[Conversation]:
        with scope(self.workspace.pk):
            return list(Conversation.objects.order_by("contact__identities__value"))

    def _browser(self, whose: int, agent: Agent, shown: Conversation) -> Browser:
        read = reverse("conversations:seen", args=[agent.slug, shown.number])
        parts = page(agent, self.place, "open", shown)
        return Browser(agent, self.place, parts, read, partial(self._seen, whose))

    def _seen(self, whose: int, part: str, body: bytes) -> None:
        now = asyncio.get_running_loop().time()
        for number in map(int, set(MARK.findall(body))):
            sent, receiver = self.sent[number]
            if part == "list":
                self.on_list.setdefault((number, whose), now - sent)
            elif part == "thread" and receiver == whose:
                self.on_thread.setdefault(number, now - sent)

    async def _write(self, whose: int, text: str) -> None:
        sid = f"SM{sha1(str(next(_sids)).encode(), usedforsecurity=False).hexdigest()[:32]}"
        form = {
            "MessageSid": sid,
            "AccountSid": ACCOUNT,
            "From": f"+1206556{whose:04}",
            "To": NUMBER,
            "Body": text,
            "NumMedia": "0",
            "NumSegments": "1",
        }
        signed = f"http://{self.place}{self.hook}" + "".join(name + form[name] for name in sorted(form))
        signature = base64.b64encode(hmac.new(TOKEN.encode(), signed.encode(), sha1).digest()).decode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        status, _ = await self.provider.ask("POST", self.hook, headers, urlencode(form).encode())
        assert status == 200, status

    async def _floor(self, agent: Agent, shown: Conversation) -> float:
        """Seconds from a bare push to the socket, and for a bare fetch after it."""
        topic = f"conversation:{shown.pk}"

        def pushed() -> None:
            with scope(self.workspace.pk):
                push(self.workspace.pk, topic, [1])

        line, clock = await connect(agent, self.place, [topic]), asyncio.get_running_loop().time
        began = clock()
        await asyncio.to_thread(pushed)
        await line.recv()
        await self.provider.ask("GET", "/healthz", {})
        took = clock() - began
        await line.close()
        return took
