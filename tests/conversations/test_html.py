"""Strangers' HTML: nothing runs, nothing loads, nothing covers; and no page takes long."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import fromstring

from conversations.html import CleanHtml, linkify, sanitise, show_remote


def clean(html: str, **cid_urls: str) -> str:
    return sanitise(html, cid_urls=cid_urls).html


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("<p onclick=alert(1)>Hi</p>", "<p>Hi</p>"),
        ("a<script>alert(1)</script>b", "ab"),
        ("a<script src=//x.example></script>b", "ab"),
        ("a<style>p{position:fixed}</style>b", "ab"),
        ('<meta http-equiv="refresh" content="0;url=//x.example">b', "b"),
        ('<base href="//x.example/">b', "b"),
        ("<link rel=stylesheet href=//x.example>b", "b"),
        ("a<svg><script>alert(1)</script></svg>b", "ab"),
        ("a<math><mi>x</mi></math>b", "ab"),
        ("<iframe src=//x.example></iframe>b", "b"),
        ("<form action=//x.example><input name=a>text</form>", "text"),
        ("<object data=x></object><embed src=x>b", "b"),
        ('<div style="position:fixed;color:red">a</div>', '<div style="color:red">a</div>'),
        ('<div style="background:url(//x.example)">a</div>', "<div>a</div>"),
        (r'<div style="color:u\72l(//x.example)">a</div>', "<div>a</div>"),
        ('<div style="margin-top:-500px">a</div>', "<div>a</div>"),
        ('<table background="//x.example"><tr><td>a', "<table><tbody><tr><td>a</td></tr></tbody></table>"),
        ("a<!-- <b>c</b> -->b", "ab"),
        ('<p style="display:none">preview</p>b', "b"),
        ("<p hidden>preview</p>b", "b"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
    ],
)
def test_what_may_run_load_or_cover_is_gone(given, left):
    assert clean(given) == left


def link_of(html: str) -> dict[str, str]:
    link: Any = fromstring(html)
    return dict(link.attrib)


SAFE = {"target": "_blank", "rel": "noopener noreferrer nofollow"}


NOWHERE = [
    "javascript:alert(1)",
    " java\tscript:a",
    "data:text/html,x",
    "vbscript:x",
    "/w/acme/",
    "file:///x",
    "#a",
]
OUTSIDE = ["https://x.example/?a=1", "http://x.example", "mailto:a@x.example", "tel:+12065550142"]


@pytest.mark.parametrize("target", NOWHERE)
def test_a_link_that_does_not_go_out_goes_nowhere(target):
    assert link_of(clean(f'<a href="{target}">x</a>')) == SAFE


@pytest.mark.parametrize("target", OUTSIDE)
def test_a_link_opens_elsewhere_and_says_nothing_about_us(target):
    assert link_of(clean(f'<a href="{target}" target="_top" rel="opener">x</a>')) == SAFE | {"href": target}


def test_remote_images_wait_until_they_are_asked_for():
    found = sanitise('<img src="https://x.example/a.png" alt="A"><img src=//x.example/b.png>', cid_urls={})
    assert found.remote_images == 2
    assert ' src="' not in found.html
    assert show_remote(found.html) == (
        '<img alt="A" src="https://x.example/a.png"><img src="https://x.example/b.png">'
    )


def test_tracking_pixels_are_gone():
    found = sanitise('<img src="https://x.example/p.gif" width=1 height=1>', cid_urls={})
    assert found == CleanHtml('<img width="1" height="1">')


def test_text_that_looks_like_a_held_back_image_stays_text():
    html = clean(
        '<p>&lt;img data-remote-src="https://x.example"></p><img alt=\' data-remote-src="https://y.example\'>'
    )
    assert show_remote(html) == html


def test_attached_images_are_shown_from_our_own_url():
    urls = {"logo@x": "/f/1", "photo.jpg": "/f/2"}
    html = clean('<img src="cid:logo@x"><img src="CID:other"><img src="photo.jpg">', **urls)
    assert html == '<img src="/f/1"><img><img src="/f/2">'


def test_embedded_images_stay_and_other_data_goes():
    assert clean('<img src="data:image/png;base64,AAAA">') == '<img src="data:image/png;base64,AAAA">'
    assert clean('<img src="data:image/svg+xml;base64,AAAA">') == "<img>"


def test_only_urls_of_this_mail_are_shown_as_images():
    assert clean('<img src="/w/acme/attachments/7/">', logo="/w/acme/attachments/1/") == "<img>"


GMAIL = '<div>New words</div><div class="gmail_quote">Jane wrote:<blockquote>Old</blockquote></div>'
APPLE = '<div>New words</div><blockquote type="cite">Old</blockquote>'
OUTLOOK = (
    '<p>New words</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: Jane</div><div>Old</div>'
)
THUNDERBIRD = (
    '<p>New words</p><div class="moz-cite-prefix">Jane:</div><blockquote type="cite">Old</blockquote>'
)


@pytest.mark.parametrize("html", [GMAIL, APPLE, OUTLOOK, THUNDERBIRD])
def test_quoted_history_is_folded_away(html):
    page: Any = fromstring(f"<div>{clean(html)}</div>")
    [details] = page.findall(".//details")
    assert "Old" in details.text_content()
    details.drop_tree()
    assert page.text_content() == "New words"


@pytest.mark.parametrize("html", [GMAIL, APPLE, OUTLOOK, THUNDERBIRD])
def test_folding_can_be_left_out(html):
    assert "<details>" not in sanitise(html, cid_urls={}, fold=False).html


@pytest.mark.parametrize(
    "html",
    [
        '<blockquote type="cite">Question one</blockquote>Answer one',
        '<div class="gmail_quote">Forwarded whole</div>',
        '<p>&nbsp;</p><blockquote type="cite">Nothing new above</blockquote>',
    ],
)
def test_history_that_is_answered_or_all_there_is_stays_open(html):
    assert "<details>" not in clean(html)


def test_of_answered_quotes_only_the_rest_below_is_folded():
    html = clean('<blockquote type="cite">One?</blockquote>Yes<blockquote type="cite">Two?</blockquote>')
    assert (
        html
        == "<blockquote>One?</blockquote>Yes<details><summary>…</summary><blockquote>Two?</blockquote></details>"
    )


@pytest.mark.parametrize(
    "html",
    [
        "<div dir=ltr>Hello<div><br></div><div>Jane</div></div>",
        '<p class="MsoNormal"><span style="font-size:11pt;color:#1F497D">Hello</span></p>',
        '<div style="color: rgb(34, 34, 34); background-color: #fff">Hello</div>',
        "<p>Hello<b></b></p>",
        '<p>Hello<img src="https://x.example/p.gif" width="1" height="1"></p>',
        '<table><tr><td><a href="https://x.example">Hello</a></td></tr></table>',
        '<div>Hello</div><blockquote type="cite"><b>Old</b><img src="cid:x"></blockquote>',
    ],
)
def test_html_that_says_no_more_than_its_text(html):
    assert not sanitise(html, cid_urls={"x": "/f/1"}).rich


@pytest.mark.parametrize(
    "html",
    [
        '<img src="cid:x">',
        '<img src="https://x.example/a.png">',
        "<table><tr><td>a</td><td>b</td></tr></table>",
        '<span style="color:red">late</span>',
        '<td bgcolor="#ff0000">late</td><font color=red>late</font>',
        "<b>late</b>",
        "<h1>late</h1>",
        "<pre>late</pre>",
        '<span style="background: #ffff00">late</span>',
    ],
)
def test_html_that_says_more_than_its_text(html):
    assert sanitise(html, cid_urls={"x": "/f/1"}).rich


TAGS = [
    "a",
    "b",
    "p",
    "div",
    "table",
    "td",
    "svg",
    "math",
    "style",
    "script",
    "img",
    "details",
    "font",
    "select",
]
ATTRIBUTES = [
    "href=javascript:x",
    "src=//x.example/a",
    "onerror=x",
    "style='position:fixed'",
    'style="a:url(x)"',
]
OPENING = st.builds("<{} {}>".format, st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES))
CLOSING = st.builds("</{}>".format, st.sampled_from(TAGS))


@given(st.lists(OPENING | CLOSING | st.just("text"), max_size=40))
def test_nothing_harmful_comes_through_any_tangle(pieces):
    html = clean("".join(pieces)).lower()
    for harm in ("javascript:", "onerror", "position", "url(", " src=", "<script", "<style", "<svg", "<math"):
        assert harm not in html


HUGE = {
    "nested": "<div>" * 90_000,
    "attributes": "<p " + " ".join(f"a{number}=b" for number in range(400_000)) + ">",
    "links": '<a href="https://x.example">x</a>' * 40_000,
    "entities": "&" * 5_000_000,
    "no-break spaces": "\xa0" * 2_000_000,
    "formatting": "".join(f"<font color=#{number:06x}><p>" for number in range(40_000)),
    "tables": "<table><tr><td>" * 30_000,
    "quotes": '<blockquote type="cite">x</blockquote>y' * 45_000,
    "unclosed quotes": '<a b="' * 90_000,
    "unclosed tags": "<a/b=" * 900_000,
    "comments": "<!--" * 90_000,
    "one tag of blanks": "<a b" + " " * 1_000_000 + "=",
    "styles": '<p style="' + "margin:" * 600_000 + '">',
    "text": "x" * 5_000_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_no_page_takes_long(name):
    started = time.process_time()
    sanitise(HUGE[name], cid_urls={})
    assert time.process_time() - started < 5


def test_a_page_beyond_the_limits_is_left_to_its_text():
    assert sanitise("<br>" * 100_001, cid_urls={}) == CleanHtml("")
    assert sanitise("x" * 5_000_001, cid_urls={}) == CleanHtml("")
    assert sanitise("<div>" * 3_000 + "x", cid_urls={}) == CleanHtml("")


@pytest.mark.parametrize("html", ["", "   ", "<!-- -->", "\x00", "<", "<>", "</p>"])
def test_next_to_nothing_does_no_harm(html):
    assert sanitise(html, cid_urls={}).remote_images == 0


def link(target: str, shown: str) -> str:
    return f'<a href="{target}" rel="noopener noreferrer nofollow" target="_blank">{shown}</a>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("one\ntwo", "one<br>\ntwo"),
        (
            "see https://x.example/a?b=1&c=2.",
            f"see {link('https://x.example/a?b=1&amp;c=2', 'https://x.example/a?b=1&amp;c=2')}.",
        ),
        ("(www.x.example)", f"({link('https://www.x.example', 'www.x.example')})"),
        ("https://x.example/a_(b)", link("https://x.example/a_(b)", "https://x.example/a_(b)")),
        ("(https://x.example/a_(b)),", f"({link('https://x.example/a_(b)', 'https://x.example/a_(b)')}),"),
        ("<jane@x.example>", f"&lt;{link('mailto:jane@x.example', 'jane@x.example')}&gt;"),
        (
            'https://x.example/"onmouseover=x',
            f"{link('https://x.example/', 'https://x.example/')}&quot;onmouseover=x",
        ),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_plain_text_is_escaped_and_linked(text, html):
    assert linkify(text) == html


@given(st.text(max_size=300))
def test_linked_text_reads_as_before(text):
    page: Any = fromstring(f"<div>{linkify(text)}</div>") if text.isprintable() else None
    if page is not None and "\r" not in text:
        assert page.text_content().split() == text.split()


LONG = [
    "a" * 1_000_000,
    "a@" * 500_000,
    "http://" * 150_000,
    "a.b@" * 250_000,
    "http://x/)" + ")" * 1_000_000,
]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_no_text_takes_long(text):
    started = time.process_time()
    linkify(text)
    assert time.process_time() - started < 3
