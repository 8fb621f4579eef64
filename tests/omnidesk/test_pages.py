from collections.abc import Iterator

import pytest
from django.conf import settings
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from jinja2 import Environment, nodes

from omnidesk.pages import FIXED, Pages


@pytest.fixture
def engine() -> Pages:
    found = engines["jinja2"]
    assert isinstance(found, Pages)
    return found


def said(engine: Pages, source: str, **context: object) -> str:
    return str(engine.from_string(source).render(context))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ _('Inbox') }}", "Inbox"),
        ("a {{ icon('lock') }} b", "icons.svg#lock"),
        ("<img src='{{ static('icons.svg') }}'>", "/static/icons.svg"),
        ("<html lang={{ language() }} dir={{ direction() }}>", "<html lang=en dir=ltr>"),
        ("{{ channel_mark('email', word=false) }}", 'data-channel="email"'),
    ],
)
def test_what_is_fixed_becomes_text(engine, source, text):
    assert text in said(engine, source)
    compiled = str(engine.env.compile(source, raw=True))
    assert text in compiled.replace('\\"', '"')
    assert not [name for name in FIXED if f"resolve('{name}')" in compiled]


def test_what_is_fixed_may_stand_inside_of_what_is(engine):
    assert "icons.svg#Inbox" in said(engine, "{{ icon(_('Inbox')) }}")


def test_a_text_that_a_page_brings_is_escaped(engine):
    assert said(engine, "{{ _(text) }}", text="<b>") == "&lt;b&gt;"


def test_paragraphs_are_not_escaped(engine):
    assert said(engine, "{{ text|linebreaks }}", text="a & b") == "<p>a &amp; b</p>"


def test_what_asks_the_page_is_not_fixed(engine):
    assert "#mute" in said(engine, "{{ icon(name) }}", name="mute")


def test_each_language_has_texts_of_its_own(engine):
    with translation.override("de"):
        german = engine.env
        assert said(engine, "{{ language() }} {{ _('Monday') }}") == "de Montag"
    assert engine.env is not german
    assert said(engine, "{{ language() }} {{ _('Monday') }}") == "en Monday"


def test_a_language_is_read_in_its_direction(engine):
    with translation.override("ar"):
        assert said(engine, "{{ direction() }}") == "rtl"


def test_what_is_put_into_a_text_is_escaped(engine):
    source = "{{ _('with %(who)s') % {'who': who} }} {{ who }}"
    assert said(engine, source, who="<b>") == "with &lt;b&gt; &lt;b&gt;"


def test_a_text_mail_says_names_as_they_are(engine):
    source = "{% autoescape false %}{{ _('with %(who)s') % {'who': who} }} {{ who }}{% endautoescape %}"
    assert said(engine, source, who="O'Brien & Co") == "with O'Brien & Co O'Brien & Co"


def test_what_a_page_does_not_know_is_nothing(engine):
    assert said(engine, "[{{ nobody.name.first }}]{% if nobody.name %}x{% endif %}") == "[]"


def test_all_forms_of_a_page_carry_one_token(engine):
    request = RequestFactory().get("/")
    first, second = str(engine.from_string("{{ csrf_input }} {{ csrf_input }}").render({}, request)).split(
        " <"
    )
    assert first == f"<{second}"
    assert 'name="csrfmiddlewaretoken"' in first


def test_no_template_gives_a_name_of_the_environment_to_something_else(engine):
    assert not [*_taken(engine.env)]


def _taken(environment: Environment) -> Iterator[tuple[str, str]]:
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.*")):
        for name in environment.parse(path.read_text()).find_all(nodes.Name):
            if name.ctx != "load" and name.name in environment.globals:
                yield path.name, name.name


def test_what_a_view_says_goes_before_what_every_page_is_given(engine, client):
    request = client.get("/w/acme/inbox/").wsgi_request
    template = engine.from_string("{{ user }}, {{ member }}")
    assert template.render({"user": "Rosa"}, request) == f"Rosa, {request.member}"


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html", "429.html", "500.html"])
def test_a_page_of_trouble_needs_no_request(engine, name):
    shown = engine.get_template(name).render()
    assert shown.count("<h1>") == 1
    assert 'href="/"' in shown
