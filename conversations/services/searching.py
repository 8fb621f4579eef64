"""What is searched of conversations, of what was said in them, and of files by their names."""

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import prefetch_related_objects

from contacts.services.searching import values
from conversations.models import Attachment, Conversation, Entry, EntryBody
from tenancy import search
from tenancy.search import Field, Kind, Text

SEARCHED = (Entry.Kind.MESSAGE, Entry.Kind.NOTE, Entry.Kind.CALL)
PEOPLE = ("contact", "identity", "member")


def put_conversations(conversations: Sequence[Conversation], *, fresh: bool = False) -> None:
    """Let conversations be found by their subjects, whom they are with, and their numbers."""
    search.put(conversation_texts(conversations), fresh=fresh)


def put_written(written: Sequence[tuple[Entry, str, Sequence[Attachment]]]) -> None:
    """Let entries that have just been written be found by what they say, and their files by name."""
    searched = [one for one in written if one[0].kind in SEARCHED]
    prefetch_related_objects([entry for entry, _, _ in searched], *PEOPLE)
    texts = [_entry_text(entry, text) for entry, text, _ in searched]
    texts += [_file_text(file, entry) for entry, _, files in searched for file in files]
    search.put(texts, fresh=True)


def put_entry(entry: Entry) -> None:
    """Let an entry be found by what it says now, and no longer by what it said before."""
    search.put(entry_texts([entry]))


def put_files(files: Sequence[Attachment]) -> None:
    """Let files of entries be found by the names that they have now."""
    search.put(file_texts(files))


def drop_files(ids: Sequence[int]) -> None:
    """Let files be found no more."""
    search.drop(Kind.FILE, ids)


def drop_entry(entry: Entry) -> None:
    """Let an entry and its files be found no more."""
    search.drop(Kind.ENTRY, [entry.pk])
    search.drop(Kind.FILE, Attachment.objects.filter(entry=entry).values_list("pk", flat=True))


def conversation_texts(conversations: Sequence[Conversation]) -> list[Text]:
    """What is searched of conversations."""
    prefetch_related_objects(conversations, "contact")
    return [_conversation_text(row) for row in sorted(conversations, key=lambda one: one.pk)]


def entry_texts(entries: Sequence[Entry]) -> list[Text]:
    """What is searched of entries, as they read now: nothing of those that were erased."""
    prefetch_related_objects(entries, "conversation", *PEOPLE)
    newest = EntryBody.objects.filter(entry__in=entries).order_by("entry", "-version").distinct("entry")
    bodies = {body.entry_id: body for body in newest}
    said = [(entry, bodies.get(entry.pk)) for entry in sorted(entries, key=lambda one: one.pk)]
    return [
        _entry_text(entry, body.text if body else "")
        for entry, body in said
        if entry.kind in SEARCHED and not (body and body.erased_at)
    ]


def file_texts(files: Sequence[Attachment]) -> list[Text]:
    """What is searched of files that belong to entries."""
    prefetch_related_objects(files, "entry")
    kept = [(file, file.entry) for file in files if file.entry]
    prefetch_related_objects([entry for _, entry in kept], *PEOPLE)
    return [_file_text(file, entry) for file, entry in sorted(kept, key=lambda one: one[0].pk)]


def _conversation_text(row: Conversation) -> Text:
    words = [(Field.SUBJECT, row.subject), (Field.TEXT, str(row.number))]
    words += [(Field.TEXT, value) for value in values(row.attributes)]
    if row.contact:
        words.append((Field.FROM, row.contact.name))
    return Text(Kind.CONVERSATION, row.pk, row.created_at, words, [f"n{row.number}"])


def _entry_text(entry: Entry, text: str) -> Text:
    subject = str(entry.data.get("subject") or (entry.conversation.subject if entry.conversation else ""))
    words = [*_people(entry), (Field.SUBJECT, subject), (Field.TEXT, text)]
    return Text(Kind.ENTRY, entry.pk, entry.at, words, [*_facts(entry)])


def _file_text(file: Attachment, entry: Entry) -> Text:
    return Text(Kind.FILE, file.pk, entry.at, [*_people(entry), (Field.TEXT, file.name)], [*_facts(entry)])


def _people(entry: Entry) -> Iterator[tuple[Field, str]]:
    """Who wrote it, and to whom."""
    theirs = Field.TO if entry.direction == Entry.Direction.OUT else Field.FROM
    if entry.contact:
        yield theirs, entry.contact.name
    if entry.identity:
        yield theirs, entry.identity.verbatim or entry.identity.value
    if entry.member:
        yield Field.FROM, entry.member.name
    for address in (*entry.data.get("to", ()), *entry.data.get("cc", ())):
        yield Field.TO, str(address)


def _facts(entry: Entry) -> Iterable[str]:
    """What operators ask for that no word says."""
    yield f"k{entry.kind}"
    if entry.channel_id:
        yield f"c{entry.channel_id}"
    if entry.member_id:
        yield f"m{entry.member_id}"
    if entry.file_count:
        yield "f"
