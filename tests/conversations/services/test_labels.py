from django.utils import timezone

from conversations.models import Label
from conversations.services.labels import label_named


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
