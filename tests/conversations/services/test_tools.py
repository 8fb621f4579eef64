"""Keeping canned replies: one's own by everybody, shared ones by managers; what is shared is in the audit log."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from conversations.models import CannedReply
from conversations.queries import tools as queries
from conversations.services import tools
from tenancy.models import AuditEntry, Member
from tenancy.services import teams

from .conftest import NOW, person


def canned(by: Member, *, shared: bool = False, **fields: Any) -> CannedReply:
    reply = CannedReply(**{"name": "Hello", "text": "Hi {{contact.first_name|there}}"} | fields)
    return tools.keep(tool=reply, shared=shared, by=by)


def logged() -> list[tuple[str, str]]:
    return list(
        AuditEntry.objects.filter(action__startswith="canned").order_by("pk").values_list("action", "target")
    )


def test_everybody_keeps_their_own_and_nobody_else_sees_it(in_scope, member, admin):
    mine = canned(member)
    assert mine.owner == member
    assert list(queries.at_hand(CannedReply, member)) == [mine]
    assert list(queries.at_hand(CannedReply, admin)) == []
    assert logged() == []


def test_shared_ones_are_kept_from_manager_on_and_logged(in_scope, member, admin):
    with pytest.raises(PermissionDenied):
        canned(member, shared=True)
    ours = canned(admin, shared=True)
    assert (ours.is_shared, tools.may_change(ours, member), tools.may_change(ours, admin)) == (
        True,
        False,
        True,
    )
    ours.name = "Greeting"
    with pytest.raises(PermissionDenied):
        tools.keep(tool=ours, shared=False, by=member)
    tools.keep(tool=ours, shared=True, by=admin)
    tools.archive(tool=ours, by=admin)
    tools.bring_back(tool=ours, by=admin)
    assert [action for action, _ in logged()] == [
        f"canned_reply.{word}" for word in ("created", "changed", "archived", "brought_back")
    ]
    assert logged()[1] == ("canned_reply.changed", "Greeting")


def test_what_is_shared_can_become_ones_own_and_is_logged_as_a_change(in_scope, admin, member):
    ours = canned(admin, shared=True)
    assert tools.keep(tool=ours, shared=False, by=admin).owner == admin
    assert logged()[-1][0] == "canned_reply.changed"
    with pytest.raises(PermissionDenied):
        tools.archive(tool=ours, by=member)


@pytest.mark.parametrize(
    "texts", [{"text": "{{contact.shoe_size|9}}"}, {"html": "<p>{{contact.shoe_size}}</p>"}]
)
def test_an_unknown_variable_is_named(in_scope, member, texts: dict[str, Any]):
    with pytest.raises(ValidationError) as refused:
        canned(member, **texts)
    assert refused.value.messages == ["There is no variable {{contact.shoe_size}}."]


def test_html_is_sanitised_before_it_is_kept(in_scope, member):
    kept = canned(member, html='<p onclick="x()">Hi <b>{{contact.name|you}}</b><script>x()</script></p>')
    assert kept.html == "<p>Hi <b>{{contact.name|you}}</b></p>"


def test_a_shortcut_calls_one_reply_of_an_owner_whatever_its_case(in_scope, member, admin):
    first = canned(admin, shared=True, shortcut="hello")
    mine = canned(member, shortcut="Hello", name="Mine")
    with pytest.raises(ValidationError) as refused:
        canned(member, shortcut="HELLO")
    assert refused.value.message_dict == {"shortcut": ["“Mine” has this shortcut already."]}
    tools.archive(tool=mine, by=member)
    canned(member, shortcut="hello")
    with pytest.raises(ValidationError):
        tools.bring_back(tool=mine, by=member)
    assert tools.keep(tool=first, shared=True, by=admin).shortcut == "hello"


def test_what_is_used_much_comes_first_and_of_another_brand_nothing(in_scope, member, write):
    conversation = write("m1").conversation
    for name in ("A", "B", "C"):
        canned(member, name=name)
    used = CannedReply.objects.get(name="B")
    tools.note_use(used)
    used.refresh_from_db()
    assert (used.uses, used.last_used_at) == (1, NOW)
    offered = queries.canned_for(conversation.number, member).read()
    assert [(one.name, one.text) for one in offered] == [
        (name, "Hi {{contact.first_name|there}}") for name in ("B", "A", "C")
    ]
    brand = type(conversation.brand).objects.create(name="Other")
    CannedReply.objects.filter(name="A").update(brand=brand)
    assert [one.name for one in queries.canned_for(conversation.number, member).read()] == ["B", "C"]


def test_the_language_of_the_contact_comes_first(in_scope, member, write):
    received = write("m1")
    canned(member, name="English", language="en")
    canned(member, name="German", language="de")
    received.contact.language = "de"
    received.contact.save()
    offered = queries.canned_for(received.conversation.number, member).read()
    assert [one.name for one in offered] == ["German", "English"]


def test_variables_stand_for_the_conversation_and_its_people(in_scope, member, write):
    conversation = write("m1", sender=person(name="Ana Lind"), subject="Lamp").conversation
    assert queries.values_in(conversation.number, member).read() == {
        "contact.first_name": "Ana",
        "contact.name": "Ana Lind",
        "account.name": "",
        "member.first_name": "Aki",
        "member.name": "Aki Agent",
        "conversation.number": str(conversation.number),
        "conversation.subject": "Lamp",
        "brand.name": "Acme",
        "today": "March 2, 2026",
    }


def test_pages_go_by_name_and_find_by_name_shortcut_and_text(in_scope, member):
    for name, shortcut in (("Cup", "tea"), ("Ash", "x"), ("Bee", "y")):
        canned(member, name=name, shortcut=shortcut)
    rows = queries.visible(CannedReply, member)
    first = queries.page(rows, size=2)
    assert [one.name for one in first.rows] == ["Ash", "Bee"]
    assert [one.name for one in queries.page(rows, after=first.after).rows] == ["Cup"]
    assert [one.name for one in queries.page(rows, search="TEA").rows] == ["Cup"]
    assert len(queries.page(rows, search="first_name").rows) == 3


def test_what_a_team_has_its_members_and_the_managers_see(write, member, admin, owner):
    conversation = write("m1").conversation
    team = teams.make(name="Returns", by=None)
    ours = tools.keep(tool=CannedReply(name="Ours", text="x"), shared=True, team=team, by=admin)
    assert list(queries.visible(CannedReply, member)) == []
    assert queries.canned_for(conversation.number, member).read() == []
    assert list(queries.visible(CannedReply, owner)) == [ours]
    teams.set_members(team=team, members=[member], by=None)
    assert list(queries.visible(CannedReply, member)) == [ours]
    assert [one.name for one in queries.canned_for(conversation.number, member).read()] == ["Ours"]
    assert not tools.may_change(ours, member)
