"""What is found of what is written: at once, as it reads now, and no more once it is erased."""

from itertools import count

import pytest
from django.core.management import call_command

from contacts.services import notes, people
from contacts.types import AddressKind
from conversations.models import Attachment, EntryBody
from conversations.services import edits, reindexing, work
from conversations.services.notes import note
from conversations.types import IncomingFile
from tenancy import search
from tenancy.models import SearchRow, Workspace
from tenancy.search import Ask, Kind
from tests.conversations.services.conftest import person


@pytest.fixture
def say(write):
    """`say("words", subject=…)`: Dana's mail of these words is received."""
    numbers = count(1)

    def said(text: str, **fields):
        return write(f"m{next(numbers)}", text=text, sender=person("dana@northwind.example"), **fields)

    return said


def found(words: str, kind: Kind = Kind.ENTRY) -> list[int]:
    return [one.of for one in search.find([Ask(kind, words)], most=20)]


def test_a_message_is_found_by_its_words_subject_and_people(in_scope, say, mail):
    got = say("The parcel is late", subject="Order 31877")
    assert found("'~parcel'") == found("'~31877':C") == found("'~dana':A") == [got.entry.pk]
    assert found(f"'~=c{mail.pk}'") == found("'~=kmessage'") == [got.entry.pk]
    assert found("'~31877':C", Kind.CONVERSATION) == found(
        f"'~=n{got.conversation.number}'", Kind.CONVERSATION
    )
    assert found("'~31877':C", Kind.CONVERSATION) == [got.conversation.pk]
    assert found("'~northwind'", Kind.CONTACT) == [got.contact.pk]


def test_an_address_that_is_the_contacts_again_finds_them_again(in_scope, say):
    contact = say("Hello").contact
    phone = people.add_identity(contact=contact, kind=AddressKind.PHONE, value="+12065550142")
    people.remove_identity(identity=phone)
    assert found("'~#5550142'", Kind.CONTACT) == []
    people.confirm_identity(identity=phone)
    assert found("'~#5550142'", Kind.CONTACT) == [contact.pk]


def test_quoted_history_is_not_searched_again(in_scope, say):
    say("New words", quoted="> some history")
    assert found("'~history'") == []


def test_an_edit_changes_what_is_found_and_an_erasure_ends_it(in_scope, say):
    file = IncomingFile("invoice.pdf", "application/pdf", b"x")
    got = say("The old word", files=(file,))
    edits.edit(entry=got.entry, text="The new word")
    assert (found("'~old'"), found("'~new'")) == ([], [got.entry.pk])
    assert found("'~invoic'", Kind.FILE) == [Attachment.objects.get().pk]
    edits.erase(entry=got.entry)
    assert (found("'~new'"), found("'~invoic'", Kind.FILE), found("'~dana':A")) == ([], [], [])
    assert list(reindexing.differences()) == []


def test_a_conversation_is_found_by_its_new_subject(in_scope, say, member):
    conversation = say("Hello", subject="Before").conversation
    work.rename(conversation=conversation, subject="Afterwards", member=member)
    assert found("'~before'", Kind.CONVERSATION) == []
    assert found("'~afterward'", Kind.CONVERSATION) == [conversation.pk]


def test_notes_and_their_files_are_found(in_scope, say, member):
    conversation = say("Hello").conversation
    file = Attachment.objects.create(name="contract.pdf", content_type="application/pdf", size=1)
    entry = note(conversation=conversation, member=member, text="Call them back", attachments=[file])
    assert found("'~call' & '~=knote'") == [entry.pk]
    assert found("'~contract'", Kind.FILE) == [file.pk]


def test_contacts_and_accounts_are_found_by_all_that_is_known(in_scope):
    contact = people.create_contact(name="Zoë Ångström", facts={"shoe": {"size": 38}})
    people.add_identity(contact=contact, kind=AddressKind.PHONE, value="+12065550142")
    account = people.create_account(name="Northwind Robotics", domains=["northwind.example"])
    ours = [contact.pk]
    assert found("'~zoe' & '~angstrom'", Kind.CONTACT) == found("'~38'", Kind.CONTACT) == ours
    assert found("'~#65550142'", Kind.CONTACT) == found("'~#5550142'", Kind.CONTACT) == ours
    assert found("'~robotic' & '~northwind'", Kind.ACCOUNT) == [account.pk]
    people.update_contact(contact=contact, name="Zoë Lind", facts={})
    assert (found("'~angstrom'", Kind.CONTACT), found("'~lind'", Kind.CONTACT)) == ([], ours)
    people.update_account(account=account, domains=["other.example"], name="Southwind")
    assert (found("'~northwind'", Kind.ACCOUNT), found("'~southwind'", Kind.ACCOUNT)) == ([], [account.pk])


def test_contacts_and_accounts_are_found_by_private_notes(in_scope, member):
    contact, account = people.create_contact(name="Zoe"), people.create_account(name="Northwind")
    for about, kind in ((contact, Kind.CONTACT), (account, Kind.ACCOUNT)):
        kept = notes.write(about=about, member=member, text="Collects stamps")
        assert found("'~stamp'", kind) == [about.pk]
        notes.edit(note=kept, member=member, text="Collects coins")
        assert (found("'~stamp'", kind), found("'~coin'", kind)) == ([], [about.pk])
        notes.archive(note=kept, member=member)
        assert found("'~coin'", kind) == []
        notes.bring_back(note=kept, member=member)
        assert found("'~coin'", kind) == [about.pk]
    assert list(reindexing.differences()) == []


@pytest.fixture
def before_search(in_scope, say):
    """What was there before there was an index."""
    file = IncomingFile("invoice.pdf", "application/pdf", b"x")
    got = [say(f"Word{number}", subject=f"Matter {number}", files=(file,)) for number in range(3)]
    erased = say("Nothing of this")
    edits.erase(entry=erased.entry)
    SearchRow.objects.all().delete()
    return got


def test_rows_from_before_come_into_the_index_by_turns(before_search, workspace, monkeypatch):
    monkeypatch.setattr(reindexing, "AT_ONCE", 2)
    edits.edit(entry=before_search[1].entry, text="Meanwhile")
    assert reindexing.unfinished() == [workspace.pk]
    turn, turns = reindexing.go_on(workspace.pk, None, 0), 1
    while turn:
        assert reindexing.unfinished() == []  # somebody is at it
        turn, turns = reindexing.go_on(workspace.pk, *turn), turns + 1
    assert turns > 5
    assert list(reindexing.differences()) == []
    assert found("'~word2'") == [before_search[2].entry.pk]
    assert found("'~meanwhil'") == [before_search[1].entry.pk]
    assert Workspace.objects.get().searched_since is not None
    assert reindexing.unfinished() == []


def test_rows_of_an_older_version_are_put_again(before_search, workspace):
    for _ in reindexing.rebuild(workspace.pk):
        pass
    assert reindexing.unfinished() == []
    SearchRow.objects.filter(kind=Kind.ENTRY, of=before_search[1].entry.pk).update(words="")
    Workspace.objects.update(searched_as=search.VERSION - 1)
    assert reindexing.unfinished() == [workspace.pk]
    turn = reindexing.go_on(workspace.pk, None, 0)
    while turn:
        turn = reindexing.go_on(workspace.pk, *turn)
    assert list(reindexing.differences()) == []
    assert reindexing.unfinished() == []


def test_what_differs_is_told_and_put_right(before_search, workspace, capsys):
    reindexing.put_all()
    first, second, _ = (one.entry.pk for one in before_search)
    SearchRow.objects.filter(kind=Kind.ENTRY, of=first).delete()
    EntryBody.objects.filter(entry=second).update(text="Past the services")
    SearchRow.objects.filter(kind=Kind.CONTACT).update(of=77)
    told = set(reindexing.differences())
    assert told >= {
        (Kind.ENTRY, first, "is missing"),
        (Kind.ENTRY, second, "says something else"),
        (Kind.CONTACT, 77, "there is no such row any more"),
    }
    call_command("reindex", workspace.slug)
    assert capsys.readouterr().out.endswith("rows are in the index.\n")
    assert list(reindexing.differences()) == []
