"""Two people who share a phone are never joined: names keep them apart, or an agent says so."""

from contacts.services.people import share_identity
from contacts.types import AddressKind
from tests.scenarios.story import Story, address, counted, suggested, thread, timeline

PHONE = "+4915550001"


def test_two_names_on_one_phone_are_two_people(story: Story) -> None:
    anna = story.whatsapp(PHONE, "My parcel is late", name="Anna Berg")
    number = address(AddressKind.PHONE, PHONE)
    ben = story.say(
        "telegram", address(AddressKind.TELEGRAM, "1001", name="Ben Berg", also=[number]), "Cancel it"
    )
    again = story.whatsapp(PHONE, "Any news?", name="Anna Berg")

    assert counted() == (2, 2, 3)
    assert suggested(ben, anna)
    assert again.rule == "continuity"
    assert timeline(anna.contact) == ["My parcel is late", "Any news?"]
    assert timeline(ben.contact) == ["Cancel it"]


def test_a_phone_marked_as_shared_joins_nobody(story: Story) -> None:
    first = story.sms(PHONE, "Anna here, my parcel is late")
    assert first.entry.identity is not None
    share_identity(identity=first.entry.identity)
    second = story.sms(PHONE, "Ben here, cancel my order")
    third = story.whatsapp(PHONE, "Has it left?", name="Anna Berg")

    assert [second.rule, third.rule] == ["new", "new"]
    assert counted() == (3, 2, 3)
    assert thread(second) == ["Ben here, cancel my order"]
    assert not suggested(third, first)
