"""HTML as its reader sees it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.plaintext import read_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>Three</p>", "One\n\nTwo\nThree"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
        ("one <b>two</b>\n  <i>three</i>", "one two three"),
        ("a&nbsp;&nbsp;b &lt;c&gt; &amp; d", "a b <c> & d"),
        ("<ul><li>one<li>two</ul>after", "- one\n- two\n\nafter"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table>", "a b\nc d"),
        ("<pre>  one\n    two</pre>", "  one\n    two"),
        ('<a href="https://x.example">here</a>', "here <https://x.example>"),
        ('<a href="https://x.example/">x.example</a>', "x.example"),
        ('<a href="https://x.example/a">https://x.example/a</a>', "https://x.example/a"),
        ('<a href="mailto:a@x.example">Jane</a>', "Jane"),
        ('<img src="cid:a" alt="Logo"> hello', "[Logo] hello"),
        ("<style>p{}</style><script>x</script><title>t</title>hello", "hello"),
        ('<div style="display: none">preview</div>hello', "hello"),
        ('<div style="mso-hide:all">preview</div>hello', "hello"),
        ("<!-- a -->hello<!-- b --> you", "hello you"),
        ("<blockquote>old<blockquote>older</blockquote></blockquote>new", "> old\n>\n> > older\n>\nnew"),
        ("<p>One<p>Two", "One\n\nTwo"),
        ("just words", "just words"),
        ('<?xml version="1.0" encoding="utf-16"?><html><body>hello</body></html>', "hello"),
        ("", ""),
        ("<!-- -->", ""),
    ],
)
def test_the_text_of_a_page(html, text):
    assert read_html(html).text == text


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ('<div>New</div><div class="gmail_quote">Jane:<blockquote>Old</blockquote></div>', "New"),
        ('New<blockquote type="cite">Old</blockquote>', "New"),
        ('<p>New</p><div id="divRplyFwdMsg">From: Jane</div><div>Old</div>', "New"),
        ('<p>New</p><div style="border:none;border-top:solid #E1E1E1 1.0pt">From</div><p>Old</p>', "New"),
        ('<blockquote type="cite">Question</blockquote>Answer', "> Question\n\nAnswer"),
        ("<p>All of it</p>", "All of it"),
    ],
)
def test_where_the_history_begins(html, written):
    reading = read_html(html)
    assert reading.text[: reading.written].strip() == written


@given(st.text(alphabet="<>/abdivtrp=\"' \n&;!-", max_size=200))
def test_any_page_can_be_read(html):
    reading = read_html(html)
    assert 0 <= reading.written <= len(reading.text)


@pytest.mark.parametrize(
    "piece", ["<div>", "<b>", "<blockquote>x", "<br>x", "&", "<", "<a href='https://x.example'>x"]
)
def test_no_page_takes_long(piece):
    started = time.process_time()
    read_html(piece * (1_000_000 // len(piece)))
    read_html("<p " + " ".join(f"a{number}=b" for number in range(100_000)) + ">")
    assert time.process_time() - started < 5


def test_a_page_that_is_nested_too_deeply_still_has_its_words():
    assert read_html("<div>" * 5_000 + "help").text == "help"
