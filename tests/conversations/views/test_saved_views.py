"""Building views, with and without script, and where they are listed."""

from typing import Any

import pytest

from contacts.models import Account
from conversations.models import SavedView
from conversations.queries import lists, saved, walks
from conversations.queries.filters import Condition, Filter
from conversations.services import saved_views, work
from conversations.services.labels import label_named
from tenancy.models import Member, Role
from tests.conversations.views.conftest import HTMX, ROOT, person
from tests.people import new_member

VIEWS, INBOX = f"{ROOT}views/", f"{ROOT}inbox/"
OPEN = Filter("all", [Condition("status", "is", ["open"])])


@pytest.fixture(autouse=True)
def scoped(in_scope: Any) -> None:
    """Views are saved inside the workspace."""


@pytest.fixture
def manager(workspace) -> Member:
    return new_member(workspace, Role.MANAGER, name="Mara Manager")


def form(*lines: tuple[str, str, Any], **more: str) -> dict[str, Any]:
    """What a builder posts."""
    posted: dict[str, Any] = {"name": "Lamps", "match": "all", **more}
    for place, (field, op, value) in enumerate(lines):
        posted |= {f"field-{place}": field, f"was-{place}": field, f"op-{place}": op}
        posted[f"value-{place}"] = value
    return posted


def save(name: str, member: Member, filter: Filter = OPEN, **more: Any) -> SavedView:
    return saved_views.make(name=name, filter=filter, member=member, **more)


def names(page: Any) -> list[str]:
    return [view.name for view in page.context["sidebar"].saved]


def test_a_view_is_built_saved_and_listed(client, write):
    write("m1", subject="Broken lamp"), write("m2", subject="A chair")
    lines = form(("subject", "has", "lamp"), ("status", "is", ["open", "pending"]), save="1")
    page = client.post(f"{VIEWS}new/", lines, follow=True)
    view = SavedView.objects.get()
    assert view.filter == {
        "match": "all",
        "conditions": [
            {"field": "subject", "op": "has", "value": "lamp"},
            {"field": "status", "op": "is", "value": ["open", "pending"]},
        ],
    }
    assert page.context["view"].key == f"view:{view.pk}"
    assert ("Broken lamp" in page.text, "A chair" in page.text) == (True, False)
    assert 'data-live="open member:' in page.text
    assert "The view Lamps is saved." in page.text
    assert names(page) == ["Lamps"]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (("number", "above", "12,5"), 12.5),
        (("created", "before", "2026-03-01"), "2026-03-01"),
        (("unread", "is", "no"), False),
        (("subject", "set", ""), None),
        (("account", "is", "northwind"), "account"),
        (("contact", "is", "ana@cust.example"), "contact"),
    ],
)
def test_each_control_gives_what_its_field_takes(client, write, line, kept):
    contact = write("m1").conversation.contact_id
    account = Account.objects.create(name="Northwind").pk
    client.post(f"{VIEWS}new/", form(line, save="1"))
    (condition,) = SavedView.objects.get().filter["conditions"]
    assert condition.get("value") == {"account": account, "contact": contact}.get(kept, kept)
    page = client.get(f"{VIEWS}{SavedView.objects.get().pk}/")
    assert page.context["draft"].lines[0].condition().value == condition.get("value")


def test_a_length_of_time_has_a_unit(client, in_scope):
    lines = form(("waiting", "older", "4"), save="1") | {"unit-0": "hours"}
    client.post(f"{VIEWS}new/", lines)
    (condition,) = SavedView.objects.get().filter["conditions"]
    assert condition["value"] == {"count": 4, "unit": "hours"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (("number", "above", "many"), "Give a number."),
        (("waiting", "older", ""), "Say for how long."),
        (("label", "is", []), "Choose at least one."),
        (("contact", "is", "Nobody Known"), "Nobody is known by this."),
        (("contact", "is", "twin"), "Several are called so: give an address."),
    ],
)
def test_what_does_not_fit_is_said_beside_it_and_nothing_is_lost(client, write, line, why):
    for key in ("m1", "m2"):
        write(key, sender=person(f"{key}@cust.example", name="Twin"))
    answer = client.post(f"{VIEWS}new/", form(("subject", "has", "lamp"), line, save="1"))
    assert answer.status_code == 422
    assert why in answer.text
    assert 'value="Lamps"' in answer.text
    assert 'name="value-0" value="lamp"' in answer.text
    assert not SavedView.objects.exists()


def test_without_script_conditions_come_and_go_and_change_by_posting(client, in_scope):
    lines = form(("subject", "has", "lamp"), ("unread", "is", "yes"))
    page = client.post(f"{VIEWS}new/", lines | {"add": "1"})
    assert [line.field.key for line in page.context["draft"].lines] == ["subject", "unread", "subject"]
    page = client.post(f"{VIEWS}new/", lines | {"remove": "0"})
    assert [line.field.key for line in page.context["draft"].lines] == ["unread"]
    page = client.post(f"{VIEWS}new/", lines | {"field-0": "priority", "update": "1"})
    changed = page.context["draft"].lines[0]
    assert (changed.field.key, changed.op, list(changed.typed)) == ("priority", "is", [])
    assert 'name="value-0" value="urgent"' in page.text
    assert not SavedView.objects.exists()


def test_with_script_the_conditions_alone_come_back(client, in_scope):
    answer = client.post(f"{VIEWS}new/", form(("subject", "has", "lamp"), add="1"), headers=HTMX)
    assert answer.text.startswith(
        '<div class="stack" id="conditions" hx-target="this" hx-swap="morph:outerHTML"'
    )
    assert 'hx-inherit="hx-target hx-swap"' in answer.text
    assert 'name="field-1" hx-post="/w/acme/views/new/" hx-trigger="change" autofocus>' in answer.text


def test_the_preview_shows_the_first_rows_and_how_many(client, write, monkeypatch):
    for number in range(7):
        write(f"m{number}", sender=person(f"c{number}@cust.example"), subject=f"Lamp {number}")
    answer = client.post(f"{VIEWS}preview/", form(("subject", "has", "lamp")), headers=HTMX)
    assert answer.text.count('class="mini-convo"') == 5
    assert "<b>7</b> found" in answer.text
    monkeypatch.setattr(walks, "COUNTED", 5)
    answer = client.post(f"{VIEWS}preview/", form(("subject", "has", "lamp")), headers=HTMX)
    assert "<b>5+</b> found among the newest" in answer.text
    monkeypatch.setattr(walks, "MOST", 3)
    answer = client.post(f"{VIEWS}preview/", form(("subject", "has", "lamp")), headers=HTMX)
    assert "<b>3+</b> found" in answer.text
    answer = client.post(f"{VIEWS}preview/", form(("number", "is", "")), headers=HTMX)
    assert "Fill in the conditions" in answer.text


def test_the_sidebar_counts_saved_views_when_it_is_fetched_alone(client, write, member):
    write("m1")
    view = save("Waiting", member)
    page = client.get(INBOX)
    assert 'hx-trigger="live, load"' in page.text
    views = client.get(f"{INBOX}views/?view=mine", headers=HTMX)
    assert 'hx-trigger="live"' in views.text
    assert str(views.context["saved_counts"][view.pk]) == "1"
    assert '<span class="truncate">Waiting</span> <span class="count">1</span>' in views.text


def test_ones_own_views_are_ones_own_and_shared_ones_everybodys(client, browser, member, manager):
    save("Mine", member), save("Theirs", manager)
    shared = save("Ours", manager, is_shared=True)
    assert names(client.get(INBOX)) == ["Mine", "Ours"]
    assert names(browser(manager).get(INBOX)) == ["Theirs", "Ours"]
    theirs = SavedView.objects.get(name="Theirs")
    assert client.get(f"{INBOX}?view=view:{theirs.pk}").status_code == 404
    assert client.get(f"{INBOX}?view=view:{shared.pk}").status_code == 200
    for path, status in ((f"{theirs.pk}/", 404), (f"{shared.pk}/", 403), (f"{shared.pk}/removal/", 403)):
        assert client.post(VIEWS + path, form(("number", "is", "1"), save="1")).status_code == status


def test_only_managers_share(client, browser, manager, in_scope):
    lines = form(("number", "is", "1"), save="1", is_shared="on")
    assert client.post(f"{VIEWS}new/", lines).status_code == 403
    assert 'name="is_shared"' not in client.get(f"{VIEWS}new/").text
    browser(manager).post(f"{VIEWS}new/", lines)
    assert SavedView.objects.get().is_shared


def test_views_are_copied_ordered_and_deleted_with_a_way_back(client, member, manager):
    one, two = save("One", member), save("Two", member)
    shared = save("Ours", manager, is_shared=True)
    client.post(f"{VIEWS}{two.pk}/place/", {"to": "up"})
    client.post(f"{VIEWS}{shared.pk}/copy/")
    assert names(client.get(INBOX)) == ["Two", "One", "Ours, copy", "Ours"]
    page = client.post(f"{VIEWS}{one.pk}/removal/", follow=True)
    assert f'action="{VIEWS}{one.pk}/return/"' in page.text
    assert names(client.get(INBOX)) == ["Two", "Ours, copy", "Ours"]
    assert client.get(f"{INBOX}?view={one.key}").status_code == 404
    client.post(f"{VIEWS}{one.pk}/return/")
    assert names(client.get(INBOX)) == ["Two", "One", "Ours, copy", "Ours"]


def test_a_rare_filter_is_looked_for_a_window_at_a_time(client, write, clock, member, monkeypatch):
    monkeypatch.setattr(walks, "WINDOW", 3)
    for number in range(7):
        clock.shift(60)
        write(f"m{number}", sender=person(f"c{number}@cust.example"), subject=f"Matter {number}")
    view = save("Rare", member, Filter("all", [Condition("subject", "has", "matter 0")]))
    first = client.get(f"{INBOX}?view={view.key}")
    assert (len(first.context["page"].rows), first.context["page"].seeks) == (0, True)
    assert "Look further back" in first.text
    before = first.context["page"].older
    second = client.get(f"{INBOX}rows/?view={view.key}&before={before}&size=25", headers=HTMX)
    assert second.context["page"].rows == []
    assert 'name="size" value="50"' in second.text
    before = second.context["page"].older
    third = client.get(f"{INBOX}rows/?view={view.key}&before={before}&size=50", headers=HTMX)
    assert [row.subject for row in third.context["page"].rows] == ["Matter 0"]
    assert third.context["page"].older is None
    again = client.get(f"{INBOX}rows/?view={view.key}&size=75", headers=HTMX)
    assert [row.subject for row in again.context["page"].rows] == ["Matter 0"]


def test_a_saved_view_takes_as_many_queries_for_three_rows_as_for_one(queries, write, member):
    write("m1")
    view = save("All", member, Filter("all", [Condition("label", "is_not", [label_named(name="x").pk])]))
    paths = [f"{INBOX}?view={view.key}", f"{INBOX}views/?view={view.key}", VIEWS]
    before = [queries(path) for path in paths]
    for number in (2, 3):
        conversation = write(f"m{number}", sender=person(f"c{number}@cust.example")).conversation
        work.add_label(conversation=conversation, label=label_named(name="vip"), member=member)
        save(f"More {number}", member)
    assert [queries(path) for path in paths] == before


def test_the_builder_takes_as_many_queries_for_three_conditions_as_for_one(
    client, member, django_assert_num_queries
):
    lines = [("number", "is", 1), ("subject", "has", "x"), ("status", "is", ["open"])]
    for count in (1, 3):
        conditions = [Condition(*line) for line in lines[:count]]
        view = save(f"With {count}", member, Filter("all", conditions))
        client.get(VIEWS)
        with django_assert_num_queries(BUILDER):
            client.get(f"{VIEWS}{view.pk}/")


# What every page of a workspace takes less its reading, the view, what can be asked for, and what it finds.
BUILDER = 7 + 3


def test_all_of_a_saved_view_can_be_chosen(write, member, monkeypatch):
    made = [write(f"m{number}", sender=person(f"c{number}@cust.example")).conversation for number in range(3)]
    view = saved.find_view(save("All", member).key, member)
    assert lists.ids(view, member, most=10).read() == [each.pk for each in made]
    assert len(lists.ids(view, member, most=2).read()) == 2
    monkeypatch.setattr(walks, "WINDOW", 0)
    assert lists.ids(view, member, most=10).read() == []


def test_a_place_in_another_order_begins_at_the_top(client, write, member):
    write("m1")
    page = client.get(f"{INBOX}?view={save('All', member).key}&before=waiting__7")
    assert len(page.context["page"].rows) == 1
