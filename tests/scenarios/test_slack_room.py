"""A Slack channel of 40 people: threads are matters, and an entry stands only with those whom it concerns."""

from conversations.models import TimelineRef
from tests.scenarios.story import Story, counted, slack_user, thread, timeline

PEOPLE = [f"U{number}" for number in range(1, 41)]


def test_forty_people_have_forty_timelines(story: Story) -> None:
    roots = [story.slack(user, f"{user} asks") for user in PEOPLE]
    replies = [story.slack(user, f"{user} adds", re=root) for user, root in zip(PEOPLE, roots, strict=True)]

    assert {got.rule for got in roots} == {"new"}
    assert {got.rule for got in replies} == {"thread"}
    assert counted() == (40, 40, 80)
    assert TimelineRef.objects.count() == 80
    assert [timeline(got.contact) for got in roots[:2]] == [["U1 asks", "U1 adds"], ["U2 asks", "U2 adds"]]


def test_whom_the_requester_addresses_takes_part(story: Story) -> None:
    root = story.slack("U1", "The deploy hangs. @U2, can you tell more?", to=[slack_user("U2")])
    detail = story.slack("U2", "Since nine o'clock", re=root)
    bystander = story.slack("U3", "Same here", re=root)
    more = story.slack("U3", "Since ten", re=root)

    assert [detail.rule, bystander.rule, more.rule] == ["thread", "new", "thread"]
    assert thread(root) == ["The deploy hangs. @U2, can you tell more?", "Since nine o'clock"]
    assert thread(bystander) == ["Same here", "Since ten"]
    assert bystander.conversation is not None
    assert bystander.conversation.linked_to == root.conversation
    assert timeline(detail.contact) == thread(root)
    assert timeline(bystander.contact) == ["Same here", "Since ten"]


def test_a_second_root_is_a_second_matter(story: Story) -> None:
    first = story.slack("U1", "The deploy hangs")
    second = story.slack("U1", "And I need a seat for Tim")

    assert second.rule == "new"
    assert second.conversation is not None
    assert second.conversation.linked_to == first.conversation
    assert story.slack("U1", "It is back", re=first).conversation == first.conversation
    assert counted() == (2, 1, 3)
