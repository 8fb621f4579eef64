"""Templates whose fixed parts are text before anybody asks for them."""

import pytest
from django.template import Context, Engine, Template
from django.template.base import TextNode
from django.utils import translation

from tenancy.folding import Loader, fold

FIXED = """{% load i18n static %}<b>{% trans "Inbox" %}</b> {% icon "inbox" %}{% channel "email" %}\
<link href="{% static 'css/app.css' %}">"""
ASKS = [
    "{% load i18n %}{% trans word %}",
    '{% load i18n %}{% trans "Inbox" as word %}{{ word }}',
    '{% load i18n %}{% trans "Inbox"|upper %}',
    "{% icon word %}",
    '{% icon "inbox" as found %}{{ found }}',
    "{% avatar 'Ana' %}",
]


def parsed(source: str) -> Template:
    return Template(source)


def said(template: Template) -> str:
    return template.render(Context({"word": "inbox", "yes": True, "many": [1, 2]}))


def test_what_is_fixed_becomes_one_text_that_says_the_same():
    template = parsed(FIXED)
    before = said(template)
    fold(template.nodelist)
    assert [type(node) for node in template.nodelist[-1:]] == [TextNode]
    assert len([node for node in template.nodelist if isinstance(node, TextNode)]) == 1
    assert said(template) == before
    assert "<b>Inbox</b>" in before


@pytest.mark.parametrize("source", ASKS)
def test_what_asks_the_page_is_left_to_it(source):
    template = parsed(source)
    kinds, before = [type(node) for node in template.nodelist], said(template)
    fold(template.nodelist)
    assert [type(node) for node in template.nodelist] == kinds
    assert said(template) == before


def test_it_reaches_into_conditions_loops_and_blocks():
    inner = '{% trans "Inbox" %} {% icon "inbox" %}'
    source = (
        "{% load i18n %}{% if yes %}IN{% else %}IN{% endif %}{% for each in many %}IN{% empty %}IN{% endfor %}"
        "{% with a=1 %}IN{% endwith %}{% block one %}IN{% endblock %}"
    )
    template = parsed(source.replace("IN", inner))
    before = said(template)
    fold(template.nodelist)
    assert said(template) == before
    assert (
        template.nodelist.get_nodes_by_type(type(parsed(inner.join(["{% load i18n %}", ""])).nodelist[1]))
        == []
    )


def test_each_language_has_its_own(tmp_path, monkeypatch):
    (tmp_path / "page.html").write_text('{% load i18n %}{% trans "Inbox" %}')
    files = ("django.template.loaders.filesystem.Loader", [tmp_path])
    engine = Engine(
        loaders=[("tenancy.folding.Loader", [files])], libraries={"i18n": "django.templatetags.i18n"}
    )
    monkeypatch.setattr(
        "django.utils.translation._trans.gettext", lambda word: f"{word} in {translation.get_language()}"
    )
    told = []
    for language in ("en", "de", "en"):
        with translation.override(language):
            told.append(engine.get_template("page.html").render(Context()))
    assert told == ["Inbox in en", "Inbox in de", "Inbox in en"]
    assert isinstance(engine.template_loaders[0], Loader)
