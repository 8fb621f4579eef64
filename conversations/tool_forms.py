"""What people fill in about canned replies and macros."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.actions import LONGEST, MOST, MOST_HOURS, PRIORITIES, SAYS, Action, Do
from conversations.models import CannedReply, Conversation, Label
from conversations.queries.compose import colleagues
from conversations.queries.tools import at_hand
from tenancy.models import Brand, Member, Role

DO_WORDS = {
    Do.REPLY: _("Reply"),
    Do.NOTE: _("Add a note"),
    Do.ASSIGN: _("Assign"),
    Do.STATUS: _("Set the status"),
    Do.PRIORITY: _("Set the priority"),
    Do.LABEL: _("Add a label"),
    Do.UNLABEL: _("Remove a label"),
    Do.SPAM: _("Mark as spam"),
}


class ToolForm(forms.Form):
    """What all tools have: a name, and whether they are shared, which managers decide."""

    name = forms.CharField(label=_("Name"), max_length=120)
    shared = forms.BooleanField(label=_("Share with everybody"), required=False)

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by.may(Role.MANAGER):
            del self.fields["shared"]

    @property
    def is_shared(self) -> bool:
        """Whether it is to be shared."""
        return bool(self.cleaned_data.get("shared"))


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

    def clean_text(self) -> str:
        """The text with the line ends that count as one character: a browser's form sends two."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")


class ActionForm(forms.Form):
    """One action of a macro; it asks for no more than what its `do` can say."""

    do = forms.ChoiceField(choices=[(do.value, word) for do, word in DO_WORDS.items()])
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
        return str(DO_WORDS[self.kind])

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
    add = forms.ChoiceField(choices=[(do.value, word) for do, word in DO_WORDS.items()], required=False)
    edit = forms.RegexField(r"^(?:add|(?:up|down|remove):[0-9]{1,2})\Z", required=False)


class RunForm(forms.Form):
    """The newest entry that whoever runs a macro had seen."""

    seen = forms.IntegerField(required=False, min_value=0)
