"""Agents who answer through the API, each answer with an Idempotency-Key, until it is acknowledged."""

import json
import random
import threading
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.faults.storm.desks import Desk
from tests.faults.storm.hands import Hands
from tests.faults.storm.plan import CHANNELS, WORKSPACES

AT_ONCE = 2
PATIENCE = 20  # seconds for one call
TWICE_EVERY = 5  # of so many answers one is written twice at the same moment, under the same key
FILE_EVERY = 6  # of so many answers by mail one carries a file


@dataclass(frozen=True)
class Reply:
    """One answer that an agent wants to give, on whatever conversation its channel has then."""

    id: str
    workspace: str
    way: str
    number: int

    @property
    def text(self) -> str:
        return f"Storm {self.id} from {self.workspace}."

    @property
    def has_file(self) -> bool:
        return self.way in {"imap", "hook"} and self.number % FILE_EVERY == 0

    @property
    def file(self) -> bytes:
        return f"file of {self.id}\n".encode() * 40


def replies(count: int, seed: int) -> list[Reply]:
    """All answers, decided by the seed."""
    chance = random.Random(seed + 1)
    return [
        Reply(f"{name}-reply-{number:05}", name, chance.choice(CHANNELS), number)
        for number, name in ((number, WORKSPACES[number % len(WORKSPACES)]) for number in range(count))
    ]


class Agents(Hands[Reply]):
    """`acknowledged` are the answers that the API took; `refused` those that it will not take, with its words."""

    def __init__(self, desks: Mapping[str, Desk], urls: list[str]) -> None:
        super().__init__(AT_ONCE, 2 * PATIENCE)
        self.acknowledged: dict[str, Reply] = {}
        self.refused: dict[str, str] = {}
        self.answers: Counter[str] = Counter()
        self._desks = desks
        self._urls = urls
        self._http = httpx.Client(trust_env=False, timeout=PATIENCE)

    def do(self, reply: Reply) -> None:
        """Write one answer until it is acknowledged, now and then by two calls at once."""
        desk = self._desks[reply.workspace]
        number = self._conversation(desk, reply)
        if number is None:
            return
        body: dict[str, Any] = {"kind": "message", "channel": desk.channels[reply.way], "text": reply.text}
        if reply.has_file:
            body["attachments"] = [self._upload(desk, reply)]
        path = f"conversations/{number}/entries/"
        if reply.number % TWICE_EVERY:
            self._acknowledged(reply, self._until_answered(desk, path, reply.id, json=body))
            return
        twin = threading.Thread(target=lambda: self._until_answered(desk, path, reply.id, json=body))
        twin.start()
        self._acknowledged(reply, self._until_answered(desk, path, reply.id, json=body))
        twin.join()

    def _acknowledged(self, reply: Reply, answer: httpx.Response | None) -> None:
        if answer is not None and answer.is_success:
            self.acknowledged[reply.id] = reply
        elif answer is not None:
            self.refused[reply.id] = f"{answer.status_code} {answer.text[:300]}"

    def _conversation(self, desk: Desk, reply: Reply) -> int | None:
        """One of the newest conversations of the reply's channel, once there is one."""
        chance = random.Random(reply.number)
        while not self._over.is_set():
            listed = self._ask(desk, "GET", f"conversations/?channel={desk.channels[reply.way]}")
            rows = listed.json()["results"] if listed is not None and listed.is_success else []
            if rows:
                return int(chance.choice(rows)["number"])
            self._over.wait(0.3)
        return None

    def _upload(self, desk: Desk, reply: Reply) -> int:
        file = (f"{reply.id}.txt", reply.file, "text/plain")
        answer = self._until_answered(desk, "attachments/", str(uuid.uuid4()), files={"file": file})
        return int(answer.json()["id"]) if answer is not None else 0

    def _until_answered(self, desk: Desk, path: str, key: str, **content: Any) -> httpx.Response | None:
        """The answer to a POST that is made again, under the same key, as long as another try may help."""
        wait = 0.1
        while not self._over.is_set():
            answer = self._ask(desk, "POST", path, headers={"Idempotency-Key": key}, **content)
            if answer is not None and not _may_pass(answer):
                return answer
            self._over.wait(wait * random.uniform(0.5, 1.5))
            wait = min(wait * 2, 3)
        return None

    def _ask(
        self, desk: Desk, method: str, path: str, *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> httpx.Response | None:
        known = {"Authorization": f"Bearer {desk.token}", **(headers or {})}
        url = f"{random.choice(self._urls)}/api/v1/{path}"
        try:
            answer = self._http.request(method, url, headers=known, **content)
        except httpx.HTTPError as error:
            self.answers[type(error).__name__] += 1
            return None
        self.answers[f"{method} {answer.status_code}"] += 1
        return answer


def _may_pass(answer: httpx.Response) -> bool:
    if answer.status_code == 409:
        return bool(json.loads(answer.content).get("type", "").endswith("still-answering"))
    return answer.status_code in {408, 429} or answer.status_code >= 500
