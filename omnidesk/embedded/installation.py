"""Omnidesk whole, on one machine: what comes up, in which order, with which addresses and keys."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import partial
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import DatabaseError

from omnidesk.embedded import postgres, preparation, programs, redis
from omnidesk.embedded.folder import DataFolder, claim, keys, write_private
from omnidesk.embedded.processes import CannotRunError
from omnidesk.embedded.supervisor import AskedToStop, Child, Supervisor, say, tell

GIVE_UP_AFTER = 5  # deaths in a row of a server that all the rest waits for
ASK_EVERY = 0.3  # seconds; each refusal is a line in the log of the web process
TELL_EVERY = 15  # seconds
DEMO_WORKSPACE = "acme"
PROVIDERS, PROVIDERS_MAIL = settings.PORT + 1, settings.PORT + 2  # the demo's, where they are wanted
DEMO_SIGN_INS = """\
  Demo sign-ins, all with the password omnidesk-demo:
  agent@acme.example  agent2@acme.example  admin@acme.example  manager@acme.example  admin@globex.example"""

note = partial(say, "up")


def run() -> None:
    """Run servers, web, worker and beat on $OMNIDESK_DATA until asked to stop; leave no process behind.

    Raises CannotRunError with the reason in one line.
    """
    with claim(settings.OMNIDESK_DATA, say=note) as folder:
        ports = [settings.PORT, *([PROVIDERS, PROVIDERS_MAIL] if settings.DEMO_PROVIDERS else [])]
        for port in ports:
            check_address(settings.HOST, port)
        environment = environment_of(folder)
        write_private(folder.path / "run.json", environment)
        supervisor = Supervisor(keep_open=folder.lock)
        supervisor.heed_signals()
        try:
            _bring_up(supervisor, folder, environment)
            supervisor.wait_until(lambda: False)
        except AskedToStop:
            note("stopping")
        except (psycopg.Error, DatabaseError) as error:
            raise CannotRunError(f"the database failed: {error}") from error
        finally:
            supervisor.stop()


def has_demo() -> bool:
    """Whether the demo is wanted, and allowed: its passwords are known to everybody."""
    return bool(settings.DEMO and settings.IS_LOOPBACK)


def check_address(host: str, port: int) -> None:
    """Raise CannotRunError when nothing can listen there: the port is taken, or the address is not ours."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = f"cannot listen on {host} port {port}: {error.strerror}"
        raise CannotRunError(f"{reason}; HOST and PORT say where to") from error


def environment_of(folder: DataFolder) -> dict[str, str]:
    """Addresses and keys of this run: those that the environment gives, and the folder's own for the rest."""
    own = keys(folder.path) | {
        "DATABASE_URL": postgres.url(folder.postgres_socket),
        "REDIS_URL": redis.url(folder.redis_socket),
        "PUBLIC_URL": _url(),
    }
    if settings.DEMO_PROVIDERS:
        own["OMNIDESK_PROVIDER_URLS"] = json.dumps({"twilio": f"{_url(PROVIDERS)}/twilio"})
    return {name: os.environ.get(name) or value for name, value in own.items()}


def _bring_up(supervisor: Supervisor, folder: DataFolder, environment: Mapping[str, str]) -> None:
    _start_servers(supervisor, folder)
    _prepare(supervisor, environment)
    if settings.DEMO_PROVIDERS:
        _manage(supervisor, environment, *_connecting(folder))
        supervisor.start(programs.providers(environment, told=folder.providers))
    preparation.forget_heartbeat(environment["REDIS_URL"])
    supervisor.start(programs.beat(environment, schedule=folder.beat_schedule))
    supervisor.start(programs.worker(environment, processes=os.environ.get("WORKERS") or "2"))
    supervisor.start(programs.web(environment))
    supervisor.start(programs.outside(environment))
    _await_ready(supervisor, environment["PUBLIC_URL"])


def _start_servers(supervisor: Supervisor, folder: DataFolder) -> None:
    if not os.environ.get("DATABASE_URL"):
        _initialise(folder)
        is_ready = partial(postgres.is_ready, folder.postgres_socket)
        _start_and_await(supervisor, programs.postgres_server(folder), is_ready)
        postgres.prepare(folder.postgres_socket)
    if not os.environ.get("REDIS_URL"):
        is_ready = partial(redis.is_ready, folder.redis_socket)
        _start_and_await(supervisor, programs.redis_server(folder), is_ready)


def _initialise(folder: DataFolder) -> None:
    try:
        postgres.initialise(folder.postgres)
    except subprocess.CalledProcessError as error:
        raise CannotRunError(f"initdb failed: {error.output}") from error
    postgres.forget_last_run(folder.postgres)


def _start_and_await(supervisor: Supervisor, server: Child, is_ready: Callable[[], bool]) -> None:
    def is_up() -> bool:
        if server.deaths >= GIVE_UP_AFTER:
            raise CannotRunError(f"{server.name} does not start; its own words stand above")
        return is_ready()

    supervisor.start(server)
    supervisor.wait_until(is_up)


def _prepare(supervisor: Supervisor, environment: Mapping[str, str]) -> None:
    manage = partial(_manage, supervisor, environment)
    if settings.DEMO and not has_demo():
        note(f"{settings.HOST} is not a loopback address: no demo, and its sign-ins are refused")
    if preparation.lacks_static_files():
        manage("collectstatic", "--no-input", "--verbosity=0")
    if preparation.lacks_migrations(environment["DATABASE_URL"]):
        manage("migrate", "--no-input")
    if has_demo() and preparation.lacks_workspace(environment["DATABASE_URL"], DEMO_WORKSPACE):
        manage("demo", "--workspace", DEMO_WORKSPACE)


def _manage(supervisor: Supervisor, environment: Mapping[str, str], *arguments: str) -> None:
    if supervisor.run(programs.manage(arguments[0], environment, *arguments)):
        raise CannotRunError(f"`manage.py {' '.join(arguments)}` failed; its own words stand above")


def _connecting(folder: DataFolder) -> list[str]:
    ports = ["--http", str(PROVIDERS), "--smtp", str(PROVIDERS_MAIL)]
    return ["demo_providers", *ports, "--to", str(folder.providers)]


def _await_ready(supervisor: Supervisor, public_url: str) -> None:
    asked = told = time.monotonic()

    def is_ready() -> bool:
        nonlocal asked, told
        now = time.monotonic()
        if now - asked < ASK_EVERY:
            return False
        asked, (status, answer) = now, _ask_whether_ready(public_url)
        if status != 200 and now - told > TELL_EVERY:
            told = now
            note(f"not ready yet: {answer}")
        return status == 200

    supervisor.wait_until(is_ready)
    tell(f"Omnidesk is ready at {_url()}")
    if has_demo():
        tell(DEMO_SIGN_INS)
    if settings.DEMO_PROVIDERS:
        tell(f"  Play the customer at {_url(PROVIDERS)}")


def _ask_whether_ready(public_url: str) -> tuple[int, str]:
    # Listening on all addresses, it is asked on this machine's own.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104
    connection = HTTPConnection(host, settings.PORT, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": urlsplit(public_url).netloc})
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    except (OSError, HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


def _url(port: int = settings.PORT) -> str:
    host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    return f"http://{host}:{port}"
