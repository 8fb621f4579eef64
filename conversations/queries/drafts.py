"""What a member has begun to write in a conversation."""

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.models import Attachment, KeptDraft
from conversations.queries.parts import asked
from tenancy.models import Member
from tenancy.reading import Found, Reading

DRAFTS = """
    SELECT id, mode, text, html, way, cc, bcc, attachments, revision, others FROM conversations_keptdraft
    WHERE workspace_id = %(workspace)s AND member_id = %(member)s AND conversation_id = (SELECT id FROM asked)"""
FILES = f"""
    SELECT id, name, size FROM conversations_attachment
    WHERE workspace_id = %(workspace)s AND entry_id IS NULL
        AND id = ANY(ARRAY(SELECT unnest(attachments) FROM ({DRAFTS}) begun))
    ORDER BY id"""


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft with its files; `other` is the newest text that another window had written meanwhile."""

    draft: KeptDraft
    files: Sequence[Attachment]

    @property
    def other(self) -> str:
        return str(self.draft.others[0]["text"]) if self.draft.others else ""


def begun_in(number: int, member: Member) -> Reading[dict[str, Begun]]:
    """The member's drafts in the conversation of a number, by what they are to be."""

    def make(found: Found) -> dict[str, Begun]:
        files = {file.pk: file for file in found.of(Attachment, "draft_files")}
        return {
            draft.mode: Begun(draft, [files[pk] for pk in draft.attachments if pk in files])
            for draft in found.of(KeptDraft, "drafts")
        }

    about = asked(number)
    facts = about["facts"] | {"member": member.pk}
    return Reading({"drafts": DRAFTS, "draft_files": FILES}, make, about["given"], facts)


def revisions(number: int, member: Member) -> dict[str, int]:
    """How often each of the member's drafts in a conversation has been saved."""
    rows = KeptDraft.objects.filter(conversation__number=number, member=member)
    return dict(rows.values_list("mode", "revision"))
