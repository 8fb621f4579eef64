"""The thread's fragments, HTML mails in their frame, and files."""

import re
from html import unescape

import pytest
from django.test import Client

from conversations.models import Attachment, Conversation, Delivery, EntryBody
from conversations.queries import places, threads
from conversations.services import edits, work
from conversations.services.notes import note
from conversations.services.reply import Draft, reply, undo_send
from conversations.types import IncomingFile
from tests.conversations.views.conftest import HTMX, ROOT, person

RICH = (
    '<table bgcolor="#eee"><tr><td>Invoice</td></tr></table>'
    '<img src="https://t.example/p.png" width="80" height="40"><script>alert(1)</script>'
)


@pytest.fixture
def conversation(write):
    return write("m1", sender=person(name="Ana Lind")).conversation


def address_in(page: str, pattern: str) -> str:
    """The address that a page gives in the group of a pattern."""
    found = re.search(pattern, page)
    assert found
    return unescape(found[1])


def page_of(client: Client, conversation: Conversation) -> str:
    return client.get(f"{ROOT}inbox/{conversation.number}/").text


@pytest.fixture
def long(write, clock, conversation):
    """The conversation with a page of messages below its first."""
    for number in range(threads.PAGE):
        clock.shift(60)
        write(f"m-{number}", text=f"text {number}.", thread_keys=("m1",), starts_thread=False)
    return conversation


def test_earlier_entries_are_a_link_and_a_fragment(client, long):
    page = client.get(f"{ROOT}inbox/{long.number}/")
    earlier = page.context["thread"].earlier
    assert "It broke." not in page.text.partition('id="composer"')[0].partition('id="messages"')[2]
    assert "It broke." in client.get(f"{ROOT}inbox/{long.number}/?earlier={earlier}").text
    fragment = client.get(f"{ROOT}inbox/{long.number}/entries/?upto={earlier}", headers=HTMX).text
    assert "It broke." in fragment
    assert "text 0." not in fragment
    assert 'id="earlier"' not in fragment


def test_a_page_of_a_thread_fetches_itself_again(client, long):
    earlier = client.get(f"{ROOT}inbox/{long.number}/").context["thread"].earlier
    fragment = client.get(f"{ROOT}inbox/{long.number}/entries/?upto={earlier}", headers=HTMX).text
    again = address_in(fragment, r'class="thread-page".* hx-get="([^"]+)"')
    assert client.get(again, headers=HTMX).text.strip() == fragment.strip()


def test_an_entry_far_up_stands_above_a_gap_that_can_be_filled(client, long, monkeypatch):
    monkeypatch.setattr(threads, "MOST", 12)
    monkeypatch.setattr(places, "MOST", 12)
    asked = long.entries.get(preview="text 2.").pk
    page = client.get(f"{ROOT}inbox/{long.number}/?entry={asked}")
    above, below = page.text.split('id="gap"')
    assert (f'id="entry-{asked}"' in above, f'id="entry-{asked}"' in below) == (True, False)
    assert "text 39." in below
    fill = address_in(page.text, r'hx-get="([^"]+)" hx-trigger="click, intersect once"')
    filled = client.get(fill, headers=HTMX).text
    first = address_in(filled, r"text (\d+)\.")
    assert f"text {int(first) - 1}." in above
    assert f"text {first}." not in above


def test_a_thread_that_outgrew_its_page_begins_anew(client, long, monkeypatch):
    page = client.get(f"{ROOT}inbox/{long.number}/").text
    address = address_in(page, r'id="entries" .* hx-get="([^"]+)"')
    monkeypatch.setattr(threads, "MOST", 12)
    response = client.get(address, headers=HTMX)
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#messages", "innerHTML")
    assert response.text.count('id="entries"') == response.text.count('id="earlier"') == 1


def test_what_was_new_stays_marked_until_the_thread_is_opened_again(client, long, clock, write, member):
    work.mark_seen(conversation=long, member=member)
    clock.shift(60)
    write("m-new", text="Anybody there?", thread_keys=("m1",), starts_thread=False)
    page = client.get(f"{ROOT}inbox/{long.number}/").text
    assert page.index('id="new-line"') < page.index("Anybody there?", page.index('id="messages"'))
    work.mark_seen(conversation=long, member=member)
    again = address_in(page, r'id="entries" .* hx-get="([^"]+)"')
    assert 'id="new-line"' in client.get(again, headers=HTMX).text
    assert 'id="new-line"' not in client.get(f"{ROOT}inbox/{long.number}/").text


def test_a_live_refresh_brings_the_head_and_what_has_been_seen(client, conversation):
    fragment = client.get(f"{ROOT}inbox/{conversation.number}/entries/", headers=HTMX).text
    assert f'id="head-{conversation.number}" hx-swap-oob="morph"' in fragment
    newest = conversation.entries.latest("id").pk
    assert f'id="seen-{conversation.number}" name="seen" value="{newest}"' in fragment


def test_a_note_is_marked_and_so_are_those_it_mentions(client, conversation, member, owner):
    note(conversation=conversation, member=member, text="@Olga Owner look <b>", mentions=[owner])
    page = page_of(client, conversation)
    assert "Internal note" in page
    assert '<span class="mention">@Olga Owner</span> look &lt;b&gt;' in page


def test_an_unverified_sender_is_said_to_be_one(client, write, conversation):
    assert "Not verified" not in page_of(client, conversation)
    stranger = write("m2", sender=person("eve@else.example", verified=False)).conversation
    assert "Not verified" in page_of(client, stranger)


def test_a_failure_says_why_and_offers_another_try(client, mail, conversation, member):
    reply(conversation=conversation, channel=mail, draft=Draft("On it"), member=member)
    assert "Sending in a moment" in page_of(client, conversation)
    Delivery.objects.update(status="failed", reason="550 mailbox full")
    page = page_of(client, conversation)
    assert "Not delivered to ana@cust.example" in page
    assert "550 mailbox full" in page
    assert "Try again" in page


def test_what_was_deleted_erased_or_taken_back_is_not_shown(client, mail, write, conversation, member):
    entry = reply(conversation=conversation, channel=mail, draft=Draft("never said"), member=member)
    undo_send(entry=entry, member=member)
    edits.delete(entry=write("m2", text="deleted words", thread_keys=("m1",), starts_thread=False).entry)
    edits.erase(entry=write("m3", text="erased words", thread_keys=("m1",), starts_thread=False).entry)
    entries = client.get(f"{ROOT}inbox/{conversation.number}/entries/").text
    assert "never said" not in entries
    assert "deleted words" not in entries
    assert "This message was deleted by its author." in entries
    assert "This text was erased." in entries
    assert "took back a reply before it was sent" in entries


def test_quoted_history_is_folded(client, write):
    conversation = write("m1", text="New", quoted="Old words").conversation
    page = page_of(client, conversation)
    assert page.index('<details class="quoted"') < page.index("Old words")


def test_links_open_elsewhere(client, write):
    page = page_of(client, write("m1", text="see https://x.example/a?b=1&c=2.").conversation)
    assert (
        '<a href="https://x.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow" target="_blank">'
        in page
    )


def test_html_mail_stands_in_a_sandboxed_frame(client, write):
    entry = write("m1", html=RICH).entry
    page = page_of(client, entry.conversation)
    assert f'src="/w/acme/entries/{entry.pk}/html/"' in page
    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in page
    assert "1 picture from elsewhere is not loaded" in page


def test_the_frame_runs_nothing_and_loads_pictures_only_when_asked(client, write):
    entry = write("m1", html=RICH).entry
    frame = client.get(f"{ROOT}entries/{entry.pk}/html/")
    assert "Invoice" in frame.text
    assert "<script" not in frame.text
    assert ' src="https://t.example' not in frame.text
    policy = frame["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "img-src 'self' data:;" in policy
    assert "sandbox allow-same-origin" in policy
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    asked = client.get(f"{ROOT}entries/{entry.pk}/html/?images=1")
    assert ' src="https://t.example/p.png"' in asked.text
    assert "img-src 'self' data: https: http:;" in asked["Content-Security-Policy"]
    assert asked["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("pk", [0, 10**30])
def test_an_entry_or_file_that_is_not_there_is_not_found(client, in_scope, pk):
    assert client.get(f"{ROOT}entries/{pk}/html/").status_code == 404
    assert client.get(f"{ROOT}attachments/{pk}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "served"),
    [
        ("log.txt", b"hello", ("text/plain; charset=utf-8", "inline")),
        ("p.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 20, ("image/png", "inline")),
        ("page.html", b"<html><script>alert(1)</script></html>", ("text/plain; charset=utf-8", "inline")),
        ("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', ("text/plain; charset=utf-8", "inline")),
        ("x.zip", b"PK\x03\x04" + b"\0" * 40, ("application/zip", "attachment")),
    ],
)
def test_files_are_served_as_what_their_bytes_are(client, write, name, content, served):
    content_type, disposition = served
    write("m1", files=(IncomingFile(name, "text/html", content),))
    file = Attachment.objects.get()
    response = client.get(f"{ROOT}attachments/{file.pk}/")
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == f'{disposition}; filename="{name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response.content == content


def test_pictures_are_seen_in_the_thread_and_other_files_are_named(client, write):
    picture = IncomingFile("p.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"\0" * 20)
    page = IncomingFile("page.png", "image/png", b"<html><script>alert(1)</script></html>")
    entry = write("m1", files=(picture, page)).entry
    thread = client.get(f"{ROOT}inbox/{entry.conversation.number}/entries/").text
    assert thread.count("<img") == 1
    assert 'alt="p.png" loading="lazy"' in thread
    assert thread.count('class="attachment"') == 1


def test_a_file_that_storage_has_lost_is_not_found(client, write):
    write("m1", files=(IncomingFile("log.txt", "text/plain", b"hello"),))
    file = Attachment.objects.get()
    file.file.storage.delete(str(file.file.name))
    assert client.get(f"{ROOT}attachments/{file.pk}/").status_code == 404


def test_the_original_is_a_click_away_for_mail_alone(client, write, sms, conversation):
    assert "The original mail" in page_of(client, conversation)
    other = write("s1", channel=sms, sender=person("+12065550142"), subject="").conversation
    assert "The original mail" not in page_of(client, other)


def test_a_rich_body_without_html_of_ours_is_a_404(client, conversation):
    EntryBody.objects.all().delete()
    assert client.get(f"{ROOT}entries/{conversation.entries.get().pk}/html/").status_code == 404


OGG = b"OggS\x00\x02" + b"\0" * 22 + b"\x01\x13OpusHead\x01\x01" + b"\0" * 40


def test_what_was_recorded_plays_where_it_stands(client, write):
    files = (
        IncomingFile("voice.ogg", "audio/ogg", OGG),
        IncomingFile("voice.m4a", "audio/mp4", b"\0\0\0\x20ftypM4A \0\0\0\0"),
        IncomingFile("clip.mp4", "video/mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"),
        IncomingFile("bill.pdf", "application/pdf", b"%PDF-1.4\n"),
    )
    page = page_of(client, write("m1", files=files).conversation)
    assert (page.count("<audio controls"), page.count("<video controls")) == (2, 1)
    assert page.count('data-look="iframe"') == 1


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("bytes=0-1", (206, b"he", "bytes 0-1/5")),
        ("bytes=3-", (206, b"lo", "bytes 3-4/5")),
        ("bytes=3-900", (206, b"lo", "bytes 3-4/5")),
        ("bytes=-2", (206, b"lo", "bytes 3-4/5")),
        ("bytes=-900", (206, b"hello", "bytes 0-4/5")),
        ("bytes=5-", (416, b"", "bytes */5")),
        ("bytes=3-2", (416, b"", "bytes */5")),
        ("bytes=-", (200, b"hello", None)),
        ("bytes=0-1,3-4", (200, b"hello", None)),
        ("pages=1-2", (200, b"hello", None)),
    ],
)
def test_a_player_gets_the_piece_that_it_asks_for(client, write, asked, answer):
    write("m1", files=(IncomingFile("log.txt", "text/plain", b"hello"),))
    response = client.get(f"{ROOT}attachments/{Attachment.objects.get().pk}/", headers={"Range": asked})
    assert (response.status_code, response.content, response.get("Content-Range")) == answer


def test_a_log_is_told_apart_and_can_be_copied(client, write):
    text = "It says\n2026-11-19 16:02:11 ERROR <b>\n2026-11-19 16:02:12 INFO retry\n\nBye"
    page = page_of(client, write("m1", text=text).conversation)
    assert "<p>It says</p>" in page
    log = "2026-11-19 16:02:11 ERROR &lt;b&gt;\n2026-11-19 16:02:12 INFO retry"
    assert f'<pre class="log-peek" dir="ltr" tabindex="0">{log}</pre>' in page
    assert "data-copy>" in page
