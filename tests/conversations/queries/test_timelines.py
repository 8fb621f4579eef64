from contacts.queries import whom
from contacts.services.people import affiliate, create_account
from conversations.queries import timelines
from conversations.services import work
from tests.conversations.queries.conftest import person


def texts(page: timelines.Timeline) -> list[str]:
    return [moment.entry.preview for moment in page.moments]


def test_a_timeline_is_newest_first_over_all_channels(write, clock, sms):
    contact = write("m1", text="by mail").contact
    clock.shift(60)
    write("s1", channel=sms, sender=person("+12065550142"), text="somebody else")
    clock.shift(60)
    write("m2", text="again", sender=person())
    assert texts(timelines.contact_page(whom(contact)).read()) == ["again", "by mail"]


def test_the_first_account_has_all_that_its_people_said(write, clock):
    contact = write("m1", text="before").contact
    account = create_account(name="Northwind")
    affiliate(contact=contact, account=account)
    clock.shift(60)
    write("m2", text="since")
    assert texts(timelines.account_page(account).read()) == ["since", "before"]


def test_pages_go_on_below_the_cursor(write, clock):
    for number in range(3):
        clock.shift(60)
        contact = write(f"m{number}", text=f"text {number}").contact
    page = timelines.contact_page(whom(contact), size=2).read()
    assert texts(page) == ["text 2", "text 1"]
    rest = timelines.contact_page(whom(contact), before=page.older, size=2).read()
    assert (texts(rest), rest.older) == (["text 0"], None)


def test_days_are_the_readers(write, clock, settings):
    contact = write("m1").contact
    clock.shift(86400)
    write("m2")
    assert [str(day) for day, _ in timelines.contact_page(whom(contact)).read().days] == [
        "2026-03-03",
        "2026-03-02",
    ]


def test_what_is_done_comes_after_what_is_not(write, member):
    one, two = write("m1").conversation, write("m2", subject="Other").conversation
    work.resolve(conversation=one, member=member)
    assert timelines.others_with(whom(two.contact)).read() == [two, one]


def test_a_page_takes_one_query(write, queries):
    contact = write("m1").contact
    assert queries(lambda: timelines.contact_page(whom(contact)).read().days) == 1
    for number in (2, 3):
        write(f"m{number}")
    assert (
        queries(
            lambda: [
                str(moment.entry.conversation)
                for moment in timelines.contact_page(whom(contact)).read().moments
            ]
        )
        == 1
    )
