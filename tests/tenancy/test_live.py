"""Topics, what a browser may say about them, and pushes."""

import pytest
from django.db import transaction

from tenancy import live
from tenancy.consumers import MOST_TOPICS, Garbled, read


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "[]", '"x"', '{"subscribe": "inbox"}', '{"unsubscribe": [1]}', '{"subscribe": null}'],
)
def test_what_is_no_message_is_refused(text):
    with pytest.raises(Garbled):
        read(text)


def test_no_list_of_topics_is_endless():
    with pytest.raises(Garbled, match="too long"):
        read('{"subscribe": [' + ",".join(['"inbox"'] * (MOST_TOPICS + 1)) + "]}")


def test_members_hear_of_themselves_alone(member, admin, in_scope):
    own, others = f"member:{member.pk}", f"member:{admin.pk}"
    assert live.allowed(member, [others, own, own]) == [own]


@pytest.mark.parametrize(
    "name", ["", "member", "member:", "member:x", "member:-1", "nothing:1", "member:1\n"]
)
def test_what_is_no_topic_is_refused(member, in_scope, name):
    assert live.allowed(member, [name]) == []


def test_an_id_beyond_the_database_is_no_topic(member, in_scope):
    assert live.allowed(member, ["member:" + "9" * 19]) == []


def test_a_push_that_nobody_could_hear_is_a_mistake(in_scope):
    with pytest.raises(LookupError, match="no app has registered topics like rumour:1"):
        live.push(in_scope.pk, "rumour:1")


def test_two_workspaces_never_share_a_group(workspace, other_workspace):
    names = {live.group(one.pk, "open") for one in (workspace, other_workspace)}
    assert len(names) == 2


def test_nothing_is_pushed_before_the_commit(member, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as waiting, transaction.atomic():
        live.push(member.workspace_id, "open", [1])
        assert len(waiting) == 0
    assert len(waiting) == 1


def test_a_push_that_is_lost_does_not_fail_what_was_committed(
    in_scope, settings, django_capture_on_commit_callbacks
):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    with django_capture_on_commit_callbacks(execute=True) as done:
        live.push(in_scope.pk, "open", [1])
    assert len(done) == 1
