"""How the demo's people have arranged their desk: teams, what they want to know, and views of their own."""

from collections.abc import Mapping
from datetime import date, timedelta

from contacts.attributes import Value
from contacts.models import Account, Attribute, Contact
from contacts.services.attributes import define, set_attributes
from conversations.models import Conversation
from conversations.models.conversation import ACTIVE
from conversations.queries.filters import Condition, Filter
from conversations.services import matter, saved_views
from omnidesk.demo.office import LINES, Office
from tenancy.models import Member, Team
from tenancy.services import teams

Of, Kind = Attribute.Of, Attribute.Kind
PLANS = ("Team", "Scale", "Enterprise", "Managed")
TEAMS = {"Integrations": ("acme",), "Shop and projects": ("shop", "studio")}
OPEN = Condition("status", "is", ["open", "pending"])
LONG = Filter("all", [OPEN, Condition("waiting", "older", {"count": 4, "unit": "hours"})])
LARGE = Filter("all", [OPEN, Condition("account.plan", "is", ["Scale", "Enterprise"])])


def arrange(office: Office, accounts: Mapping[str, Account]) -> None:
    """Arrange the desk of a workspace whose conversations have been told."""
    _know(office, accounts)
    made = {name: teams.make(name=name, members=_members(office, name), by=office.lead) for name in TEAMS}
    of_brand = {brand: made[name] for name, brands in TEAMS.items() for brand in brands}
    _give({office.channels[line.key].brand_id: of_brand[line.brand] for line in LINES})
    saved_views.make(name="Waiting over 4 hours", filter=LONG, member=office.lead, is_shared=True)
    saved_views.make(name="Scale and Enterprise", filter=LARGE, member=office.first)


def _know(office: Office, accounts: Mapping[str, Account]) -> None:
    """What the workspace keeps of its own, with values."""
    plan = define(of=Of.ACCOUNT, name="Plan", kind=Kind.CHOICE, choices=PLANS, by=office.lead)
    renews = define(of=Of.ACCOUNT, name="Renews", kind=Kind.DATE, by=office.lead)
    vip = define(of=Of.CONTACT, name="Speaks at our events", kind=Kind.YES_NO, by=office.lead)
    define(of=Of.CONVERSATION, name="Order", kind=Kind.TEXT, by=office.lead)
    define(of=Of.CONVERSATION, name="Promised for", kind=Kind.DATE, by=office.lead)
    for number, account in enumerate(accounts.values()):
        said = account.facts.pop("plan", "Managed")
        until: date = (office.now + timedelta(days=40 + 23 * number)).date()
        values: dict[Attribute, Value | None] = {plan: said, renews: until.isoformat()}
        account.save(update_fields=["facts"])
        set_attributes(row=account, values=values)
    for contact in Contact.objects.exclude(title="").order_by("pk")[:3]:
        set_attributes(row=contact, values={vip: True})


def _members(office: Office, team: str) -> list[Member]:
    """Who works in a team: the lead is in both."""
    agent = office.first if team == "Integrations" else office.second
    return list({member.pk: member for member in (agent, office.lead)}.values())


def _give(by_brand: Mapping[int, Team]) -> None:
    """Give what is open to the team of its brand, as a rule does: without a word in the thread."""
    for conversation in Conversation.objects.filter(ACTIVE).order_by("pk"):
        matter.change(matter.lock(conversation), team=by_brand.get(conversation.brand_id))
