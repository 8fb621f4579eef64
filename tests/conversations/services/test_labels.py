import pytest
from django.utils import timezone

from conversations.models import Label
from conversations.services import work
from conversations.services.labels import archive_unused, label_made, label_named


def test_a_label_is_made_once_whatever_its_case_and_spaces(in_scope):
    label = label_named(name="  Very  Important ")
    assert label.name == "Very Important"
    assert 1 <= label.hue <= 7
    assert label_named(name="very important") == label


def test_an_archived_label_comes_back(in_scope):
    label = label_named(name="courier")
    Label.objects.update(archived_at=timezone.now())
    assert label_named(name="courier") == label
    assert Label.objects.get().archived_at is None


@pytest.mark.parametrize("before", ["none", "archived"])
def test_whether_there_was_none_is_told(in_scope, before):
    if before == "archived":
        label_named(name="vip")
        Label.objects.update(archived_at=timezone.now())
    label, was_made = label_made(name="vip")
    assert (was_made, label_made(name="VIP")) == (True, (label, False))


def test_a_label_that_is_carried_is_not_put_away(write, member):
    label = label_named(name="vip")
    conversation = write("m1").conversation
    work.add_label(conversation=conversation, label=label, member=member)
    archive_unused(pk=label.pk)
    assert Label.objects.get().archived_at is None
    work.remove_label(conversation=conversation, label=label, member=member)
    archive_unused(pk=label.pk)
    assert Label.objects.get().archived_at is not None
