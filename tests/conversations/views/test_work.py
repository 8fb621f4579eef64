"""Nouns that are posted to: each says what it did and how to take it back."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from conversations.models import Conversation, Label, Seen
from conversations.services import counts, work
from tenancy.models import Member
from tenancy.services import teams
from tests.conversations.views.conftest import HTMX, ROOT, person


@pytest.fixture
def conversation(write):
    return write("m1", sender=person(name="Ana Lind"), subject="It broke").conversation


@pytest.fixture
def act(client, conversation):
    """`act("resolution", **fields)` posts; it returns the answer and how to take it back."""

    def posted(noun, **fields):
        response = client.post(f"{ROOT}inbox/{conversation.number}/{noun}/", fields, headers=HTMX)
        found = response.text.partition('hx-post="')[0] if response.status_code >= 400 else response.text
        conversation.refresh_from_db()
        return response, undo_in(found)

    return posted


def undo_in(text: str) -> str:
    toasts = text.partition('id="toasts"')[2]
    return toasts.partition('hx-post="')[2].partition('"')[0].replace("&amp;", "&")


def take_back(client: Client, undo: str) -> None:
    response = client.post(urlsplit(undo).path, dict(parse_qsl(urlsplit(undo).query, keep_blank_values=True)))
    assert response.status_code == 302


def taken_back(client: Client, undo: str) -> Any:
    """The answer to taking back, as a browser with script gets it."""
    asked = dict(parse_qsl(urlsplit(undo).query, keep_blank_values=True))
    return client.post(urlsplit(undo).path, asked, headers=HTMX)


def value(conversation: Conversation, field: str) -> object:
    found = getattr(conversation, field)
    return found.name if isinstance(found, Member) else found


@pytest.mark.parametrize(
    ("deed", "change"),
    [
        (("take", {}), ("assignee", None, "Aki Agent")),
        (("resolution", {}), ("status", "open", "resolved")),
        (("snooze", {"until": "2026-03-03T09:00:00+00:00"}), ("status", "open", "snoozed")),
        (("pending", {}), ("status", "open", "pending")),
        (("priority", {"priority": "4"}), ("priority", 2, 4)),
        (("due", {"due": "2026-03-03T09:00"}), ("due_at", None, datetime(2026, 3, 3, 9, tzinfo=UTC))),
        (("spam", {}), ("is_spam", False, True)),
        (("subject", {"subject": "Broken lamp"}), ("subject", "It broke", "Broken lamp")),
    ],
)
def test_an_act_and_its_undo(act, client, conversation, deed, change):
    field, before, after = change
    assert value(conversation, field) == before
    response, undo = act(deed[0], **deed[1])
    assert response.status_code == 200
    assert value(conversation, field) == after
    assert f'id="head-{conversation.number}" hx-swap-oob="morph"' in response.text
    take_back(client, undo)
    conversation.refresh_from_db()
    assert value(conversation, field) == before
    assert counts.differences() == {}


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (("resolution", {}), "Open again"),
        (("snooze", {"until": "2026-03-03T09:00:00+00:00"}), "Open again"),
        (("priority", {"priority": "4"}), "Priority: normal"),
        (("take", {}), "Assigned to nobody"),
        (("labels", {"name": "vip"}), "Label vip removed"),
        (("spam", {}), "Back among the others"),
        (("due", {"due": "2026-03-03T09:00"}), "Due by no time"),
        (("subject", {"subject": "Broken lamp"}), "Renamed"),
        (("following", {}), "You no longer follow this conversation"),
        (("seen/removal", {}), "Marked as read"),
    ],
)
def test_taking_back_says_what_is_so_now_and_offers_nothing_to_take_back(act, client, member, deed, words):
    work.mark_seen(conversation=Conversation.objects.get(), member=member)
    _, undo = act(deed[0], **deed[1])
    answer = taken_back(client, undo)
    assert answer.status_code == 200
    assert words in answer.text
    assert undo_in(answer.text) == ""


STATE = ("status", "snoozed_until", "resolved_at", "waiting_since", "assignee_id", "team_id", "priority")


def stands(conversation: Conversation) -> tuple[object, ...]:
    conversation.refresh_from_db()
    return tuple(getattr(conversation, name) for name in STATE)


@pytest.mark.parametrize("before", ["snoozed", "pending", "resolved"])
@pytest.mark.parametrize(
    "deed",
    [
        ("resolution", {}),
        ("snooze", {"until": "2026-03-03T09:00:00+00:00"}),
        ("pending", {}),
        ("reopening", {}),
        ("assignment", {"team": "1"}),
    ],
)
def test_taking_back_restores_exactly_what_was(act, client, conversation, member, owner, before, deed):  # noqa: PLR0917
    work.assign(conversation=conversation, assignee=owner, member=member)
    if before == "snoozed":
        work.snooze(conversation=conversation, until=datetime(2026, 3, 9, 8, tzinfo=UTC), member=member)
    else:
        work.set_status(conversation=conversation, status=before, member=member)
    team = teams.make(name="Billing", members=[member], by=None)
    was = stands(conversation)
    _, undo = act(deed[0], **({"team": team.pk} if "team" in deed[1] else deed[1]))
    if undo:
        assert stands(conversation) != was
        assert taken_back(client, undo).status_code == 200
    assert stands(conversation) == was
    assert counts.differences() == {}


def test_taking_back_leaves_alone_what_a_colleague_changed_since(act, client, conversation, owner):
    _, undo = act("priority", priority="4")
    work.set_priority(conversation=conversation, priority=1, member=owner)
    _, resolved = act("resolution")
    work.snooze(conversation=conversation, until=datetime(2026, 3, 9, 8, tzinfo=UTC), member=owner)
    for way_back in (undo, resolved):
        was = stands(conversation)
        answer = taken_back(client, way_back)
        assert (answer.status_code, "Not undone. Olga Owner changed it since." in answer.text) == (422, True)
        assert stands(conversation) == was


def test_only_what_was_done_is_taken_back(act, client, write):
    _, undo = act("priority", priority="4")
    other = write("m2", sender=person("else@cust.example"), subject="Another").conversation
    path, query = urlsplit(undo).path, dict(parse_qsl(urlsplit(undo).query))
    assert client.post(path, {"done": "made up"}).status_code == 404
    elsewhere = f"{ROOT}inbox/{other.number}/taking-back/"
    assert client.post(elsewhere, query).status_code == 404


def test_what_changes_nothing_offers_nothing_to_take_back(act):
    act("resolution")
    assert act("resolution")[1] == ""


def test_assignment_to_somebody_and_to_nobody(act, client, conversation, owner, member):
    response, undo = act("assignment", member=owner.pk)
    assert "Assigned to Olga Owner" in response.text
    assert conversation.assignee_id == owner.pk
    take_back(client, undo)
    conversation.refresh_from_db()
    assert conversation.assignee_id is None
    work.take(conversation=conversation, member=member)
    act("assignment", member="")
    assert conversation.assignee_id is None


def test_reopening_can_be_taken_back(act, client, conversation, member):
    work.resolve(conversation=conversation, member=member)
    _, undo = act("reopening")
    assert conversation.status == "open"
    take_back(client, undo)
    conversation.refresh_from_db()
    assert conversation.status == "resolved"


def test_labels_are_put_on_taken_off_and_made(act, client, conversation):
    response, undo = act("labels", name="  Very   Important ")
    label = Label.objects.get()
    assert label.name == "Very Important"
    assert "Label Very Important added" in response.text
    take_back(client, undo)
    assert counts.labels_of(conversation) == set()
    assert Label.objects.get().archived_at is not None
    act("labels", name="very important")
    assert (Label.objects.count(), counts.labels_of(conversation)) == (1, {label.pk})
    _, undo = act("labels", remove=label.pk)
    take_back(client, undo)
    assert counts.labels_of(conversation) == {label.pk}


@pytest.mark.parametrize(
    ("noun", "fields", "words"),
    [
        ("assignment", {"member": "99999"}, "This person is no longer a member."),
        ("snooze", {"until": "2026-03-01T09:00:00+00:00"}, "Choose a time that is still to come."),
        ("snooze", {"until": "9999-12-31T23:59:59"}, "Choose a time that is still to come."),
        ("snooze", {"until": "soon"}, "Choose a date and a time."),
        ("priority", {"priority": "9"}, "Select a valid choice."),
        ("due", {"due": "soon"}, "Choose a date and a time."),
        ("due", {"due": "9999-12-31T23:59:59"}, "Choose a time within ten years."),
        ("labels", {}, "Choose a label."),
        ("labels", {"add": "999"}, "Select a valid choice."),
        ("subject", {"subject": ""}, "This field is required."),
    ],
)
def test_what_makes_no_sense_is_refused(act, conversation, noun, fields, words):
    before = Conversation.objects.values().get()
    response, _ = act(noun, **fields)
    assert response.status_code == 422
    assert words in response.text
    assert Conversation.objects.values().get() == before


def test_without_script_an_act_leads_back_to_the_conversation(client, conversation):
    response = client.post(f"{ROOT}inbox/{conversation.number}/resolution/", follow=True)
    assert response.redirect_chain == [(f"/w/acme/inbox/{conversation.number}/", 302)]
    assert "Resolved" in response.text
    assert "Undo" in response.text


def test_a_snooze_typed_without_a_zone_is_the_readers(act, conversation):
    act("snooze", until="2026-03-03T09:00")
    assert conversation.snoozed_until.isoformat() == "2026-03-03T09:00:00+00:00"


def test_reading_is_remembered(client, conversation, member):
    assert client.post(f"{ROOT}inbox/{conversation.number}/seen/").status_code == 204
    assert Seen.objects.get().member == member


def test_acts_on_what_is_not_there_are_not_found(client, in_scope):
    for noun in ("take", "resolution", "spam", "labels", "seen"):
        assert client.post(f"{ROOT}inbox/404/{noun}/").status_code == 404


@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        ("stay", {"status": 200}),
        ("next", {"status": 200, "HX-Trigger": '{"resolved": {}}'}),
        ("list", {"status": 204, "HX-Redirect": "/w/acme/inbox/?view=open"}),
    ],
)
def test_after_resolving_one_is_where_one_wants_to_be(client, conversation, member, wish, answer):
    Member.objects.filter(pk=member.pk).update(preferences={"after_resolving": wish})
    path = f"{ROOT}inbox/{conversation.number}/"
    asked = HTMX | {"HX-Current-URL": f"http://testserver{path}?view=open"}
    response = client.post(f"{path}resolution/", headers=asked)
    headers = {name: value for name, value in response.headers.items() if name.startswith("HX-")}
    assert headers | {"status": response.status_code} == answer
    page = response.text or client.get(headers["HX-Redirect"]).text
    assert f'hx-post="{path}taking-back/?done=' in page
