"""Templates whose fixed parts are rendered when they are parsed: words, icons, addresses of static files.

Most of what a page says is the same for every reader of a language. So each template is parsed once for each
language, and what asks the page for nothing becomes text.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.template import Context, Node, Template
from django.template.base import FilterExpression, NodeList, TextNode, Variable
from django.template.defaulttags import IfNode
from django.template.library import SimpleNode
from django.template.loaders import base, cached
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language

Tag = TypeVar("Tag", bound=Callable[..., Any])


def fixed(tag: Tag) -> Tag:
    """Mark a simple tag that says the same wherever it is given the same."""
    tag.is_fixed = True  # type: ignore[attr-defined]
    return tag


class Folding(base.Loader):
    """Folds what it has parsed, before anybody else gets to see it."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        """The template of that name. Raises TemplateDoesNotExist."""
        template = super().get_template(template_name, skip)
        fold(template.nodelist)
        return template


class Loader(cached.Loader, Folding):
    """Keeps templates as `cached.Loader` does, one for each language, folded before they are kept: of threads that
    ask for one at the same time none finds it half folded."""

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        """Where a template is kept."""
        return f"{get_language()}:{super().cache_key(template_name, skip)}"


def fold(nodes: NodeList) -> None:
    """Put text in the place of what is fixed, at every depth, and join texts that stand side by side."""
    folded: list[Node] = []
    for node in nodes:
        for inner in _inside(node):
            fold(inner)
        text = node.s if isinstance(node, TextNode) else node.render(Context()) if is_fixed(node) else None
        if text is None:
            folded.append(node)
        elif folded and isinstance(folded[-1], TextNode):
            folded[-1].s += text
        else:
            folded.append(_text(text, node))
    nodes[:] = folded


def is_fixed(node: Node) -> bool:
    """Whether a node says the same on every page of a language."""
    match node:
        case TranslateNode(asvar=None, message_context=None):
            return _is_literal(node.filter_expression)
        case StaticNode(varname=None):
            return _is_literal(node.path)
        case SimpleNode(takes_context=None, target_var=None):
            asked = (*node.args, *node.kwargs.values())
            return getattr(node.func, "is_fixed", False) and all(map(_is_literal, asked))
    return False


def _is_literal(said: FilterExpression) -> bool:
    if said.filters:
        return False
    return not isinstance(said.var, Variable) or said.var.lookups is None


def _inside(node: Node) -> Iterator[NodeList]:
    if isinstance(node, IfNode):
        yield from (nodes for _, nodes in node.conditions_nodelists)
        return
    for name in node.child_nodelists:
        if isinstance(nodes := getattr(node, name, None), NodeList):
            yield nodes


def _text(text: str, node: Node) -> TextNode:
    made = TextNode(text)
    made.token, made.origin = node.token, node.origin
    return made
