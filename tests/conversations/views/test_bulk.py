"""Many conversations at once, by the page: chosen by their numbers, or all of a view."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.models import Bulk, Conversation, Label, Macro
from conversations.services import counts, work
from conversations.services.bulk import acting
from conversations.services.labels import label_named
from conversations.services.macros.keeping import keep_macro
from tenancy import lanes
from tenancy.models import Member, Team
from tenancy.scope import scope
from tenancy.services import teams
from tests.conversations.views.conftest import HTMX, ROOT, person
from tests.conversations.views.test_work import take_back, undo_in

BULK = f"{ROOT}inbox/bulk/"


@pytest.fixture
def three(write: Callable[..., Any]) -> list[Conversation]:
    return [
        write(f"m{n}", sender=person(f"c{n}@cust.example"), subject=f"Matter {n}").conversation
        for n in range(3)
    ]


@pytest.fixture
def act(client: Client) -> Callable[..., Any]:
    """`act("resolution", [1, 2], **fields)`: posted as a browser with script does."""

    def posted(noun: str, numbers: list[int], **fields: Any) -> Any:
        return client.post(f"{BULK}{noun}/", {"number": numbers, "view": "open", **fields}, headers=HTMX)

    return posted


def values(field: str) -> list[Any]:
    return list(Conversation.objects.order_by("pk").values_list(field, flat=True))


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (("resolution", {}), "2 conversations resolved"),
        (("pending", {}), "2 conversations wait for the customer"),
        (
            ("snooze", {"until": "2026-03-03T09:00:00+00:00"}),
            "2 conversations snoozed until Tue 3 Mar, 09:00",
        ),
        (("snooze", {"later": "2026-03-03T09:00"}), "2 conversations snoozed until Tue 3 Mar, 09:00"),
        (("priority", {"priority": "4"}), "2 conversations have urgent priority"),
        (("assignment", {"member": ""}), "2 conversations assigned to nobody"),
        (("labels", {"name": "vip"}), "Label vip on 2 conversations"),
        (("spam", {}), "2 conversations marked as spam"),
        (("seen", {}), "2 conversations marked as read"),
    ],
)
def test_what_is_done_is_said_with_one_undo_for_all(act, client, three, deed, words):
    before = list(Conversation.objects.order_by("pk").values())
    response = act(deed[0], [one.number for one in three[:2]], **deed[1])
    assert words in response.text
    assert '<div id="bulk-progress" hx-swap-oob="true">' in response.text
    if undo := undo_in(response.text):
        take_back(client, undo)
    assert list(Conversation.objects.order_by("pk").values()) == before
    assert counts.differences() == {}


@pytest.fixture
def billing(in_scope: Any, member: Member) -> Team:
    return teams.make(name="Billing", members=[member], by=None)


def test_they_are_given_to_a_team_and_taken_back(act, client, three, member, owner, billing):  # noqa: PLR0917
    for one, assignee in zip(three, (owner, member, None), strict=True):
        work.assign(conversation=one, assignee=assignee, member=owner)
    other = teams.make(name="Abuse", members=[], by=None)
    work.assign_team(conversation=three[0], team=other, member=owner)
    work.assign(conversation=three[0], assignee=owner, member=owner)
    before = (values("team_id"), values("assignee_id"))
    numbers = [one.number for one in three]
    assert "Billing" in client.get(f"{BULK}assignment/", {"number": numbers}, headers=HTMX).text
    response = act("assignment", numbers, team=billing.pk)
    assert "3 conversations given to the team Billing" in response.text
    assert values("team_id") == [billing.pk] * 3
    assert values("assignee_id") == [None, member.pk, None]
    take_back(client, undo_in(response.text))
    assert (values("team_id"), values("assignee_id")) == before
    assert "given to no team" in act("assignment", numbers, team="").text
    assert values("team_id") == [None] * 3
    teams.archive(team=billing, by=None)
    assert act("assignment", numbers, team=billing.pk).status_code == 422
    assert counts.differences() == {}


def test_a_label_made_for_them_goes_with_its_undo(act, client, three):
    numbers = [one.number for one in three[:2]]
    for _again in range(2):
        response = act("labels", numbers, name="new")
        assert Label.objects.get().archived_at is None
        take_back(client, undo_in(response.text))
        assert Label.objects.get().archived_at is not None


def test_a_label_made_for_them_stays_where_another_carries_it(act, client, three, member):
    response = act("labels", [three[0].number], name="new")
    work.add_label(conversation=three[1], label=Label.objects.get(), member=member)
    take_back(client, undo_in(response.text))
    assert Label.objects.get().archived_at is None


def test_a_number_that_is_not_there_is_skipped_and_said(act, three):
    response = act("resolution", [three[0].number, 404, three[1].number])
    assert values("status") == ["resolved", "resolved", "open"]
    assert "2 conversations resolved" in response.text
    assert "#404 is not there." in response.text


def test_one_alone_is_done_whatever_is_ticked(act, three):
    act("resolution", [three[0].number], only=three[2].number)
    assert values("status") == ["open", "open", "resolved"]


def test_a_whole_view_is_asked_for_by_name(act, three, member):
    work.take(conversation=three[0], member=member)
    act("resolution", [three[1].number], all="1", view="mine")
    assert values("status") == ["resolved", "open", "open"]
    assert act("resolution", [], all="1", view="no-such").status_code == 404


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (("resolution", [], {}), "Choose at least one conversation."),
        (("resolution", [404], {}), "Choose at least one conversation."),
        (("resolution", ["x", "9" * 40], {}), "Choose at least one conversation."),
        (("snooze", [1], {}), "Choose a date and a time."),
        (("priority", [1], {"priority": "9"}), "Select a valid choice."),
        (("assignment", [1], {"member": "99999"}), "This person is no longer a member."),
        (("labels", [1], {}), "Choose a label."),
    ],
)
def test_what_makes_no_sense_is_refused(act, three, deed, words):
    noun, numbers, fields = deed
    response = act(noun, numbers, **fields)
    assert response.status_code == 422
    assert words in response.text
    assert Bulk.objects.count() == 0


def test_without_script_it_is_a_form_with_check_boxes(client, three):
    page = client.get(f"{ROOT}inbox/?view=open").text
    for one in three:
        assert f'<input type="checkbox" name="number" value="{one.number}" form="bulk">' in page
    fields = {"number": [one.number for one in three], "view": "open"}
    response = client.post(f"{BULK}resolution/", fields, follow=True)
    assert response.redirect_chain == [("/w/acme/inbox/?view=open", 302)]
    assert "3 conversations resolved" in response.text
    choices = client.get(f"{BULK}labels/", fields).text
    assert choices.count('<input type="hidden" name="number"') == 3
    assert f'formaction="{BULK}labels/"' in choices
    assert "Olga Owner" in client.get(f"{BULK}assignment/", fields).text


def test_labels_say_how_many_carry_them(client, three, member):
    for name, carrying in (("all", three), ("some", three[:2]), ("none", [])):
        label = label_named(name=name)
        for one in carrying:
            work.add_label(conversation=one, label=label, member=member)
    fields = {"number": [one.number for one in three]}
    menu = client.get(f"{BULK}labels/", fields, headers=HTMX).text
    assert "<html" not in menu
    assert '<span class="muted">all 3, press to remove</span>' in menu
    assert '<span class="muted">2 of 3</span>' in menu
    assert '<span class="muted">none</span>' in menu
    some = Label.objects.get(name="some").pk
    assert f'name="add" value="{some}"' in menu
    assert f'name="remove" value="{some}"' in menu


def test_many_show_how_far_they_have_come_and_go_on_after_a_reload(act, client, three, monkeypatch):
    monkeypatch.setattr(acting, "AT_ONCE", 1)
    response = act("resolution", [one.number for one in three])
    bulk = Bulk.objects.get()
    shown = f'data-live="bulk:{bulk.pk}" hx-get="{BULK}{bulk.pk}/"'
    for page in (response.text, client.get(f"{ROOT}inbox/?view=open").text):
        assert shown in page
        assert '<progress max="3" value="0"' in page
        assert "Stop and undo" in page
    lanes.drain("bulk")
    over = client.get(f"{BULK}{bulk.pk}/", headers=HTMX).text
    assert "3 conversations resolved" in over
    assert "data-live" not in over
    client.post(f"{BULK}{bulk.pk}/closing/", headers=HTMX)
    assert "3 conversations resolved" not in client.get(f"{ROOT}inbox/?view=open").text


def test_what_is_not_there_or_done_already_is_said(client, three, act):
    assert client.get(f"{BULK}7/").status_code == 404
    assert client.post(f"{BULK}7/undo/").status_code == 404
    act("resolution", [three[0].number])
    undo = f"{BULK}{Bulk.objects.get().pk}/undo/"
    assert client.post(undo, headers=HTMX).status_code == 200
    again = client.post(undo, headers=HTMX)
    assert (again.status_code, "taken back already" in again.text) == (422, True)


def test_anothers_conversations_are_not_there(act, three, other_workspace, browser, member):
    with scope(other_workspace.pk):
        assert Conversation.objects.count() == 0
    response = browser(member).post("/w/globex/inbox/bulk/resolution/", {"number": three[0].number})
    assert response.status_code == 404
    assert values("status") == ["open"] * 3


def test_progress_takes_as_many_queries_for_three_as_for_one(act, three, queries):
    act("resolution", [three[0].number, 404])
    first = Bulk.objects.latest("pk")
    act("resolution", [three[0].number, three[1].number, three[2].number, 404])
    many = Bulk.objects.latest("pk")
    assert queries(f"{BULK}{first.pk}/") == queries(f"{BULK}{many.pk}/") == 8


def test_choosing_takes_as_many_queries_for_three_as_for_one(three, queries):
    one = queries(f"{BULK}labels/?number={three[0].number}", **HTMX)
    label_named(name="vip")
    numbers = "&".join(f"number={each.number}" for each in three)
    assert queries(f"{BULK}labels/?{numbers}", **HTMX) == one


def test_the_costs_of_one_more_conversation_are_the_same(act, three):
    def cost(numbers: list[int]) -> int:
        with CaptureQueriesContext(connection) as captured:
            act("priority", numbers, priority="4")
        return len(captured)

    numbers = [one.number for one in three]
    one, two = cost(numbers[:1]), cost(numbers[1:])
    assert two - one < 20


def test_a_macro_is_chosen_and_run(client: Client, act, three, member, admin) -> None:
    actions = [{"do": "spam"}]
    mine = keep_macro(macro=Macro(name="Junk"), actions=actions, shared=False, by=member)
    theirs = keep_macro(macro=Macro(name="Theirs"), actions=actions, shared=False, by=admin)
    offered = client.get(f"{BULK}macros/?number=1&number=2").text
    assert ("Junk <small>Mark as spam</small>" in offered, "Theirs" in offered) == (True, False)
    assert act("macros", [1, 2], macro=theirs.pk).status_code == 422
    answer = act("macros", [1, 2], macro=mine.pk)
    assert "Ran “Junk” in 2 conversations" in answer.text
    assert values("is_spam") == [True, True, False]
