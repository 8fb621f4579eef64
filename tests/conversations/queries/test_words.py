import pytest

from contacts.models import Contact
from conversations.models import Channel, Delivery, Entry
from conversations.queries.ticks import ticks_of
from conversations.queries.words import event_words, switch_words
from tenancy.models import Member

ANA = Member(workspace_id=1, name="Ana")


@pytest.mark.parametrize(
    ("event", "member", "data", "words"),
    [
        ("assigned", ANA, {"to": "Ada", "from": ""}, "<b>Ana</b> assigned this to <b>Ada</b>"),
        ("assigned", ANA, {"to": "Ana", "from": "Ada"}, "<b>Ana</b> took this"),
        ("unassigned", ANA, {"to": "", "from": "Ada"}, "<b>Ana</b> took <b>Ada</b> off this"),
        ("resolved", None, {}, "<b>Omnidesk</b> resolved this"),
        ("priority", ANA, {"to": 4, "from": 2}, "<b>Ana</b> set the priority to <b>urgent</b>"),
        ("renamed", ANA, {"to": "B", "from": ""}, "<b>Ana</b> named this “<b>B</b>”"),
        ("renamed", ANA, {"to": "B", "from": "A"}, "<b>Ana</b> renamed this from “<b>A</b>” to “<b>B</b>”"),
        ("labelled", ANA, {"label": "<i>"}, "<b>Ana</b> added the label <b>&lt;i&gt;</b>"),
        ("escalated", ANA, {"to": "Ada", "from": "Ben"}, "<b>Ana</b> escalated this to <b>Ada</b>"),
        ("labelled", ANA, {}, "<b>Ana</b> added the label ?"),
        ("moved_out", ANA, {"to": 7, "count": 2}, "<b>Ana</b> moved <b>2 messages</b> to <b>#7</b>"),
        ("moved_out", ANA, {"to": 7, "count": 2, "all": True}, "<b>Ana</b> moved everything to <b>#7</b>"),
        ("moved_in", ANA, {"from": 7, "count": 0}, "<b>Ana</b> moved <b>a note</b> here from <b>#7</b>"),
        ("split_in", ANA, {"from": 7, "count": 1}, "<b>Ana</b> split this off from <b>#7</b>"),
        ("split_out", ANA, {"rows": {"entries": [1]}}, "<b>Ana</b> split ? off into ?"),
        ("a_new_thing", ANA, {}, "A new thing"),
        (
            "snoozed",
            ANA,
            {"until": "2026-03-03T09:30:00+00:00"},
            "<b>Ana</b> snoozed this until <b>Tue 3 Mar, 09:30</b>",
        ),
    ],
)
def test_events_read_as_sentences(event, member, data, words):
    assert event_words(Entry(workspace_id=1, event=event, member=member, data=data)) == words


def test_numbers_of_conversations_are_links_where_there_are_addresses():
    entry = Entry(workspace_id=1, event="split_in", member=ANA, data={"from": 7, "count": 1})
    words = event_words(entry, lambda number: f"/w/acme/inbox/{number}/?a&b")
    assert words == '<b>Ana</b> split this off from <a href="/w/acme/inbox/7/?a&amp;b">#7</a>'


def test_a_customer_who_wrote_again_reopened_it():
    entry = Entry(
        workspace_id=1,
        event="reopened",
        contact=Contact(workspace_id=1, name="Dana"),
        data={"was": "resolved"},
    )
    assert event_words(entry) == "<b>Dana</b> reopened this"


def test_a_switch_names_the_channel():
    assert (
        switch_words(Entry(workspace_id=1, channel=Channel(workspace_id=1, kind="phone")))
        == "Continued by phone"
    )
    assert (
        switch_words(Entry(workspace_id=1, channel=Channel(workspace_id=1, kind="fax")))
        == "Continued on another channel"
    )


@pytest.mark.parametrize(
    ("statuses", "state", "words"),
    [
        (["held"], "held", "Sending in a moment"),
        (["sent", "queued"], "queued", "Sending"),
        (["read", "delivered"], "delivered", "Delivered"),
        (["read"], "read", "Read"),
        (["failed"], "failed", "Not delivered"),
        (["failed", "read"], "failed", "1 of 2 not delivered"),
        (["uncertain", "sent"], "failed", "Not known whether it arrived"),
        (["cancelled", "sent"], "sent", "Sent"),
    ],
)
def test_the_one_furthest_behind_speaks_for_all(statuses, state, words):
    ticks = ticks_of([Delivery(workspace_id=1, status=status) for status in statuses])
    assert ticks is not None
    assert (ticks.state, ticks.words) == (state, words)


def test_nothing_sent_has_no_ticks():
    assert ticks_of([]) is None
    assert ticks_of([Delivery(workspace_id=1, status="cancelled")]) is None
