"""Our templates: Jinja, which compiles them to Python, with Django's words for what it lacks.

Most of what a page says is the same for every reader of a language. So templates are compiled once for each
language, and what asks for nothing but constants becomes text then: words, icons, addresses of static files.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.template import defaultfilters
from django.template.backends.jinja2 import Jinja2, Template
from django.template.backends.utils import csrf_input, csrf_token_lazy
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_bidi, gettext
from jinja2 import ChainableUndefined, Environment, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from conversations import ui as conversations_ui
from tenancy import controls, ui

FILTERS = ("date", "filesizeformat", "linebreaks", "linebreaksbr", "truncatechars", "urlencode")


def words(text: str) -> Markup:
    """A text that stands in a template, in the reader's language; where the template escapes, so does `%`."""
    return Markup(gettext(text))  # noqa: S704 - texts are ours, and so are their translations


def route(name: str, *args: object, **kwargs: object) -> str:
    """The address of a page that belongs to no workspace, or names its workspace. Raises NoReverseMatch."""
    return reverse(name, args=args, kwargs=kwargs)


def direction() -> str:
    """In which direction the reader's language is written, as HTML says it."""
    return "rtl" if get_language_bidi() else "ltr"


# Texts only: what is the same wherever it is asked the same, in one language.
FIXED: dict[str, Callable[..., object]] = {
    "_": words,
    "icon": ui.icon,
    "channel_mark": ui.channel_mark,
    "static": static,
    "language": get_language,
    "direction": direction,
}


class Pages(Jinja2):
    """The template engine of the project: Django's for Jinja, but with an environment for each language."""

    @property
    def env(self) -> Environment:
        """The environment of the language that is spoken now."""
        return self._spoken(get_language())

    @env.setter
    def env(self, made: Environment) -> None:
        self._spoken = cache(lambda language: made.overlay())

    def from_string(self, template_code: str) -> "Page":
        """A template of this text."""
        return Page(super().from_string(template_code).template, self)

    def get_template(self, template_name: str) -> "Page":
        """The template of this name. Raises TemplateDoesNotExist and TemplateSyntaxError."""
        return Page(super().get_template(template_name).template, self)


class Page(Template):
    """A template that prefers what a view says to what every page is given, as Django's own do."""

    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> str:
        """Its text. One token serves all forms of a page."""
        given: dict[str, Any] = {}
        if request is not None:
            token = SimpleLazyObject(lambda: csrf_input(request))
            given = {"request": request, "csrf_token": csrf_token_lazy(request), "csrf_input": token}
            for processor in self.backend.template_context_processors:
                given |= processor(request)
        return super().render(given | (context or {}))


class Folded(Environment):
    """Jinja's environment; what is fixed is called while a template is compiled."""

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        return super()._generate(_Fold().visit(source), *args, **kwargs)


class _Fold(NodeTransformer):
    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - named after the node
        self.generic_visit(node)
        fixed = FIXED.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        if fixed is None or node.dyn_args or node.dyn_kwargs:
            return node
        try:
            args = [each.as_const() for each in node.args]
            kwargs = dict(each.as_const() for each in node.kwargs)
        except nodes.Impossible:
            return node
        text = str(escape(fixed(*args, **kwargs)))  # safe where the template escapes
        return nodes.TemplateData(text, lineno=node.lineno, environment=node.environment)


def environment(**options: Any) -> Environment:
    """An environment for `Pages`, whose options these are.

    What a page does not know is nothing, as in Django's own templates: a missing fact must not take a page away.
    """
    made = Folded(**options | {"undefined": ChainableUndefined, "keep_trailing_newline": True})
    made.filters |= {name: defaultfilters.register.filters[name] for name in FILTERS}
    made.filters |= {each.__name__: each for each in (*ui.FILTERS, *conversations_ui.FILTERS)}
    made.globals |= {
        each.__name__: each for each in (*ui.GLOBALS, *controls.GLOBALS, *conversations_ui.GLOBALS)
    }
    made.globals |= FIXED | {"_": gettext, "route": route}
    return made
