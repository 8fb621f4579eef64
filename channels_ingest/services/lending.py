"""Lending a file out: an address at which anybody who knows it gets the file, without signing in, for a day.

Some providers take no files but fetch them, and a visitor's browser shows those of a chat on another site. Twilio
may keep a message for ten hours before it sends it, and asks for its files only then; each attempt to send makes
new addresses, and so does each list of a chat's messages. What is deleted or erased is lent out no longer.
"""

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from conversations.models import Attachment
from tenancy.models import Workspace
from tenancy.scope import scope

DAY = 24 * 3600  # seconds for which an address is good


def lent_url(file: Attachment) -> str:
    """A public address of a file of an entry."""
    signed = _signer().sign(f"{file.workspace_id}-{file.pk}")
    return settings.PUBLIC_URL + reverse("channels_ingest:lent_file", args=[signed])


def find_lent(signed: str) -> Attachment | None:
    """The file behind what was signed; None for what is not ours, too old, or not to be had any more."""
    try:
        workspace_id, pk = map(int, _signer().unsign(signed, max_age=DAY).split("-"))
    except (BadSignature, ValueError):
        return None
    with scope(workspace_id):
        return Attachment.objects.filter(
            pk=pk,
            state=Attachment.State.STORED,
            entry__isnull=False,
            entry__deleted_at=None,
            workspace__status=Workspace.Status.ACTIVE,
        ).first()


def _signer() -> TimestampSigner:
    """Made when it is needed: the first start of `up` has no key to sign with yet."""
    return TimestampSigner(salt="lent.file", sep=".")
