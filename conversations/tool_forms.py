"""What people fill in about canned replies and macros."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from conversations import richtext
from conversations.actions import LONGEST, MOST, MOST_HOURS, PRIORITIES, SAYS, WORDS, Action, Do
from conversations.models import CannedReply, Conversation, Label
from conversations.models.tool import Tool
from conversations.queries.compose import colleagues, teams
from conversations.queries.tools import at_hand
from tenancy.keyset import MOST as MOST_IDS
from tenancy.models import Brand, Member, Role

EVERYBODY = "all"
SHEET = 2_000_000  # bytes


class ToolForm(forms.Form):
    """What all tools have: a name, and who else has them, which managers decide."""

    name = forms.CharField(label=_("Name"), max_length=120)
    share = forms.ChoiceField(label=_("Who has it"), required=False)

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        share = self.fields["share"]
        assert isinstance(share, forms.ChoiceField)
        self.teams = {str(team.pk): team for team in teams().read()} if by.may(Role.MANAGER) else {}
        share.choices = [("", _("Only you")), (EVERYBODY, _("Everybody"))]
        share.choices += [(key, _("The team %(name)s") % {"name": team}) for key, team in self.teams.items()]
        if not by.may(Role.MANAGER):
            del self.fields["share"]

    def shared(self) -> dict[str, Any]:
        """With whom it is to be shared, as services ask for it."""
        said = self.cleaned_data.get("share", "")
        return {"shared": bool(said), "team": self.teams.get(said)}

    @staticmethod
    def share_of(tool: Tool) -> str:
        """What the form shows of how a tool is shared."""
        if not tool.is_shared:
            return ""
        return str(tool.team_id) if tool.team_id else EVERYBODY


class CannedForm(ToolForm):
    """A canned reply."""

    shortcut = forms.CharField(
        label=_("Shortcut"),
        max_length=40,
        required=False,
        help_text=_("What you type after / to find it."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    text = forms.CharField(label=_("Text"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 8}))
    html = forms.CharField(max_length=50_000, required=False, widget=forms.HiddenInput())
    brand = forms.ModelChoiceField(
        label=_("Brand"), queryset=Brand.objects.none(), required=False, empty_label=_("Every brand")
    )
    language = forms.CharField(
        label=_("Language"),
        max_length=12,
        required=False,
        help_text=_("As on the contact card, such as en; it comes first for whoever speaks it."),
    )

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        brand = self.fields["brand"]
        assert isinstance(brand, forms.ModelChoiceField)
        brand.queryset = Brand.objects.filter(archived_at=None).order_by("name")

    def clean(self) -> dict[str, Any]:
        """The text with line feeds alone; where an editor has written HTML, the text that it says."""
        said = super().clean() or {}
        html = richtext.clean(said.get("html") or "")
        said["text"] = richtext.plain(html) if html else said.get("text", "").replace("\r\n", "\n")
        said["html"] = html
        return said

    @property
    def is_rich(self) -> bool:
        """Whether it comes from an editor, which says all of its HTML."""
        return "html" in self.data


class ActionForm(forms.Form):
    """One action of a macro; it asks for no more than what its `do` can say."""

    do = forms.ChoiceField(choices=[(do.value, word) for do, word in WORDS.items()])
    canned = forms.TypedChoiceField(label=_("Canned reply"), coerce=int, empty_value=None, required=False)
    text = forms.CharField(
        label=_("Text"), max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    send = forms.TypedChoiceField(
        label=_("What becomes of it"),
        choices=[("yes", _("Send it, with time to undo")), ("no", _("Put it into the composer"))],
        coerce=lambda said: said == "yes",
    )
    assignee = forms.ChoiceField(label=_("To"))
    team = forms.TypedChoiceField(label=_("Team"), coerce=int, empty_value=None, required=False)
    status = forms.ChoiceField(label=_("Status"), choices=Conversation.Status.choices)
    hours = forms.IntegerField(
        label=_("Hours"),
        min_value=1,
        max_value=MOST_HOURS,
        required=False,
        help_text=_("How long it is snoozed; empty: until the next morning."),
    )
    priority = forms.ChoiceField(
        label=_("Priority"),
        choices=[(name, Conversation.Priority[name.upper()].label) for name in PRIORITIES],
        initial="normal",
    )
    label = forms.TypedChoiceField(label=_("Label"), coerce=int)

    def __init__(self, *args: Any, do: Do, choices: "Choices", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = do
        self.fields["do"].widget = forms.HiddenInput()
        self.fields["do"].initial = do.value
        for name in self.fields.keys() - {"do", *SAYS[do]}:
            del self.fields[name]
        for name in choices.offered.keys() & self.fields.keys():
            chosen = self.fields[name]
            assert isinstance(chosen, forms.ChoiceField)
            chosen.choices = choices.offered[name]

    @property
    def words(self) -> str:
        """What it does."""
        return str(WORDS[self.kind])

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields that people fill in."""
        return [self[name] for name in SAYS[self.kind]]

    def take_focus(self) -> str:
        """Have the first field take the focus, and return its name; empty where nothing is asked."""
        for name in SAYS[self.kind][:1]:
            self.fields[name].widget.attrs["autofocus"] = True
            return name
        return ""

    def as_said(self) -> dict[str, Any]:
        """What was filled in, as an action says it."""
        said: dict[str, Any] = {"do": self.kind.value}
        for name in SAYS[self.kind]:
            said[name] = self.cleaned_data[name]
        if said.get("status") != Conversation.Status.SNOOZED:
            said |= {"hours": None} if "hours" in said else {}
        if "text" in said:
            said["text"] = said["text"].replace("\r\n", "\n")
        return said

    @staticmethod
    def initial_of(action: Action) -> dict[str, Any]:
        """What the form shows of an action that is kept."""
        said = action.as_json()
        if "send" in said:
            said["send"] = "yes" if action.send else "no"
        return said


class Choices:
    """What the actions of a macro can refer to, read once for all of them, by the name of the field."""

    def __init__(self, member: Member) -> None:
        canned = at_hand(CannedReply, member).order_by("name", "id").values_list("pk", "name")
        labels = Label.objects.filter(archived_at=None).order_by("name", "id").values_list("pk", "name")
        self.offered: dict[str, list[tuple[Any, Any]]] = {
            "canned": [("", _("None: the text below")), *canned],
            "label": [("", _("Choose a label")), *labels],
            "team": [("", _("No team")), *((team.pk, team.name) for team in teams().read())],
            "assignee": [
                ("me", _("Whoever runs it")),
                ("none", _("Nobody")),
                *((str(one.pk), one.name) for one in colleagues().read()),
            ],
        }


class EditForm(forms.Form):
    """What the macro editor is asked to do to its list before it is saved: add, remove or move an action.

    `count` is how many there are.
    """

    count = forms.IntegerField(min_value=0, max_value=MOST)
    add = forms.ChoiceField(choices=[(do.value, word) for do, word in WORDS.items()], required=False)
    edit = forms.RegexField(r"^(?:add|(?:up|down|remove):[0-9]{1,2})\Z", required=False)


class SheetForm(forms.Form):
    """A CSV file of canned replies, 2 MB at most, in UTF-8."""

    sheet = forms.FileField(label=_("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))

    def clean_sheet(self) -> str:
        """What is in the file."""
        file = self.cleaned_data["sheet"]
        if file.size > SHEET:
            raise ValidationError(_("The file is larger than 2 MB."))
        try:
            return str(file.read().decode())
        except UnicodeDecodeError as error:
            raise ValidationError(_("The file is not in UTF-8.")) from error


class MacroForm(forms.Form):
    """Which macro."""

    macro = forms.IntegerField(min_value=1, max_value=MOST_IDS - 1)


class RunForm(forms.Form):
    """The newest entry that whoever runs a macro had seen."""

    seen = forms.IntegerField(required=False, min_value=0)
