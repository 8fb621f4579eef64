from contacts.services import people
from conversations.models import TimelineRef
from conversations.services.arrivals import Received


def on_timeline_of(account) -> int:
    return TimelineRef.objects.filter(account=account).count()


def test_what_was_written_joins_the_first_account_and_stays_there(write):
    first: Received = write("m1")
    assert first.contact is not None
    assert first.conversation is not None
    northwind, kestrel = people.create_account(name="Northwind"), people.create_account(name="Kestrel")
    people.affiliate(contact=first.contact, account=northwind)
    first.conversation.refresh_from_db()
    assert first.conversation.account == northwind
    assert on_timeline_of(northwind) == 1
    people.affiliate(contact=first.contact, account=kestrel)
    write("m2", thread_keys=("m1",), starts_thread=False)
    assert (on_timeline_of(northwind), on_timeline_of(kestrel)) == (1, 1)
