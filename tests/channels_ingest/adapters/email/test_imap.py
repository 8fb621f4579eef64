"""Reading a real mailbox: nothing missed, nothing disturbed, nothing in the way of the next mail."""

import asyncio
import re
import time

import pytest

from channels_ingest.adapters.email import imap as imap_module
from channels_ingest.adapters.email.adapter import EmailAdapter
from channels_ingest.adapters.email.imap import (
    FetchedMail,
    Position,
    fetch_new,
    fetch_uids,
    list_mailbox,
    settle,
)
from channels_ingest.base import AdapterError, ChannelFacts
from tests.channels_ingest.adapters.email import mails
from tests.channels_ingest.adapters.email.mails import mail
from tests.providers.background import Background
from tests.providers.imap import ImapServer, serve


def mailbox(imap: ImapServer, **config: str) -> ChannelFacts:
    found = {
        "imap_host": imap.host,
        "imap_port": str(imap.port),
        "imap_user": imap.user,
        "imap_security": "none",
    }
    return mails.channel(**found | config)


def wire(subject: str) -> bytes:
    return mail(subject=subject, message_id=f"<{subject}@customer.example>").replace(b"\n", b"\r\n")


def deliver(imap: ImapServer, *subjects: str) -> None:
    for subject in subjects:
        imap.deliver(wire(subject))


def position_of(fetched: FetchedMail) -> Position:
    return Position(fetched.uidvalidity, fetched.uid)


def test_all_mails_come_oldest_first_and_byte_for_byte(imap_server):
    deliver(imap_server, "one", "two", "three")
    found = list(fetch_new(mailbox(imap_server), None))
    assert [each.raw for each in found] == [wire("one"), wire("two"), wire("three")]
    assert [each.problem for each in found] == ["", "", ""]
    assert [each.uid for each in found] == sorted(each.uid for each in found)


def test_a_poll_goes_on_where_the_last_one_ended(imap_server):
    deliver(imap_server, "one", "two", "three")
    channel = mailbox(imap_server)
    first = list(fetch_new(channel, None, limit=2))
    second = list(fetch_new(channel, position_of(first[-1]), limit=2))
    assert [each.raw for each in first + second] == [wire("one"), wire("two"), wire("three")]
    assert list(fetch_new(channel, position_of(second[-1]))) == []


def test_an_empty_mailbox_has_nothing_new(imap_server):
    assert list(fetch_new(mailbox(imap_server), None)) == []


def test_reading_leaves_no_mark(imap_server):
    deliver(imap_server, "one")
    [fetched] = fetch_new(mailbox(imap_server), None)
    assert b"Seen" not in imap_server.flags(fetched.uid)


def test_a_mail_that_a_person_has_read_is_new_all_the_same(imap_server):
    deliver(imap_server, "one")
    imap_server.flag(101, r"(\Seen)")
    assert [each.raw for each in fetch_new(mailbox(imap_server), None)] == [wire("one")]


def test_when_uidvalidity_changes_the_folder_is_read_again(imap_server):
    deliver(imap_server, "one", "two")
    channel = mailbox(imap_server)
    *_, before = fetch_new(channel, None)
    imap_server.start_over()
    deliver(imap_server, "two", "three")
    found = list(fetch_new(channel, position_of(before)))
    assert [each.raw for each in found] == [wire("two"), wire("three")]
    assert {each.uidvalidity for each in found} != {before.uidvalidity}


def test_mail_from_long_before_the_channel_began_stays_out(imap_server):
    imap_server.deliver(wire("old"), arrived=mails.START.timestamp() - 3 * 86400)
    imap_server.deliver(wire("the-day-before"), arrived=mails.START.timestamp() - 3600)
    imap_server.deliver(wire("new"), arrived=mails.START.timestamp() + 3600)
    found = [each.raw for each in fetch_new(mailbox(imap_server), None)]
    assert found == [wire("the-day-before"), wire("new")]


def test_a_mail_that_is_too_big_comes_as_its_header(imap_server, monkeypatch):
    deliver(imap_server, "one")
    imap_server.deliver(wire("huge") + b"x" * 5_000)
    deliver(imap_server, "three")
    monkeypatch.setattr(imap_module, "MAX_MAIL", 1_000)
    one, huge, three = fetch_new(mailbox(imap_server), None)
    assert (one.problem, huge.problem, three.problem) == ("", "too-big", "")
    assert huge.raw == wire("huge").partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def test_what_exchange_gives_in_place_of_a_mail_is_no_mail(imap_server):
    imap_server.deliver(
        mail("The server couldn't ...", subject="Retrieval using the IMAP4 protocol failed for 7")
    )
    deliver(imap_server, "two")
    assert [each.problem for each in fetch_new(mailbox(imap_server), None)] == ["placeholder", ""]


def test_certain_mails_can_be_fetched_again(imap_server):
    deliver(imap_server, "one", "two", "three")
    channel = mailbox(imap_server)
    one, _, three = fetch_new(channel, None)
    again = list(fetch_uids(channel, one.uidvalidity, [three.uid, one.uid, 9_999]))
    assert again == [one, three]
    assert list(fetch_uids(channel, one.uidvalidity + 1, [one.uid])) == []


def test_the_listing_names_every_mail(imap_server):
    deliver(imap_server, "one", "two")
    imap_server.deliver(mail(message_id=None))
    listing = list_mailbox(mailbox(imap_server))
    assert list(listing.message_ids.values()) == ["one@customer.example", "two@customer.example", ""]
    assert listing.uidvalidity > 0


def test_another_folder_can_be_read(imap_server):
    imap_server.create("Desk")
    imap_server.deliver(wire("one"), folder="Desk")
    deliver(imap_server, "elsewhere")
    found = fetch_new(mailbox(imap_server, imap_folder="Desk"), None)
    assert [each.raw for each in found] == [wire("one")]


def test_stored_mails_are_marked_only_when_the_channel_says_so(imap_server):
    deliver(imap_server, "one", "two")
    one, two = fetch_new(mailbox(imap_server), None)
    settle(mailbox(imap_server), one.uidvalidity, [one.uid])
    assert b"Seen" not in imap_server.flags(one.uid)
    settle(mailbox(imap_server, imap_after="seen"), one.uidvalidity + 1, [one.uid])
    assert b"Seen" not in imap_server.flags(one.uid)
    settle(mailbox(imap_server, imap_after="seen"), one.uidvalidity, [one.uid])
    assert b"Seen" in imap_server.flags(one.uid)
    assert b"Seen" not in imap_server.flags(two.uid)


def test_marking_removes_nothing_that_a_person_has_marked_as_deleted(imap_server):
    deliver(imap_server, "one", "two")
    one, two = fetch_new(mailbox(imap_server), None)
    imap_server.flag(two.uid, r"(\Deleted)")
    settle(mailbox(imap_server, imap_after="move", imap_move_to="Done"), one.uidvalidity, [one.uid])
    assert imap_server.count() == 2


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_reading_over_an_encrypted_connection(security, tls, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Background() as background:
        plain_or_tls = serve(background, tls=tls, security=security)
        assert list(fetch_new(mailbox(plain_or_tls, imap_security=security), None)) == []


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_a_certificate_that_nobody_vouches_for(security, tls):
    with Background() as background:
        imap = serve(background, tls=tls, security=security)
        assert failure(mailbox(imap, imap_security=security)) == ("tls", True)


def failure(channel: ChannelFacts) -> tuple[str, bool]:
    with pytest.raises(AdapterError) as caught:
        list(fetch_new(channel, None))
    return caught.value.code, caught.value.retryable


def test_what_can_go_wrong_on_the_way_in(imap_server, settings):
    assert failure(mailbox(imap_server, imap_user="somebody")) == ("auth", False)
    assert failure(mailbox(imap_server, imap_user="jürgen")) == ("auth", False)
    assert failure(mailbox(imap_server, imap_port="1")) == ("connect", True)
    assert failure(mailbox(imap_server, imap_folder="Nowhere")) == ("connect", True)
    assert failure(mailbox(imap_server, imap_security="starttls")) == ("connect", True)
    assert failure(mails.channel()) == ("config", False)
    settings.OMNIDESK_PRIVATE_HOSTS = False
    assert failure(mailbox(imap_server)) == ("host", False)


def test_the_connection_test_tells_each_step(imap_server, smtp_server):
    servers = {"smtp_host": smtp_server.host, "smtp_port": str(smtp_server.port), "smtp_security": "none"}
    checks = list(EmailAdapter().check(mailbox(imap_server, **servers)))
    assert [(check.name, check.ok) for check in checks] == [
        ("IMAP connection", True),
        ("IMAP sign-in", True),
        ("IMAP folder", True),
        ("SMTP connection", True),
        ("SMTP sign-in", True),
    ]


def test_the_connection_test_ends_with_the_step_that_fails(imap_server):
    wrong = mailbox(imap_server, imap_user="somebody")
    checks = list(EmailAdapter().check(wrong))
    assert [(check.name, check.ok) for check in checks] == [
        ("IMAP connection", True),
        ("IMAP sign-in", False),
        ("SMTP connection", False),
    ]
    assert checks[1].detail == "The IMAP server 127.0.0.1 refused the user name or password."


class Scripted:
    """An IMAP server that answers FETCH as it is told, by UID."""

    def __init__(self, answers: dict[int, bytes]) -> None:
        self.answers = answers

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, _, command = line.strip().partition(b" ")
            writer.write(self.answer(tag, command.upper()))
            if command.upper().startswith(b"LOGOUT"):
                break
        writer.close()

    def answer(self, tag: bytes, command: bytes) -> bytes:
        done = tag + b" OK done\r\n"
        if command.startswith(b"CAPABILITY"):
            return b"* CAPABILITY IMAP4REV1\r\n" + done
        if command.startswith(b"EXAMINE"):
            return b"* 3 EXISTS\r\n* OK [UIDVALIDITY 9] stays\r\n" + done
        if command.startswith(b"UID SEARCH"):
            return b"* SEARCH 3 1 2\r\n" + done
        if command.startswith(b"LOGOUT"):
            return b"* BYE\r\n" + done
        wanted = re.match(rb"UID FETCH (\d+) \(UID BODY", command)
        if not wanted:
            return done
        given = self.answers[int(wanted[1])]
        return tag + given if given.startswith(b" ") else given + done


def scripted(answers: dict[int, bytes]) -> list[FetchedMail]:
    with Background() as background:
        port = background.serve(asyncio.start_server(Scripted(answers), "127.0.0.1", 0))
        facts = mails.channel(imap_host="127.0.0.1", imap_port=str(port), imap_user="u", imap_security="none")
        return list(fetch_new(facts, None))


def test_one_bad_mail_never_blocks_the_next():
    found = scripted(
        {
            1: b" NO [SERVERBUG] cannot convert\r\n",
            2: b'* 2 FETCH (UID 2 BODY[] "")\r\n',
            3: b"* 3 FETCH (UID 3 BODY[] {5}\r\nhello)\r\n",
        }
    )
    assert found == [
        FetchedMail(1, 9, b"", "refused"),
        FetchedMail(2, 9, b"", "empty"),
        FetchedMail(3, 9, b"hello"),
    ]


def test_a_command_that_the_server_does_not_understand_blocks_nothing_either():
    answer = b"* 1 FETCH (UID %d BODY[] {1}\r\nx)\r\n"
    found = scripted({1: answer % 1, 2: b" BAD what?\r\n", 3: answer % 3})
    assert [each.problem for each in found] == ["", "refused", ""]


def test_a_mail_that_is_gone_by_now_is_left_out():
    assert scripted({1: b"", 2: b"", 3: b"* 3 FETCH (UID 3 BODY[] {5}\r\nhello)\r\n"}) == [
        FetchedMail(3, 9, b"hello")
    ]


def test_a_literal_without_end_is_not_waited_for():
    started = time.monotonic()
    with pytest.raises(AdapterError) as caught:
        scripted({1: b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\nx)\r\n", 2: b"", 3: b""})
    assert caught.value.code == "connect"
    assert time.monotonic() - started < 5
