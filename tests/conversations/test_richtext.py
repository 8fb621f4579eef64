"""HTML of the composer: a few tags, whatever came, and the words that say the same."""

import pytest

from conversations import html
from conversations.richtext import clean, is_formatted, is_own, plain


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<b>Hi</b><script>steal()</script>", "<b>Hi</b>"),
        ('<img src=x onerror="steal()">Hi', "Hi"),
        ('<div style="position:fixed" class="toast" id="x" onclick="y()">Hi</div>', "<div>Hi</div>"),
        ('<form action="/x"><input name="a">Hi</form><iframe src="//x"></iframe>', "Hi"),
        ("<table><tr><td>one</td></tr></table>", "one"),
    ],
)
def test_nothing_stays_but_what_we_write(given, kept):
    assert clean(given) == kept


@pytest.mark.parametrize(
    "address", ["javascript:steal()", "data:text/html,x", "//x.example", "/w/acme/", "vbscript:x"]
)
def test_a_link_leads_out_and_nowhere_else(address):
    assert "href" not in clean(f'<a href="{address}">x</a>')
    assert 'href="https://x.example/"' in clean('<a href="https://x.example/">x</a>')


def test_what_is_clean_stays_as_it_is_and_is_own():
    once = clean(
        '<p>a <a href="mailto:a@b.example">b</a></p><ul><li>c<ol><li>d</li></ol></li></ul><pre>e\n  f</pre>'
    )
    assert clean(once) == once
    stored = html.sanitise(once, cid_urls={}).html
    assert (stored, is_own(stored)) == (once, True)


def test_what_another_program_wrote_is_not_own():
    assert not is_own(html.sanitise('<p style="color:red">Hi</p>', cid_urls={}).html)
    assert not is_own("")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("Hi<div><br></div><div>you</div>", "Hi\n\nyou"),
        ("<div>a&nbsp;b</div><p>c</p><p>d</p>", "a b\n\nc\n\nd"),
        ("<ul><li>one</li><li>two<br>more</li></ul>", "- one\n- two\n  more"),
        ("<ol><li>one</li><li>two<ul><li>deep</li></ul></li></ol>", "1. one\n2. two\n   - deep"),
        ("<blockquote>one<br>two</blockquote>three", "> one\n> two\n\nthree"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ('see <a href="https://x.example/a">this</a>', "see this (https://x.example/a)"),
        ('<a href="https://x.example/">x.example</a>', "x.example"),
        ('<a href="mailto:a@x.example">a@x.example</a>', "a@x.example"),
        ("", ""),
    ],
)
def test_the_words_of_html(given, words):
    assert plain(clean(given)) == words


@pytest.mark.parametrize(
    ("given", "is_more"),
    [
        ("<div>Hi</div><div><br></div>you", False),
        ("<b> </b>Hi", False),
        ("<b>Hi</b>", True),
        ("<ul><li>a</ul>", True),
    ],
)
def test_html_is_kept_where_it_says_more_than_its_words(given, is_more):
    assert is_formatted(clean(given)) is is_more


def test_a_page_beyond_reading_is_none():
    assert clean("<b>" * 200_000) == ""
