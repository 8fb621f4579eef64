"""What filters find among conversations, and what does not fit into one."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Account, Attribute, Contact
from contacts.services import attributes
from conversations.models import Conversation, ConversationLabel, Seen
from conversations.queries import lists, saved
from conversations.queries.compiled import compiled
from conversations.queries.fields import FIELDS, all_fields
from conversations.queries.filters import Condition, Filter, Unfit, checked
from conversations.services import work
from conversations.services.labels import label_named
from tenancy.models import Brand, Member
from tenancy.services import teams
from tests.conversations.queries.conftest import NOW, person


def of(*conditions: Any, match: Any = "all") -> Filter:
    return Filter(match, [Condition(*each) for each in conditions])


@pytest.fixture
def there(write, clock, member, admin, sms) -> SimpleNamespace:
    """Ana's conversation is the member's, urgent, labelled and snoozed in turn; Ben's is nobody's, by text."""
    ana = write("m1", sender=person("ana@cust.example", name="Ana Lind"), subject="Broken lamp").conversation
    clock.shift(3600)
    ben = write("m2", channel=sms, sender=person("+4915550001"), subject="").conversation
    clock.shift(3600)
    spam = write("m3", sender=person("eva@spam.example"), subject="Win").conversation
    work.mark_spam(conversation=spam, member=None)
    account = Account.objects.create(name="Northwind", attributes={"plan": "Gold"})
    Conversation.objects.filter(pk=ana.pk).update(account=account)
    Contact.objects.filter(pk=ben.contact_id).update(attributes={"size": 38.5, "vip": True})
    Contact.objects.filter(pk=ana.contact_id).update(attributes={"size": "none", "vip": False})
    Conversation.objects.filter(pk=ana.pk).update(attributes={"order": "A 100", "due": "2026-03-09"})
    for of_, name, kind in (
        ("conversation", "Order", "text"),
        ("conversation", "Due", "date"),
        ("contact", "Size", "number"),
        ("contact", "Vip", "yes_no"),
    ):
        attributes.define(of=of_, name=name, kind=kind, by=None)
    attributes.define(of="account", name="Plan", kind="choice", choices=["Gold", "Tin"], by=None)
    work.assign(conversation=ana, assignee=member, member=member)
    work.set_priority(conversation=ana, priority=4, member=member)
    label = label_named(name="vip")
    work.add_label(conversation=ana, label=label, member=member)
    team = teams.make(name="Lamps", members=[member], by=None)
    work.assign_team(conversation=ana, team=team, member=None)
    Seen.objects.create(member=member, conversation=ana, at=timezone.now())
    work.snooze(conversation=ben, until=NOW + timedelta(days=3), member=admin)
    return SimpleNamespace(
        ana=ana, ben=ben, spam=spam, account=account, label=label, team=team, member=member, sms=sms
    )


def find(filter: Filter, member: Member) -> set[str]:
    """Whose conversations a filter finds, checked as it would be when it is saved."""
    known = saved.catalogue().read()
    fit = checked(Filter.of(filter.as_json()), known.fields, known.choices)
    page = lists.page(saved.view_of_filter(fit, known.fields), member).read()
    names = {"Ana Lind": "ana", "Unnamed contact": "ben", "Eva": "spam"}
    return {names.get(str(row.contact), "spam" if "eva" in str(row.contact) else "ben") for row in page.rows}


FOUND: list[tuple[Any, set[str]]] = [
    (("status", "is", ["snoozed"]), {"ben"}),
    (("status", "is", ["open", "pending"]), {"ana"}),
    (("status", "is_not", ["snoozed", "resolved"]), {"ana"}),
    (("priority", "is", ["urgent", "high"]), {"ana"}),
    (("priority", "is_not", ["urgent"]), {"ben"}),
    (("assignee", "is", ["me"]), {"ana"}),
    (("assignee", "is", ["none"]), {"ben"}),
    (("assignee", "is", ["me", "none"]), {"ana", "ben"}),
    (("assignee", "is_not", ["me"]), {"ben"}),
    (("team", "is", ["mine"]), {"ana"}),
    (("team", "is_not", ["mine"]), {"ben"}),
    (("team", "is", ["none"]), {"ben"}),
    (("channel_kind", "is", ["sms"]), {"ben"}),
    (("channel_kind", "is_not", ["sms", "chat"]), {"ana"}),
    (("label", "is", ["none"]), {"ben"}),
    (("subject", "has", "LAMP broken"), {"ana"}),
    (("subject", "has", "lamp 100%"), set()),
    (("subject", "has_not", "lamp"), {"ben"}),
    (("subject", "is", "broken lamp"), {"ana"}),
    (("subject", "not_set"), {"ben"}),
    (("subject", "set"), {"ana"}),
    (("number", "is", 1), {"ana"}),
    (("number", "above", 1), {"ben"}),
    (("created", "within", {"count": 90, "unit": "minutes"}), {"ben"}),
    (("created", "older", {"count": 90, "unit": "minutes"}), {"ana"}),
    (("created", "before", "2026-03-02"), set()),
    (("last_activity", "after", "2026-03-02"), {"ana", "ben"}),
    (("waiting", "older", {"count": 2, "unit": "hours"}), set()),
    (("waiting", "older", {"count": 119, "unit": "minutes"}), {"ana"}),
    (("snoozed_until", "next", {"count": 3, "unit": "days"}), {"ben"}),
    (("snoozed_until", "next", {"count": 60, "unit": "hours"}), set()),
    (("snoozed_until", "set"), {"ben"}),
    (("resolved", "not_set"), {"ana", "ben"}),
    (("unread", "is", True), {"ben"}),
    (("unread", "is", False), {"ana"}),
    (("answered", "is", False), {"ana", "ben"}),
    (("spam", "is", True), {"spam"}),
    (("spam", "is", False), {"ana", "ben"}),
    (("contact_name", "has", "lind"), {"ana"}),
    (("account_name", "is", "northwind"), {"ana"}),
    (("account_name", "has_not", "northwind"), {"ben"}),
    (("account", "not_set"), {"ben"}),
    (("account.plan", "is", ["Gold"]), {"ana"}),
    (("account.plan", "is_not", ["Gold"]), {"ben"}),
    (("contact.size", "above", 38), {"ben"}),
    (("contact.size", "is_not", 38.5), {"ana"}),
    (("contact.size", "not_set"), {"ana"}),
    (("contact.vip", "is", True), {"ben"}),
    (("contact.vip", "is", False), {"ana"}),
    (("contact.vip", "set"), {"ana", "ben"}),
    (("conversation.order", "has", "a"), {"ana"}),
    (("conversation.order", "not_set"), {"ben"}),
    (("conversation.due", "is", "2026-03-09"), {"ana"}),
    (("conversation.due", "before", "2026-03-09"), set()),
    (("conversation.due", "next", {"count": 7, "unit": "days"}), {"ana"}),
    (("conversation.due", "within", {"count": 7, "unit": "days"}), set()),
]


def test_each_field_finds_what_it_says(there, member):
    found = {str(said): find(of(said), member) for said, _ in FOUND}
    assert found == {str(said): names for said, names in FOUND}
    untried = {field.key for field in FIELDS} - {said[0] for said, _ in FOUND}
    assert untried == {"brand", "channel", "contact"}


def test_rows_are_found_by_their_ids(there, member):
    brand = Brand.objects.get()
    assert find(of(("brand", "is", [brand.pk])), member) == {"ana", "ben"}
    assert find(of(("channel", "is", [str(there.sms.pk)])), member) == {"ben"}
    assert find(of(("label", "is", [there.label.pk])), member) == {"ana"}
    assert find(of(("label", "is_not", [there.label.pk])), member) == {"ben"}
    assert find(of(("team", "is", [there.team.pk])), member) == {"ana"}
    assert find(of(("assignee", "is", [member.pk])), member) == {"ana"}
    assert find(of(("contact", "is", there.ben.contact_id)), member) == {"ben"}
    assert find(of(("account", "is_not", there.account.pk)), member) == {"ben"}


def test_all_and_any(there, member):
    open_, label = ("status", "is", ["open"]), ("label", "is", ["none"])
    assert find(of(open_, label), member) == set()
    assert find(of(open_, label, match="any"), member) == {"ana", "ben"}


def test_what_is_typed_is_never_sql(there, member):
    for text in ("' OR 1=1 --", "%s", "%(workspace)s", "\\", "{0}", "KEY", "VALUES"):
        assert find(of(("subject", "has", text)), member) == set()
        test = compiled(of(("subject", "has", text)), all_fields([])).test
        assert text not in test.replace("%(filter_0)s", "")


def test_dates_begin_where_the_reader_is(there, member):
    created = Conversation.objects.filter(pk=there.ana.pk)
    created.update(created_at=NOW.replace(day=1, hour=23, minute=30))
    assert find(of(("created", "after", "2026-03-02")), member) == {"ben"}
    with timezone.override("Europe/Oslo"):
        assert find(of(("created", "after", "2026-03-02")), member) == {"ana", "ben"}


UNFIT: list[tuple[Any, str]] = [
    (("colour", "is", ["red"]), "There is no such field."),
    (("subject", "above", 3), "This cannot be asked of Subject."),
    (("status", "is", []), "Choose at least one."),
    (("status", "is", "open"), "Choose at least one."),
    (("status", "is", ["gone"]), "This choice is not there any more."),
    (("assignee", "is", [10**9]), "This choice is not there any more."),
    (("subject", "has", " "), "Give a text of at most 200 characters."),
    (("subject", "has", "a\0b"), "Give a text of at most 200 characters."),
    (("number", "is", "1"), "Give a number."),
    (("number", "is", True), "Give a number."),
    (("created", "before", "soon"), "Give a date."),
    (("created", "within", 3), "Say for how long."),
    (("created", "within", {"count": 0, "unit": "days"}), "Say for how long."),
    (("created", "within", {"count": 4000, "unit": "days"}), "Ten years are the longest."),
    (("unread", "is", "yes"), "Say yes or no."),
    (("contact", "is", "Ana"), "Nobody is known by this."),
]


def test_what_does_not_fit_is_said_where_it_is(in_scope):
    known = saved.catalogue().read()
    with pytest.raises(Unfit) as refused:
        checked(of(*(said for said, _ in UNFIT)), known.fields, known.choices)
    assert refused.value.found == {position: words for position, (_, words) in enumerate(UNFIT)}


@pytest.mark.parametrize(
    ("filter", "why"),
    [
        (of(), "Give a condition."),
        (of(*[("number", "is", 1)] * 21), "20 conditions are the most that there can be."),
        (
            of(("spam", "is", True), match="any"),
            "Spam can be asked for only where all conditions have to hold.",
        ),
    ],
)
def test_what_is_wrong_with_the_whole_is_said(in_scope, filter, why):
    known = saved.catalogue().read()
    with pytest.raises(Unfit) as refused:
        checked(filter, known.fields, known.choices)
    assert refused.value.found == {None: why}


def test_what_is_kept_is_read_again(in_scope):
    filter = of(("status", "is", ["open"]), ("subject", "set"), match="any")
    assert filter.as_json() == {
        "match": "any",
        "conditions": [
            {"field": "status", "op": "is", "value": ["open"]},
            {"field": "subject", "op": "set"},
        ],
    }
    assert Filter.of(filter.as_json()) == filter


def test_a_field_that_is_gone_finds_nothing(there, member):
    view = saved.view_of_filter(of(("contact.gone", "set")), all_fields(Attribute.objects.all()))
    assert lists.page(view, member).read().rows == []


def test_labels_and_reading_are_each_members_own(there, admin):
    assert ConversationLabel.objects.count() == 1
    assert find(of(("unread", "is", True)), admin) == {"ana", "ben"}
    assert find(of(("assignee", "is", ["me"])), admin) == set()
