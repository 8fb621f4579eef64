"""The workspaces of a storm, each with four channels and a program that answers."""

from dataclasses import dataclass

from conversations.models import Channel
from conversations.services.channels import create_channel, token_of
from tenancy.models import Role, Workspace
from tenancy.scope import scope
from tenancy.services import tokens
from tests.faults.storm.plan import WORKSPACES
from tests.faults.storm.providers import Providers
from tests.people import member_of, new_workspace


@dataclass(frozen=True)
class Desk:
    """One workspace. `hooks` are the paths that providers post to; `channels` ids, both by channel."""

    name: str
    id: int
    token: str
    number: str
    channels: dict[str, int]
    hooks: dict[str, str]


def open_desks(providers: Providers, public_url: str) -> dict[str, Desk]:
    """Make every workspace."""
    return {
        name: _open(name, f"+1206555{place:02}00", providers, public_url)
        for place, name in enumerate(WORKSPACES, start=1)
    }


def _open(name: str, number: str, providers: Providers, public_url: str) -> Desk:
    workspace = new_workspace(name)
    with scope(workspace.pk):
        _, token = tokens.create(member=member_of(workspace, Role.AGENT), name="Storm")
        made = {
            "imap": _mail(name, "inbox", providers, imap=True),
            "hook": _mail(name, "posted", providers, imap=False),
            "sms": _texts(number, providers),
            "chat": create_channel(kind="chat", name="Chat", config={}, secrets={})[0],
        }
        doors = {"hook": "/hooks/mail/{}/", "sms": "/hooks/twilio-sms/{}/", "chat": "/widget/{}/"}
        hooks = {way: door.format(token_of(made[way])) for way, door in doors.items()}
    providers.twilio.add_number(number, f"{public_url}{hooks['sms']}", name=name)
    return Desk(
        name=name,
        id=_id(workspace),
        token=token,
        number=number,
        channels={way: channel.pk for way, channel in made.items()},
        hooks=hooks,
    )


def _id(workspace: Workspace) -> int:
    return int(workspace.pk)


def _mail(name: str, mailbox: str, providers: Providers, *, imap: bool) -> Channel:
    config = {
        "address": f"{mailbox}@{name}.example",
        "authserv_ids": f"mx.{name}.example",
        "smtp_host": providers.smtp.host,
        "smtp_port": str(providers.smtp.port),
        "smtp_security": "none",
    }
    secrets = {}
    if imap:
        line = providers.mailboxes[name]
        config |= {"imap_host": "127.0.0.1", "imap_port": str(line.port), "imap_security": "none"}
        config |= {"imap_user": line.server.user}
        secrets = {"imap_password": line.server.password}
    return create_channel(kind="email", name=mailbox, config=config, secrets=secrets)[0]


def _texts(number: str, providers: Providers) -> Channel:
    config = {"account_sid": providers.twilio.account_sid, "number": number}
    secrets = {"auth_token": providers.twilio.auth_token}
    return create_channel(kind="sms", name="Texts", config=config, secrets=secrets)[0]
