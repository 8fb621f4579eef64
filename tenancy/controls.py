"""What pages say of forms: fields and their controls; and the links of the settings menu."""

from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from tenancy.models import Role
from tenancy.ui import render


@pass_context
def field(context: Context, bound: BoundField, size: str = "") -> Markup:
    """A form's field with its label, hint and errors; `size` is that of `.input`."""
    hint = conditional_escape(bound.help_text)  # Jinja would escape Django's lazy lists once more
    return render(context, "_shell/field.html", field=bound, input=control(bound, size), hint=hint)


def control(bound: BoundField, size: str = "", *, fit: bool = False, focus: bool = False) -> SafeString:
    """A form's field alone, for places whose label stands elsewhere; `fit` makes it as wide as its words, `focus`
    gives it the focus when it comes."""
    ticks = isinstance(bound.field.widget, CheckboxInput | CheckboxSelectMultiple | RadioSelect)
    look: dict[str, str | bool] = {
        "class": "input",
        "data-size": size or False,
        "data-fit": fit,
        "autofocus": focus or bool(bound.field.widget.attrs.get("autofocus")),
    }
    return bound.as_widget(attrs={} if ticks else look)


@pass_context
def nav_link(context: Context, path: str, label: str, icon: str, *, role: str = "") -> Markup:
    """A link of the settings menu to a page of this workspace, for those whose role reaches it."""
    address = f"/w/{context['workspace'].slug}/settings/{path}/"
    return render(
        context,
        "_shell/nav_link.html",
        shown=not role or context["member"].may(Role(role)),
        href=address,
        label=label,
        name=icon,
        current=context["request"].path.startswith(address),
    )


GLOBALS = (field, control, nav_link)
