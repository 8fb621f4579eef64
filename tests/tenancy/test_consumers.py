"""The consumer that tells browsers what changed, over a real Redis."""

import pytest
from asgiref.sync import SyncToAsync, sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from omnidesk.asgi import application
from tenancy import consumers, hearers, live
from tenancy.attending import Attendant, attendants
from tenancy.consumers import MAKES_NO_SENSE, START_AGAIN
from tenancy.models import Member, Role
from tenancy.scope import scope
from tenancy.services import members
from tests.people import member_of
from tests.sockets import ORIGIN, Socket

pytestmark = pytest.mark.django_db(transaction=True)


def cookie_of(member: Member) -> tuple[bytes, bytes]:
    """The cookie of a browser in which the member has signed in."""
    assert member.user
    session = SessionStore()
    session[SESSION_KEY] = str(member.user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.user.get_session_auth_hash()
    session.create()
    return b"cookie", f"{settings.SESSION_COOKIE_NAME}={session.session_key}".encode()


async def socket_of(member: Member, *, slug: str = "acme") -> Socket:
    cookie = await sync_to_async(cookie_of)(member)
    return Socket(application, f"/ws/w/{slug}/", [ORIGIN, cookie])


async def connected(member: Member) -> Socket:
    browser = await socket_of(member)
    assert await browser.connect()
    return browser


async def attending_board(member: Member) -> list[Attendant]:
    """Who attends the topic, and what they do."""

    def read() -> list[Attendant]:
        with scope(member.workspace_id):
            return attendants("board")

    return await sync_to_async(read)()


@pytest.fixture(autouse=True)
async def tidy():
    """Asynchronous code reaches the database from a thread of its own, which keeps its connection."""
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture(autouse=True)
def topics(monkeypatch):
    """Two kinds of topic that exist in tests alone: one for all, one with a row's id behind it."""
    monkeypatch.setattr(live, "_kinds", dict(live.kinds()))
    live.topic("board", live.everybody, has_id=False, is_attended=True)
    live.topic("colleague", live.existing(Member))


async def test_a_push_reaches_those_who_subscribed_after_the_commit(member):
    browser = await connected(member)
    assert await browser.ask(subscribe=["board"]) == {"subscribed": ["board"], "among": 1}
    await sync_to_async(live.push)(member.workspace_id, "board", [3, 1, 3])
    assert await browser.hear() == {"topic": "board", "ids": [1, 3], "among": 1}
    await browser.say(unsubscribe=["board"])
    assert await browser.ask(ping=7) == {"pong": 7}
    await sync_to_async(live.push)(member.workspace_id, "board")
    assert await browser.hears_nothing()
    await browser.close()


async def test_a_push_of_another_workspace_does_not_arrive(member, other_workspace):
    browser = await connected(member)
    await browser.ask(subscribe=["board"])
    await sync_to_async(live.push)(other_workspace.pk, "board", [1])
    assert await browser.hears_nothing()
    await browser.close()


async def test_topics_of_another_workspace_and_unknown_ones_are_refused(member, other_workspace):
    foreign = await sync_to_async(member_of)(other_workspace, Role.AGENT)
    browser = await connected(member)
    asked = [
        f"colleague:{foreign.pk}",
        f"member:{foreign.pk}",
        f"rights:{member.user_id}",
        "board:1",
        "colleague",
        "secret",
        "colleague:x",
    ]
    assert await browser.ask(subscribe=asked) == {"subscribed": [], "among": 0}
    assert await browser.hear() == {"refused": asked}
    await browser.close()


async def test_who_is_archived_is_cut_off_and_cannot_come_back(member):
    browser = await connected(member)

    def archive():
        with scope(member.workspace_id):
            members.archive(member=member, by=None)

    await sync_to_async(archive)()
    assert await browser.hear() == START_AGAIN
    assert not await (await socket_of(member)).connect()


async def test_an_archived_member_cannot_subscribe_even_before_being_cut_off(member):
    browser = await connected(member)

    def archive_unheard():
        with scope(member.workspace_id):
            Member.objects.filter(pk=member.pk).update(archived_at=member.joined_at)

    await sync_to_async(archive_unheard)()
    assert await browser.ask(subscribe=["board"]) == {"subscribed": [], "among": 0}
    await browser.close()


@pytest.mark.parametrize("role", [Role.AGENT, Role.OWNER])
async def test_who_gets_another_role_has_to_start_again(admin, role):
    browser = await connected(admin)

    def set_role():
        with scope(admin.workspace_id):
            members.set_role(member=admin, role=role, by=None)

    await sync_to_async(set_role)()
    assert await browser.hear() == START_AGAIN
    await browser.close()


async def test_who_is_told_hears_how_many_hear_the_same(member, admin, other_workspace):
    elsewhere = await sync_to_async(member_of)(other_workspace, Role.AGENT)
    one, other = await connected(member), await connected(admin)
    foreign = await socket_of(elsewhere, slug="globex")
    assert await foreign.connect()
    assert await foreign.ask(subscribe=["board"]) == {"subscribed": ["board"], "among": 1}
    assert await one.ask(subscribe=["board"]) == {"subscribed": ["board"], "among": 1}
    own = f"member:{admin.pk}"
    assert await other.ask(subscribe=["board", own]) == {"subscribed": ["board", own], "among": 2}
    await sync_to_async(live.push)(member.workspace_id, "board")
    for browser in (one, other):
        assert await browser.hear() == {"topic": "board", "ids": [], "among": 2}
    await one.close()
    await sync_to_async(live.push)(member.workspace_id, "board")
    assert await other.hear() == {"topic": "board", "ids": [], "among": 1}
    for browser in (other, foreign):
        await browser.close()
    assert [group for group in consumers._hearing if group.endswith(".board")] == []


async def test_a_push_costs_no_visit_to_a_thread(member, monkeypatch):
    browser = await connected(member)
    await browser.ask(subscribe=["board"])
    monkeypatch.setattr(SyncToAsync, "__call__", None)
    live._publish(
        {live.group(member.workspace_id, "board"): {"type": "changed", "topic": "board", "ids": [1]}}
    )
    assert await browser.hear() == {"topic": "board", "ids": [1], "among": 1}
    monkeypatch.undo()
    await browser.close()


@pytest.mark.parametrize("step", ["connect", "subscribe"])
async def test_a_socket_asks_little_of_the_database(member, django_assert_num_queries, step):
    rows = [f"colleague:{number}" for number in range(1, 40)]
    session = (await sync_to_async(cookie_of)(member))[1].decode().partition("=")[2]

    def count():
        hearer = hearers.find("acme", session)
        assert hearer
        with django_assert_num_queries({"connect": 2, "subscribe": 5}[step]):
            if step == "connect":
                hearers.find("acme", session)
            else:
                hearers.allowed(hearer, ["board", *rows])

    await sync_to_async(count)()


async def test_a_session_under_an_earlier_key_is_let_in_and_left_alone(member, settings):
    browser = await socket_of(member)
    before = await sync_to_async(lambda: list(Session.objects.values()))()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert await browser.connect()
    assert await sync_to_async(lambda: list(Session.objects.values()))() == before
    await browser.close()


async def test_a_session_from_before_a_new_password_is_not_let_in(member):
    browser = await socket_of(member)

    def change():
        member.user.set_password("another one")
        member.user.save()

    await sync_to_async(change)()
    assert not await browser.connect()


async def test_a_browser_that_missed_pushes_while_redis_was_away_starts_again(member):
    browser = await connected(member)
    await sync_to_async(live.pulse)()
    assert await browser.hears_nothing()
    await sync_to_async(live._publish)({live.PULSE: {"type": "pulse", "run": "another"}})
    assert await browser.hear() == START_AGAIN
    await browser.close()


async def test_strangers_and_foreign_pages_are_not_let_in(member, other_workspace):
    cookie = await sync_to_async(cookie_of)(member)
    for slug, headers in [
        ("acme", [ORIGIN]),
        ("globex", [ORIGIN, cookie]),
        ("nowhere", [ORIGIN, cookie]),
        ("acme", [(b"origin", b"http://evil.example"), cookie]),
        ("acme", [cookie]),
    ]:
        assert not await Socket(application, f"/ws/w/{slug}/", headers).connect()


async def test_an_unknown_address_is_refused(member):
    assert not await Socket(application, "/ws/other/", [ORIGIN]).connect()


async def test_garbage_closes_the_connection(member):
    browser = await connected(member)
    await browser.say_text("{")
    assert await browser.hear() == MAKES_NO_SENSE
    await browser.close()


async def test_who_attends_a_topic_is_known_until_they_leave_it(member, admin):
    one, other = await connected(member), await connected(admin)
    for browser in (one, other):
        await browser.ask(subscribe=["board"])
    changed = {"topic": "board", "ids": [], "among": 2}
    await one.say(attend="board", doing="reply")
    assert [await browser.hear() for browser in (one, other)] == [changed, changed]
    assert await attending_board(member) == [(member.pk, "reply")]
    await one.say(attend="board", doing="reply")
    assert await other.hears_nothing()
    await one.close()
    assert await other.hear() == changed | {"among": 1}
    assert await attending_board(member) == []
    await other.say(attend="board")
    assert await other.hear() == changed | {"among": 1}
    await other.say(unsubscribe=["board"])
    assert await other.ask(ping=1) == {"pong": 1}
    assert await attending_board(member) == []
    await other.close()


async def test_nobody_attends_what_they_may_not_hear_of_or_nobody_attends(member):
    browser = await connected(member)
    await browser.ask(subscribe=[f"colleague:{member.pk}"])
    for topic in ("board", f"colleague:{member.pk}", "nonsense", ""):
        await browser.say(attend=topic)
        assert await browser.hears_nothing()
    assert await attending_board(member) == []
    await browser.say(attend="board", doing="No word at all")
    assert await browser.hear() == MAKES_NO_SENSE
    await browser.close()


async def test_a_sign_of_life_asks_nothing_of_the_database(member, monkeypatch):
    browser = await connected(member)
    await browser.ask(subscribe=["board"])
    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", None)
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", None)
    await browser.say(attend="board")
    assert await browser.hear() == {"topic": "board", "ids": [], "among": 1}
    for _ in range(3):
        await browser.say(attend="board")
    assert await browser.ask(ping=1) == {"pong": 1}
    monkeypatch.undo()
    assert await attending_board(member) == [(member.pk, "")]
    await browser.close()
