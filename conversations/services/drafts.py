"""What members have begun to write: kept here, from window to window, until it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations import richtext
from conversations.models import Attachment, Conversation, Delivery, Entry, EntryBody, KeptDraft
from conversations.services import files
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id

MOST_OTHERS = 5
Mode = KeptDraft.Mode


class Gone(Exception):
    """The draft was sent or thrown away after this window had saved it: what is late must not bring it back."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a composer holds. `html` is a browser's, not yet cleaned; `way` is the key of a Way; copies are as
    typed; `attachments` are ids of the member's uploads."""

    text: str = ""
    html: str = ""
    way: str = ""
    cc: str = ""
    bcc: str = ""
    attachments: Sequence[int] = ()

    @property
    def is_empty(self) -> bool:
        return not self.text.strip() and not self.attachments


@transaction.atomic
def keep(
    *,
    conversation: Conversation,
    member: Member,
    mode: str,
    written: Written,
    revision: int | None = None,
    writer: str = "",
) -> KeptDraft | None:
    """Keep what a window has now; None where that is nothing. `revision` is the one that it was made from, 0 for a
    new draft; None writes over whatever is there.

    What another window has kept since goes to the draft's `others`. Raises Gone.
    """
    written = _own(written, member)
    kept = _locked(conversation, member, mode)
    if kept is None:
        if revision:
            raise Gone
        return None if written.is_empty else _make(conversation, member, mode, written, writer)
    is_mine = bool(writer) and writer == kept.writer
    is_meanwhile = revision is not None and revision != kept.revision and not is_mine
    if written.is_empty and not kept.others and not (is_meanwhile and _says(kept)):
        discard(conversation=conversation, member=member, mode=mode)
        return None
    if is_meanwhile:
        written = _set_aside(kept, written)
    _save(kept, written, writer)
    return kept


@transaction.atomic
def take_other(*, conversation: Conversation, member: Member, mode: str, use: bool) -> KeptDraft | None:
    """Settle what two windows have written: `use` the newest of the other texts in place of this one, which then
    is the other; or forget them."""
    kept = _locked(conversation, member, mode)
    if kept is None:
        return None
    if not use:
        kept.others = []
    elif kept.others:
        newest, *rest = kept.others
        kept.others = [{"text": kept.text, "html": kept.html}, *rest] if _says(kept) else rest
        kept.text, kept.html = newest["text"], newest["html"]
    _save(kept, None, "")
    return kept


def discard(*, conversation: Conversation, member: Member, mode: str) -> None:
    """Forget a draft: it was sent, or nobody wants it. Its files that no entry has taken go later (`tidy`)."""
    gone, _ = KeptDraft.objects.filter(conversation=conversation, member=member, mode=mode).delete()
    if gone:
        _tell(conversation, member)


def put_back(*, entry: Entry, member: Member) -> KeptDraft:
    """Make a draft again of a message that was taken back, with its files. What the member has begun since stands
    below it."""
    assert entry.conversation is not None
    body = EntryBody.objects.filter(entry=entry).latest("version")
    hidden = Delivery.objects.filter(entry=entry, is_hidden=True).select_related("identity")
    written = Written(
        text=body.text,
        html=body.html,
        way=f"{entry.channel_id}:{entry.identity_id}",
        cc=", ".join(entry.data.get("cc", [])),
        bcc=", ".join(each.identity.verbatim or each.identity.value for each in hidden.order_by("pk")),
        attachments=files.detach(entry, member),
    )
    begun = _locked(entry.conversation, member, Mode.REPLY)
    if begun is None:
        return _make(entry.conversation, member, Mode.REPLY, written, "")
    _save(begun, _joined(written, _content(begun)), "")
    return begun


@transaction.atomic
def carry(*, conversation: Conversation, to: Conversation, member: Member, written: Written) -> None:
    """Bring what a member is answering in one conversation to another, below what they have begun there."""
    written = _own(written, member)
    left = _locked(conversation, member, Mode.REPLY)
    discard(conversation=conversation, member=member, mode=Mode.REPLY)
    if written.is_empty:
        return
    begun = _locked(to, member, Mode.REPLY)
    if begun is None:
        begun = _make(to, member, Mode.REPLY, written, "")
    else:
        _save(begun, _joined(_content(begun), written), "")
    if left and left.others:
        begun.others = [*left.others, *begun.others][:MOST_OTHERS]
        begun.save(update_fields=["others"])


@transaction.atomic
def add(*, conversation: Conversation, member: Member, text: str, html: str = "") -> KeptDraft:
    """Put a text below what the member has begun to answer. `html` is clean."""
    begun = _locked(conversation, member, Mode.REPLY)
    if begun is None:
        return _make(conversation, member, Mode.REPLY, Written(text, html), "")
    _save(begun, _joined(_content(begun), Written(text, html)), "")
    return begun


def _content(kept: KeptDraft) -> Written:
    return Written(kept.text, kept.html, kept.way, kept.cc, kept.bcc, kept.attachments)


def _joined(first: Written, second: Written) -> Written:
    """Two texts below each other, with the files of both."""
    html = ""
    if first.html or second.html:
        html = "<div><br></div>".join(_html_of(one) for one in (first, second) if one.text.strip())
    return replace(
        first,
        text="\n\n".join(one.text for one in (first, second) if one.text.strip()),
        html=html,
        attachments=[*first.attachments, *second.attachments],
    )


def _html_of(said: Written) -> str:
    return said.html or richtext.of_text(said.text)


def _own(written: Written, member: Member) -> Written:
    """With clean HTML, the text that it says, and no files but the member's own that wait for their entry."""
    html = richtext.clean(written.html) if written.html else ""
    free = Attachment.objects.filter(pk__in=written.attachments, entry=None, member=member)
    known = set(free.values_list("pk", flat=True)) if written.attachments else set()
    return replace(
        written,
        html=html,
        text=richtext.plain(html) if html else written.text,
        attachments=[pk for pk in dict.fromkeys(written.attachments) if pk in known],
    )


def _locked(conversation: Conversation, member: Member, mode: str) -> KeptDraft | None:
    rows = KeptDraft.objects.select_for_update()
    return rows.filter(conversation=conversation, member=member, mode=mode).first()


def _make(conversation: Conversation, member: Member, mode: str, written: Written, writer: str) -> KeptDraft:
    kept, is_new = KeptDraft.objects.get_or_create(
        conversation=conversation, member=member, mode=mode, defaults=_columns(written) | {"writer": writer}
    )
    if not is_new:  # two windows began at the same moment
        _save(kept, _set_aside(kept, written), writer)
    _tell(conversation, member)
    return kept


def _set_aside(kept: KeptDraft, written: Written) -> Written:
    """Put what stands there aside for what is written now, which gets its files besides. Texts that others go on
    from are not kept."""
    others = [{"text": kept.text, "html": kept.html}, *kept.others]
    others = [each for each in others if each["text"].strip() and not written.text.startswith(each["text"])]
    unlike = [
        each
        for place, each in enumerate(others)
        if not any(other["text"].startswith(each["text"]) for other in others[:place])
    ]
    kept.others = unlike[:MOST_OTHERS]
    return replace(written, attachments=list(dict.fromkeys([*kept.attachments, *written.attachments])))


def _save(kept: KeptDraft, written: Written | None, writer: str) -> None:
    for name, value in (_columns(written) if written else {}).items():
        setattr(kept, name, value)
    kept.revision += 1
    kept.writer, kept.updated_at = writer, timezone.now()
    kept.save()


def _columns(written: Written) -> dict[str, Any]:
    return {
        "text": written.text,
        "html": written.html,
        "way": written.way[:60],
        "cc": written.cc,
        "bcc": written.bcc,
        "attachments": list(written.attachments),
    }


def _says(kept: KeptDraft) -> bool:
    return bool(kept.text.strip() or kept.attachments)


def _tell(conversation: Conversation, member: Member) -> None:
    """Let the member's own lists and counts follow."""
    push(current_workspace_id(), f"member:{member.pk}", [conversation.pk])
