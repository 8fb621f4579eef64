"""What people fill in about conversations, checked before a service sees it."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.addresses import normalise
from contacts.types import AddressKind
from conversations import richtext
from conversations.models import Bulk, Conversation, KeptDraft, Label
from conversations.queries.compose import Offer, Way, colleagues
from conversations.queries.places import by_number
from conversations.services.bulk.deeds import to_whom
from conversations.services.drafts import Written
from conversations.services.labels import label_made
from tenancy.keyset import MOST
from tenancy.models import Member, Team

COPIES = 50
FAR = timedelta(days=3660)
LONGEST_HTML = 1_000_000  # characters
FILES = 20


def time_to_come(text: str) -> datetime:
    """An ISO time, in the reader's zone where it names none. Raises ValidationError unless it is still to come."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValidationError(_("Choose a date and a time.")) from error
    at = timezone.make_aware(at) if timezone.is_naive(at) else at
    if not timezone.now() < at < timezone.now() + FAR:
        raise ValidationError(_("Choose a time that is still to come."))
    return at


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files of one field."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > FILES:
            raise ValidationError(_("At most %(limit)d files at once."), params={"limit": FILES})
        return list(files)


class TypedField(forms.CharField):
    """Mail addresses as typed, with commas between them, in any number of fields of one name."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> Any:
        typed = ",".join(str(one) for one in value or ()).replace(";", ",").split(",")
        return ", ".join(dict.fromkeys(part.strip() for part in typed if part.strip()))


class AddressesField(TypedField):
    """The same, checked."""

    def clean(self, value: Any) -> Any:
        typed = str(super().clean(value))
        found = typed.split(", ") if typed else []
        if len(found) > COPIES:
            raise ValidationError(_("At most %(limit)d copies."), params={"limit": COPIES})
        return list(dict.fromkeys(normalise(AddressKind.EMAIL, address) for address in found))


class NumbersField(forms.Field):
    """Ids, as many fields of one name carry them; what is none is left out."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[int]:
        numbers = [int(one) for one in value or () if str(one).isdecimal() and len(str(one)) < 19]
        return list(dict.fromkeys(numbers))


class ChosenForm(forms.Form):
    """Which conversations: `only` one, else `all` of a `view`, else those of each `number`."""

    only = NumbersField(required=False)
    number = NumbersField(required=False)
    all = forms.BooleanField(required=False)
    view = forms.CharField(required=False)


class WayForm(forms.Form):
    """Something that is sent: the way it goes, one of those that are open, and its files."""

    way = forms.CharField(error_messages={"required": _("Choose how to answer.")})
    text = forms.CharField(required=False, strip=True)
    html = forms.CharField(required=False, max_length=LONGEST_HTML)
    uploads = FilesField(required=False)
    attachments = NumbersField(required=False)

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ways = {way.key: way for way in offer.ways}
        self.closed = {closed.key: closed.why for closed in offer.closed}

    def clean_text(self) -> str:
        """The text with the line ends that count as one character: a browser's form sends two."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        """HTML as it may leave, with the text that says the same. None of it where its words say all, and on a way
        that carries text alone."""
        data = super().clean() or {}
        way, html = data.get("way"), richtext.clean(data.get("html") or "")
        if html:
            data["text"] = richtext.plain(html)
        data["html"] = html if way and way.limits.html and richtext.is_formatted(html) else ""
        return data

    def clean_way(self) -> Way:
        """The way chosen, while it is still open."""
        asked = self.cleaned_data["way"]
        way = self.ways.get(asked)
        if way is None:
            why = self.closed.get(asked) or _("This address can no longer be reached.")
            raise ValidationError(_("%(why)s Choose another way."), params={"why": why})
        return way


class ReplyForm(WayForm):
    """An answer: to whom else, what the writer had seen, and what the conversation becomes."""

    cc = AddressesField(required=False)
    bcc = AddressesField(required=False)
    seen = forms.IntegerField(required=False, min_value=0)
    then = forms.ChoiceField(
        required=False, choices=[(status, status) for status in ("pending", "open", "resolved")]
    )

    send_at = forms.CharField(required=False)
    later = forms.CharField(required=False)

    def clean_later(self) -> datetime | None:
        """When it is to leave: a time that a button names, or `at` the time of the field beside it."""
        asked = self.cleaned_data["send_at"]
        return time_to_come(self.cleaned_data["later"] if asked == "at" else asked) if asked else None

    def clean_then(self) -> str:
        return self.cleaned_data["then"] or Conversation.Status.PENDING


class StartForm(WayForm):
    """A new conversation, begun by us."""

    subject = forms.CharField(max_length=300, required=False)
    cc = AddressesField(required=False)
    bcc = AddressesField(required=False)

    def clean(self) -> dict[str, Any]:
        """A mail has a subject, other messages have none; only mails have copies."""
        data = super().clean()
        way = data.get("way")
        if way is not None and not way.mails:
            data |= {"subject": "", "cc": [], "bcc": []}
        elif way is not None and not data.get("subject") and "subject" not in self.errors:
            self.add_error("subject", _("Give the mail a subject."))
        if "text" in data and not data["text"] and not (data.get("uploads") or data.get("attachments")):
            self.add_error("text", _("Write something first."))
        return data


class EffortForm(forms.Form):
    """Seconds in focus, as a browser counts them; `report` is the same when it says them again."""

    report = forms.UUIDField()
    seconds = forms.IntegerField(min_value=1)


class NoteForm(forms.Form):
    """A note for colleagues."""

    text = forms.CharField(required=False, strip=True)
    uploads = FilesField(required=False)
    attachments = NumbersField(required=False)


class UploadForm(forms.Form):
    """Files that are to go with what is being written."""

    uploads = FilesField()
    mode = forms.ChoiceField(required=False, choices=[*KeptDraft.Mode.choices, ("side", "")])


class DraftForm(forms.Form):
    """What a window has of a draft, from which saving it was made, and whether another text takes its place."""

    mode = forms.ChoiceField(choices=KeptDraft.Mode.choices)
    revision = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    writer = forms.CharField(required=False, max_length=36)
    other = forms.ChoiceField(required=False, choices=[("use", "use"), ("forget", "forget")])
    text = forms.CharField(required=False, strip=False)
    html = forms.CharField(required=False, max_length=LONGEST_HTML)
    way = forms.CharField(required=False, max_length=60)
    cc = TypedField(required=False)
    bcc = TypedField(required=False)
    attachments = NumbersField(required=False)

    @property
    def written(self) -> Written:
        """It as a draft."""
        said = self.cleaned_data
        text = said["text"].replace("\r\n", "\n")
        return Written(text, said["html"], said["way"], said["cc"], said["bcc"], said["attachments"])


class AssignmentForm(forms.Form):
    """Whose the conversation is to be, and which team's: each only where it is said, nobody's when it is empty."""

    member = forms.IntegerField(required=False)
    team = forms.IntegerField(required=False)

    @property
    def facts(self) -> dict[str, Any]:
        """Ids of what is said, for the deed, with their names: an empty form is nobody's."""
        said = [name for name in ("member", "team") if name in self.data] or ["member"]
        chosen = [to_whom(kind=name, row=self.cleaned_data[name]) for name in said]
        return {key: value for facts in chosen for key, value in facts.items()}

    def clean_team(self) -> Team | None:
        chosen = self.cleaned_data["team"]
        if chosen is None:
            return None
        found = Team.objects.filter(pk=chosen, archived_at=None).first() if 0 < chosen < MOST else None
        if found is None:
            raise ValidationError(_("There is no such team any more."))
        return found

    def clean_member(self) -> Member | None:
        chosen = self.cleaned_data["member"]
        if chosen is None:
            return None
        found = next((member for member in colleagues().read() if member.pk == chosen), None)
        if found is None:
            raise ValidationError(_("This person is no longer a member."))
        return found


class SnoozeForm(forms.Form):
    """Until when: an ISO time from a button, or what a date field gives in the reader's zone."""

    until = forms.CharField(error_messages={"required": _("Choose a date and a time.")})

    def clean_until(self) -> datetime:
        return time_to_come(self.cleaned_data["until"])


class DueForm(forms.Form):
    """By when: what a date field gives in the reader's zone, or an ISO time; by no time when empty."""

    due = forms.CharField(required=False)

    def clean_due(self) -> datetime | None:
        if not (text := self.cleaned_data["due"]):
            return None
        try:
            due = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValidationError(_("Choose a date and a time.")) from error
        due = timezone.make_aware(due) if timezone.is_naive(due) else due
        if abs(due - timezone.now()) > FAR:
            raise ValidationError(_("Choose a time within ten years."))
        return due


class PriorityForm(forms.Form):
    """How urgent."""

    priority = forms.TypedChoiceField(choices=Conversation.Priority.choices, coerce=int)


class SubjectForm(forms.Form):
    """The subject as members see it."""

    subject = forms.CharField(max_length=300)


class MoveForm(forms.Form):
    """Where a message belongs: the number of a conversation; and whether what came after it goes there too."""

    to = forms.CharField(error_messages={"required": _("Choose a conversation.")})
    rest = forms.BooleanField(required=False)

    def clean_to(self) -> Conversation:
        """The conversation of that number."""
        found = by_number(self.cleaned_data["to"])
        if found is None:
            raise ValidationError(_("There is no conversation of this number."))
        return found


class LabelForm(forms.Form):
    """A label to put on, to take off, or to make."""

    add = forms.ModelChoiceField(queryset=Label.objects.none(), required=False)
    remove = forms.ModelChoiceField(queryset=Label.objects.none(), required=False)
    name = forms.CharField(max_length=60, required=False, strip=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (self.fields["add"], self.fields["remove"]):
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = Label.objects.filter(archived_at=None)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not (data.get("add") or data.get("remove") or data.get("name")):
            raise ValidationError(_("Choose a label."))
        return data

    def deed(self) -> tuple[str, dict[str, Any]]:
        """The noun of what is asked for, and its facts; a label that there is none of is made."""
        if removed := self.cleaned_data["remove"]:
            return Bulk.Noun.UNLABEL, {"label": removed.pk, "name": removed.name}
        if added := self.cleaned_data["add"]:
            return Bulk.Noun.LABEL, {"label": added.pk, "name": added.name}
        label, is_made = label_made(name=self.cleaned_data["name"])
        return Bulk.Noun.LABEL, {"label": label.pk, "name": label.name, "made": is_made}
