"""Tags of forms and settings pages; `{% load pages %}`."""

from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template.context import RequestContext
from django.utils.safestring import SafeString

from tenancy.models import Role

register = template.Library()


@register.inclusion_tag("_shell/field.html")
def field(bound: BoundField, size: str = "") -> dict[str, Any]:
    """A form's field with its label, hint and errors; `size` is that of `.input`."""
    return {"field": bound, "input": control(bound, size)}


@register.simple_tag
def control(bound: BoundField, size: str = "", *, fit: bool = False) -> SafeString:
    """A form's field alone, for places whose label stands elsewhere; `fit` makes it as wide as its words."""
    ticks = isinstance(bound.field.widget, CheckboxInput | CheckboxSelectMultiple | RadioSelect)
    look: dict[str, str | bool] = {"class": "input", "data-size": size or False, "data-fit": fit}
    return bound.as_widget(attrs={} if ticks else look)


@register.inclusion_tag("_shell/nav_link.html", takes_context=True)
def nav_link(context: RequestContext, path: str, label: str, icon: str, *, role: str = "") -> dict[str, Any]:
    """A link of the settings menu to a page of this workspace, shown to those whose role reaches it."""
    address = f"/w/{context['workspace'].slug}/settings/{path}/"
    return {
        "shown": not role or context["member"].may(Role(role)),
        "href": address,
        "label": label,
        "name": icon,
        "current": context["request"].path.startswith(address),
    }
