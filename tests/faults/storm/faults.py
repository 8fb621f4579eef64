"""What strikes during a storm. What does not end by itself is ended some time after, while others strike."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from signal import SIGCONT, SIGQUIT, SIGSTOP, SIGTERM

from tests.faults.storm.customers import Customers
from tests.faults.storm.installation import BEATS, OUTSIDE, WEBS, WORKERS, Installation
from tests.faults.storm.providers import Providers
from tests.providers.smtp import TAKE
from tests.providers.twilio import Trouble


@dataclass
class Weather:
    """What a fault may strike. `pause`: seconds between one strike and the next; what lasts, lasts so many."""

    installation: Installation
    providers: Providers
    customers: Customers
    chance: random.Random
    pause: float
    _ends: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def later(self, pauses: float, act: Callable[[], None]) -> None:
        """Do something after so many pauses."""
        self._ends.append((time.monotonic() + pauses * self.pause, act))

    def wait(self, pauses: float) -> None:
        """Let time pass, and end what has lasted long enough."""
        deadline = time.monotonic() + pauses * self.pause
        while (now := time.monotonic()) < deadline:
            due = [end for end in self._ends if end[0] <= now]
            self._ends = [end for end in self._ends if end[0] > now]
            for _, act in due:
                act()
            time.sleep(0.02)

    def clear(self) -> None:
        """End all that lasts."""
        for _, act in self._ends:
            act()
        self._ends.clear()

    def worker(self) -> str:
        return self.chance.choice(WORKERS)


Fault = Callable[[Weather], None]


def worker_killed_in_a_batch(weather: Weather) -> None:
    weather.installation.await_the_middle()
    weather.installation.kill(weather.worker())


def worker_killed_without_its_pool(weather: Weather) -> None:
    weather.installation.await_the_middle()
    weather.installation.kill(weather.worker(), group=False)


def all_workers_killed(weather: Weather) -> None:
    weather.installation.await_the_middle()
    weather.installation.kill(*WORKERS, *OUTSIDE)


def workers_killed_as_a_mail_leaves(weather: Weather) -> None:
    weather.providers.traps["mail"] = lambda: weather.installation.kill(*OUTSIDE)


def workers_killed_as_a_text_leaves(weather: Weather) -> None:
    weather.providers.traps["text"] = lambda: weather.installation.kill(*OUTSIDE)


def workers_ended(weather: Weather) -> None:
    """As an upgrade does."""
    weather.installation.kill(*WORKERS, *OUTSIDE, group=False, number=SIGTERM)


def all_killed_after_a_200(weather: Weather) -> None:
    weather.customers.trap = lambda: weather.installation.kill(*WEBS, *WORKERS)


def web_killed(weather: Weather) -> None:
    weather.installation.kill(weather.chance.choice(WEBS))


def web_killed_while_an_answer_is_written(weather: Weather) -> None:
    weather.installation.await_the_middle()
    weather.installation.kill(*WEBS)


def beat_killed(weather: Weather) -> None:
    weather.installation.kill(weather.chance.choice(BEATS))


def beats_killed(weather: Weather) -> None:
    weather.installation.kill(*BEATS, down=weather.pause)


def redis_stopped(weather: Weather) -> None:
    weather.installation.kill("redis", number=SIGTERM, down=2 * weather.pause)


def redis_killed(weather: Weather) -> None:
    weather.installation.kill("redis")


def redis_hangs(weather: Weather) -> None:
    weather.installation.signal("redis", SIGSTOP)
    weather.later(2, lambda: weather.installation.signal("redis", SIGCONT))


def redis_flushed(weather: Weather) -> None:
    weather.installation.flush_redis()


def postgres_stopped_at_once(weather: Weather) -> None:
    weather.installation.await_the_middle()
    weather.installation.kill("postgres", group=False, number=SIGQUIT)


def postgres_killed(weather: Weather) -> None:
    weather.installation.await_the_middle()
    weather.installation.kill("postgres", group=False, down=weather.pause)


def connections_cut(weather: Weather) -> None:
    weather.installation.await_the_middle()
    weather.installation.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'omnidesk'"
    )


def everything_killed(weather: Weather) -> None:
    """The machine loses its power, or nearly."""
    weather.installation.kill("postgres", "redis", *WORKERS, *OUTSIDE, *WEBS, *BEATS)


def store_full(weather: Weather) -> None:
    weather.installation.store.fill()
    weather.later(3, weather.installation.store.empty)


def webhooks_echo(weather: Weather) -> None:
    weather.customers.echoes = True
    weather.later(2, lambda: setattr(weather.customers, "echoes", False))


def twilio_in_trouble(*troubles: Trouble) -> Fault:
    def strike(weather: Weather) -> None:
        weather.providers.twilio.troubles.extend(troubles)

    return strike


def twilio_reports_before_it_answers(weather: Weather) -> None:
    weather.providers.twilio.tells_first = True
    weather.later(5, lambda: setattr(weather.providers.twilio, "tells_first", False))


def smtp_in_trouble(command: str, answer: str | float, times: int = 1) -> Fault:
    """The next such commands are answered otherwise."""

    def strike(weather: Weather) -> None:
        weather.providers.smtp.troubles.extend([(command, answer)] * times)

    return strike


def imap_drops(weather: Weather) -> None:
    for mailbox in weather.providers.mailboxes.values():
        mailbox.drop()


def imap_breaks_off(weather: Weather) -> None:
    """In the middle of what it hands out, at the next poll or two."""
    mailbox = weather.chance.choice(list(weather.providers.mailboxes.values()))
    mailbox.cut_after = weather.chance.randrange(500, 20_000)
    weather.later(10, lambda: setattr(mailbox, "cut_after", None))


def imap_numbers_anew(weather: Weather) -> None:
    weather.chance.choice(list(weather.providers.mailboxes.values())).start_over()


FAULTS: dict[str, Fault] = {
    "a worker is killed in a batch": worker_killed_in_a_batch,
    "a worker is killed, its pool lives on": worker_killed_without_its_pool,
    "all workers are killed in a batch": all_workers_killed,
    "workers are killed as a mail leaves": workers_killed_as_a_mail_leaves,
    "workers are killed as a text leaves": workers_killed_as_a_text_leaves,
    "workers are ended": workers_ended,
    "web and workers are killed after a 200": all_killed_after_a_200,
    "a web process is killed": web_killed,
    "all web processes are killed in an answer": web_killed_while_an_answer_is_written,
    "a beat is killed": beat_killed,
    "both beats are killed": beats_killed,
    "Redis is stopped": redis_stopped,
    "Redis is killed": redis_killed,
    "Redis hangs": redis_hangs,
    "Redis is flushed": redis_flushed,
    "PostgreSQL is stopped at once": postgres_stopped_at_once,
    "PostgreSQL is killed": postgres_killed,
    "connections to PostgreSQL are cut": connections_cut,
    "everything is killed": everything_killed,
    "the store is full": store_full,
    "webhooks are delivered 20 times at once": webhooks_echo,
    "Twilio answers 429": twilio_in_trouble(*[Trouble.BUSY] * 3),
    "Twilio answers 500": twilio_in_trouble(Trouble.BROKEN, Trouble.AWAY, Trouble.GATEWAY),
    "Twilio answers garbage": twilio_in_trouble(Trouble.GARBLED),
    "Twilio says nothing": twilio_in_trouble(Trouble.MUTE),
    "Twilio hangs up": twilio_in_trouble(Trouble.LOST, Trouble.DROPPED),
    "Twilio reports before it answers": twilio_reports_before_it_answers,
    "SMTP says later": smtp_in_trouble("RCPT", "451 4.3.0 Try again later", times=3),
    "SMTP refuses all": smtp_in_trouble("MAIL", "421 4.3.2 Shutting down", times=2),
    "SMTP refuses the mail": smtp_in_trouble("DATA", "554 5.7.1 Not this one"),
    "SMTP answers garbage": smtp_in_trouble("DATA", f"{TAKE}Mahlzeit"),
    "SMTP says nothing": smtp_in_trouble("RCPT", 3.0),
    "SMTP hangs up before it accepts": smtp_in_trouble("RCPT", "hang up"),
    "SMTP hangs up after it has accepted": smtp_in_trouble("DATA", f"{TAKE}hang up"),
    "IMAP drops its connections": imap_drops,
    "IMAP breaks off in a mail": imap_breaks_off,
    "IMAP numbers its mails anew": imap_numbers_anew,
}
