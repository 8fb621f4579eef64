"""The inbox page and its fragments."""

from datetime import timedelta

import pytest
from django.test import Client

from conversations.queries import lists
from conversations.services import work
from conversations.services.labels import label_named
from conversations.services.reply import Draft, reply
from tests.conversations.views.conftest import HTMX, NOW, ROOT, person

INBOX = f"{ROOT}inbox/"


@pytest.fixture
def conversation(write):
    return write("m1", sender=person(name="Ana Lind"), subject="It broke").conversation


def test_the_list_shows_who_wrote_what(client, conversation):
    page = client.get(f"{INBOX}?view=open").text
    assert "Ana Lind" in page
    assert "It broke" in page
    assert f'href="/w/acme/inbox/{conversation.number}/?view=open"' in page
    assert 'data-live="open member:' in page


def test_an_empty_inbox_says_so(client, mail):
    assert "All answered" in client.get(INBOX).text


def test_without_a_channel_the_inbox_says_where_to_begin(client, in_scope):
    assert "Connect your first channel" in client.get(INBOX).text


@pytest.mark.parametrize("view", ["no-such", "channel:999", "label:x"])
def test_an_unknown_view_is_not_found(client, in_scope, view):
    assert client.get(f"{INBOX}?view={view}").status_code == 404


def test_older_rows_are_a_link_and_a_fragment(client, write, clock):
    for number in range(lists.PAGE + 1):
        clock.shift(60)
        write(f"m{number}", sender=person(f"c{number}@cust.example"), subject=f"Matter {number:03}")
    first = client.get(f"{INBOX}?view=open")
    older = first.context["page"].older
    assert f'href="/w/acme/inbox/?view=open&amp;before={older}"' in first.text
    assert "Matter 000" not in first.text
    assert "Matter 000" in client.get(f"{INBOX}?view=open&before={older}").text
    rows = client.get(f"{INBOX}rows/?view=open&before={older}&size=25", headers=HTMX)
    assert "Matter 000" in rows.text
    assert 'name="size" value="26" hx-swap-oob="true"' in rows.text


def test_an_order_is_chosen_by_a_link_and_remembered_for_its_view(client, write, clock, member):
    for name in ("ana", "ben"):
        clock.shift(60)
        write(f"m-{name}", sender=person(f"{name}@cust.example", name=name.title()))

    def order(query: str) -> list[str]:
        return [row.contact for row in client.get(f"{INBOX}?{query}").context["page"].rows]

    page = client.get(f"{INBOX}?view=open").text
    assert 'href="/w/acme/inbox/?view=open&amp;sort=oldest"' in page
    assert order("view=open&sort=oldest") == ["Ana", "Ben"]
    assert (order("view=open"), order("view=unassigned")) == (["Ana", "Ben"], ["Ben", "Ana"])
    assert order("view=open&sort=no-such") == ["Ben", "Ana"]
    member.refresh_from_db()
    assert member.sorts == {"open": "newest"}


def test_a_row_says_what_the_list_is_sorted_by(client, conversation, clock, member):
    clock.shift(7200)
    rows = f"{INBOX}rows/?view=open&sort="
    work.set_due(conversation=conversation, due=NOW + timedelta(days=3), member=member)
    assert "due Thursday" in client.get(f"{rows}due").text
    waits = client.get(f"{rows}waiting").text
    assert "2 h 00 min" in waits
    assert "due" not in waits
    work.set_due(conversation=conversation, due=NOW + timedelta(hours=1), member=member)
    late = client.get(f"{rows}newest").text
    assert '<span class="sla" data-state="late">' in late
    assert "overdue by 1 h 00 min" in late


def test_a_live_refresh_brings_all_rows_on_screen(client, write, clock):
    for number in range(lists.PAGE + 5):
        write(f"m{number}", sender=person(f"c{number}@cust.example"))
    rows = client.get(f"{INBOX}rows/?view=open&size=30", headers=HTMX)
    assert rows.text.count('class="convo"') == 30
    assert 'id="views"' not in rows.text


def test_the_views_refresh_by_themselves(client, conversation):
    views = client.get(f"{INBOX}views/?view=unassigned", headers=HTMX)
    assert views.text.startswith('<nav class="sidebar" id="views"')
    assert 'data-live="counts member:' in views.text
    assert 'hx-get="/w/acme/inbox/views/?view=unassigned"' in views.text
    link = '<a class="nav-link" href="/w/acme/inbox/?view=unassigned" aria-current="page">'
    assert link in views.text
    assert [item.count for item in views.context["sidebar"].all] == [1, 0, 0]


def test_a_refresh_of_what_has_become_empty_says_so(client, mail):
    assert "All answered" in client.get(f"{INBOX}rows/?view=open", headers=HTMX).text


def test_a_refresh_is_capped(client, conversation):
    assert client.get(f"{INBOX}rows/?view=open&size=99999").status_code == 200
    assert client.get(f"{INBOX}rows/?view=open&size=x&before=garbled").status_code == 200


def test_a_conversation_stands_beside_its_list(client, conversation):
    page = client.get(f"{INBOX}{conversation.number}/")
    assert "It broke." in page.text
    assert 'aria-current="true"' in page.text
    assert page.context["view"].key == "open"
    assert 'data-view="thread"' in page.text


def test_opened_by_its_address_it_shows_the_view_that_it_is_in(client, conversation, member):
    path = f"{INBOX}{conversation.number}/"
    work.take(conversation=conversation, member=member)
    assert client.get(path).context["view"].key == "mine"
    work.snooze(conversation=conversation, until=conversation.created_at + timedelta(days=1), member=member)
    assert client.get(path).context["view"].key == "snoozed"
    work.mark_spam(conversation=conversation, member=member)
    assert client.get(path).context["view"].key == "spam"


def test_htmx_gets_the_panes_alone(client, conversation):
    panes = client.get(f"{INBOX}{conversation.number}/?view=open", headers=HTMX)
    assert "<html" not in panes.text
    assert 'id="thread"' in panes.text
    assert "<title>It broke · Omnidesk</title>" in panes.text


def test_a_number_that_is_not_there_is_not_found(client, in_scope):
    assert client.get(f"{INBOX}7/").status_code == 404
    assert client.get(f"{INBOX}{10**30}/").status_code == 404


def test_anothers_number_is_not_found(client, conversation, other_workspace, browser, member):
    assert client.get(f"/w/globex/inbox/{conversation.number}/").status_code == 404


def test_a_stranger_is_sent_to_sign_in_and_a_fragment_is_told(conversation):
    path = f"{INBOX}{conversation.number}/"
    assert Client().get(path).status_code == 302
    assert Client().get(path, headers=HTMX).status_code == 401


def test_strangers_words_are_text(client, write):
    write("m1", sender=person(name="<script>alert(1)</script>"), subject="<b>x</b>", text="<img src=x>")
    page = client.get(f"{INBOX}?view=open").text
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


def test_the_page_runs_no_inline_script_or_style(client, conversation):
    page = client.get(f"{INBOX}{conversation.number}/")
    assert "<script>" not in page.text
    assert " style=" not in page.text
    assert "onclick" not in page.text
    assert "script-src 'self'" in page["Content-Security-Policy"]


# The session, its user with their workspaces, the transaction begun, the scope's setting, the member, one read of
# all that is shown, the transaction ended: seven. In a test, inside a transaction, the setting is put back too.
WHOLE_REQUEST = 7 + 1


def test_a_page_takes_as_many_queries_for_three_rows_as_for_one(write, queries):
    write("m1")
    path = f"{INBOX}?view=open"
    assert queries(path) == WHOLE_REQUEST
    for number in (2, 3):
        write(f"m{number}", sender=person(f"c{number}@cust.example"))
    assert queries(path) == WHOLE_REQUEST


def test_a_thread_takes_as_many_queries_for_many_entries_as_for_one(
    write, mail, member, queries, conversation
):
    path = f"{INBOX}{conversation.number}/?view=open"
    work.mark_seen(conversation=conversation, member=member)
    assert queries(path) == WHOLE_REQUEST
    for number in (2, 3):
        write(f"m{number}", thread_keys=("m1",), starts_thread=False, cc=(person("ben@cust.example"),))
    work.add_label(conversation=conversation, label=label_named(name="vip"), member=member)
    work.assign(conversation=conversation, assignee=member, member=member)
    reply(conversation=conversation, channel=mail, draft=Draft("Hm"), member=member)
    assert queries(path) == WHOLE_REQUEST
    assert queries(path, **HTMX) == WHOLE_REQUEST


def test_without_a_view_in_its_address_a_thread_takes_one_query_more(queries, conversation):
    assert queries(f"{INBOX}{conversation.number}/") == WHOLE_REQUEST + 1


def test_the_fragments_take_as_many_queries_however_much_they_show(write, queries, conversation):
    entries, rows = f"{INBOX}{conversation.number}/entries/", f"{INBOX}rows/?view=open"
    assert [queries(entries), queries(rows)] == [WHOLE_REQUEST, WHOLE_REQUEST]
    for number in (2, 3):
        write(f"m{number}", thread_keys=("m1",), starts_thread=False)
        write(f"n{number}", sender=person(f"c{number}@cust.example"))
    assert [queries(entries), queries(rows)] == [WHOLE_REQUEST, WHOLE_REQUEST]


def test_what_is_spam_offers_the_way_back(client, conversation, member):
    work.mark_spam(conversation=conversation, member=member)
    page = client.get(f"{INBOX}{conversation.number}/").text
    assert f'action="{INBOX}{conversation.number}/spam/removal/"' in page
