"""What the demo happens in: the workspace's colleagues, brands, channels and labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contacts.types import AddressKind
from conversations.kinds import KINDS
from conversations.models import Channel, Label
from conversations.services.channels import create_channel
from conversations.services.labels import label_named
from omnidesk.demo.cast import PASSWORD, Colleague
from tenancy.models import Brand, Member, Role, User, Workspace
from tenancy.services import members
from tenancy.services.locators import new_secret
from tenancy.services.users import create_user

BRANDS = {"acme": ("Acme", "#2451b7"), "shop": ("Acme Shop", "#9a3f6c"), "studio": ("Acme Studio", "#2f6b4f")}
GREETING = "Hello! Ask us anything about your order."
SHARED_CHANNEL = "C0BELLWEATHR"


@dataclass(frozen=True, slots=True)
class Line:
    """A channel to connect, under a name of the demo's own; `owned` is the account lead's, for their eyes."""

    key: str
    kind: str
    brand: str
    name: str
    config: Mapping[str, str]
    owned: bool = False


LINES = (
    Line("support", "email", "acme", "Support", {"address": "support@{slug}.example"}),
    Line("chat", "chat", "acme", "Web chat", {"origin": "https://{slug}.example"}),
    Line("phone", "phone", "acme", "Phone", {"number": "+12065550100"}),
    Line("sms", "sms", "acme", "SMS", {"number": "+12065550101"}),
    Line("shop", "email", "shop", "Shop", {"address": "shop@{slug}.example"}),
    Line("shop chat", "chat", "shop", "Shop chat", {"color": BRANDS["shop"][1], "greeting": GREETING}),
    Line("shop sms", "sms", "shop", "Shop SMS", {"number": "+12065550102"}),
    Line("instagram", "instagram", "shop", "@{slug}.shop", {"account_id": "17841400000000001"}),
    Line("whatsapp", "whatsapp", "shop", "WhatsApp", {"phone_number_id": "100000000000001"}),
    Line("messenger", "messenger", "shop", "Messenger", {"page_id": "100000000000002"}),
    Line("slack", "slack", "studio", "Slack Connect", {"team_id": "T0ACMESTUDIO"}),
    Line("projects", "email", "studio", "Projects", {"address": "projects@{slug}.example"}),
    Line("lead mail", "email", "studio", "{lead}, mailbox", {"address": "{lead address}"}, owned=True),
    Line("lead slack", "slack", "studio", "{lead}, Slack", {"team_id": "T0ACMESTUDIO"}, owned=True),
)
LABELS = (
    *("access", "billing", "damaged", "delivery", "escalated", "integration", "invoices", "orders"),
    *("outage", "plan", "privacy", "projects", "refund", "returns"),
)
# The provider's account that an address means something in.
SCOPES = {
    line.kind: line.config[key]
    for line in LINES
    for key in ("account_id", "page_id", "team_id")
    if key in line.config
}


@dataclass(frozen=True, slots=True)
class Office:
    """The workspace with all that is needed to write into it. `agents` answer; the first two do most of it."""

    workspace: Workspace
    now: datetime
    since: datetime
    agents: Sequence[Member]
    lead: Member
    ai: Member
    channels: Mapping[str, Channel]
    labels: Mapping[str, Label]

    @property
    def first(self) -> Member:
        """The agent for integrations and billing."""
        return self.agents[0]

    @property
    def second(self) -> Member:
        """The agent for shop and projects; the first one where there is no other."""
        return self.agents[min(1, len(self.agents) - 1)]

    def channel(self, brand: str, kind: AddressKind) -> Channel | None:
        """The shared channel by which a brand reaches a kind of address."""
        for line in LINES:
            found = self.channels.get(line.key)
            if found and not line.owned and line.brand == brand and KINDS[line.kind].address == kind:
                return found
        return None

    def scope(self, brand: str, kind: AddressKind) -> str:
        """What an address means something in: a provider's account, or the chat of one site."""
        if kind != AddressKind.CHAT:
            return SCOPES.get(kind, "")
        chat = self.channel(brand, kind)
        return str(chat.pk) if chat else ""


def make_user(colleague: Colleague) -> User:
    """Somebody who signs in to the demo."""
    return create_user(email=colleague.email, password=PASSWORD, name=colleague.name, is_demo=True)


def join(user: User, colleague: Colleague) -> Member:
    """Make a colleague a member, with their title."""
    member = members.add_member(user=user, role=colleague.role)
    members.rename(member=member, name=colleague.name, title=colleague.title, by=None)
    return member


def open_office(
    *, workspace: Workspace, now: datetime, days: int, lines: Sequence[Line] = LINES, brands: bool = True
) -> Office:
    """Furnish a workspace in its open scope: it gets what of brands, labels and an AI agent it lacks.

    Its own members do the work: the agents first, the first manager leads.
    """
    since = now - timedelta(days=days + 2)
    people = sorted(
        Member.objects.filter(is_bot=False, archived_at=None), key=lambda one: Role(one.role).rank
    )
    lead = next((one for one in people if one.role == Role.MANAGER), people[-1])
    shown = _brands(since) if brands else dict.fromkeys(BRANDS, Brand.objects.earliest("id"))
    words = {"slug": workspace.slug, "lead": lead.name, "lead address": lead.user.email if lead.user else ""}
    return Office(
        workspace=workspace,
        now=now,
        since=since,
        agents=people,
        lead=lead,
        ai=_ai_agent(since),
        channels={line.key: _connect(line, words, shown, lead, since) for line in lines},
        labels={name: label_named(name=name) for name in LABELS},
    )


def _brands(since: datetime) -> dict[str, Brand]:
    """The workspace's first brand, and one each for shop and studio."""
    found = {"acme": Brand.objects.earliest("id")}
    for key, (name, colour) in list(BRANDS.items())[1:]:
        found[key], _ = Brand.objects.get_or_create(
            name=name, defaults={"sender_name": name, "colour": colour}
        )
    return found


def _connect(
    line: Line, words: Mapping[str, str], brands: Mapping[str, Brand], lead: Member, since: datetime
) -> Channel:
    """A channel without servers: nothing can leave by it. Chats know whom their sites signed in."""
    config = {key: value.format_map(words) for key, value in line.config.items()}
    name = line.name.format_map(words)
    secrets = {"identity_secret": new_secret()} if line.kind == "chat" else {}
    channel, _ = create_channel(
        kind=line.kind, name=name, config=config, secrets=secrets, brand=brands[line.brand]
    )
    channel.started_at = channel.created_at = since
    channel.owner = lead if line.owned else None
    channel.save(update_fields=["started_at", "created_at", "owner"])
    return channel


def _ai_agent(since: datetime) -> Member:
    """The member that is no person."""
    member, _ = Member.objects.get_or_create(
        is_bot=True, defaults={"name": "Ada", "title": "AI agent", "role": Role.AGENT, "joined_at": since}
    )
    return member
