"""What the workspace keeps of a conversation, set where it stands."""

import pytest

from contacts.models import Attribute
from contacts.services import attributes
from conversations.models import Entry
from conversations.queries.words import event_words
from tests.conversations.views.conftest import HTMX, ROOT
from tests.conversations.views.test_work import take_back, undo_in


@pytest.fixture
def conversation(write):
    return write("m1").conversation


@pytest.fixture
def define(in_scope):
    def made(name: str, kind: str, **more) -> Attribute:
        of = more.pop("of", Attribute.Of.CONVERSATION)
        return attributes.define(of=of, name=name, kind=kind, by=None, **more)

    return made


def happened() -> list[str]:
    return [event_words(entry) for entry in Entry.objects.filter(kind="event").order_by("pk")]


def test_a_value_is_set_shown_and_taken_back(client, conversation, define):
    attribute = define("Renewal", Attribute.Kind.DATE)
    address = f"{ROOT}inbox/{conversation.number}/attributes/{attribute.pk}/"
    head = client.post(address, {"value": "2026-05-01"}, headers=HTMX).text
    conversation.refresh_from_db()
    assert conversation.attributes == {"renewal": "2026-05-01"}
    assert "Renewal: 1 May 2026" in head
    take_back(client, undo_in(head))
    conversation.refresh_from_db()
    assert conversation.attributes == {}
    assert happened() == [
        "<b>Aki Agent</b> set <b>Renewal</b> to <b>1 May 2026</b>",
        "<b>Aki Agent</b> cleared <b>Renewal</b>",
    ]


@pytest.mark.parametrize(
    "written",
    [("text", " a  b ", "a b"), ("number", "2.50", 2.5), ("choice", "Gold", "Gold"), ("yes_no", "no", False)],
)
def test_each_kind_is_typed_as_it_is_written(client, conversation, define, written):
    kind, typed, kept = written
    attribute = define("Thing", kind, choices=["Gold"])
    address = f"{ROOT}inbox/{conversation.number}/attributes/{attribute.pk}/"
    assert client.post(address, {"value": typed}).status_code == 302
    conversation.refresh_from_db()
    assert conversation.attributes == {"thing": kept}
    assert client.post(address, {"value": typed}).status_code == 302
    assert len(happened()) == 1


@pytest.mark.parametrize(("kind", "typed"), [("number", "many"), ("date", "soon"), ("choice", "Tin")])
def test_what_is_no_value_is_refused_with_the_reason(client, conversation, define, kind, typed):
    attribute = define("Thing", kind, choices=["Gold"])
    address = f"{ROOT}inbox/{conversation.number}/attributes/{attribute.pk}/"
    answer = client.post(address, {"value": typed}, headers=HTMX)
    assert answer.status_code == 422
    assert 'role="status"' in answer.text or "toast" in answer.text
    conversation.refresh_from_db()
    assert conversation.attributes == {}


def test_a_choice_that_is_no_longer_offered_stays_to_be_seen(client, conversation, define):
    attribute = define("Tier", "choice", choices=["Gold", "Tin"])
    address = f"{ROOT}inbox/{conversation.number}/"
    client.post(f"{address}attributes/{attribute.pk}/", {"value": "Tin"})
    attributes.redefine(attribute=attribute, name="Tier", choices=["Gold"], by=None)
    assert '<option value="Tin" selected>Tin</option>' in client.get(address).text


def test_only_attributes_of_conversations_in_use_are_taken(client, conversation, define):
    foreign, gone = define("A", "text", of="contact"), define("B", "text")
    attributes.archive(attribute=gone, by=None)
    for attribute in (foreign, gone):
        address = f"{ROOT}inbox/{conversation.number}/attributes/{attribute.pk}/"
        assert client.post(address, {"value": "x"}).status_code == 404
    assert 'id="attributes-' not in client.get(f"{ROOT}inbox/{conversation.number}/").text


def test_a_thread_takes_as_many_queries_for_three_attributes_as_for_one(queries, conversation, define):
    path = f"{ROOT}inbox/{conversation.number}/?view=open"
    define("One", "text")
    before = queries(path)
    define("Two", "number"), define("Three", "date")
    assert queries(path) == before
