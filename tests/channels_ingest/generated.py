"""Mails as the world writes them: charsets that lie, trees of parts, folded, repeated and missing headers."""

import base64
import quopri

from hypothesis import strategies as st

WORDS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x00\r\n\t=?<>\"';,()äßЖ漢🙂"), max_size=40
)
CHARSETS = st.sampled_from(
    [
        "utf-8",
        "iso-8859-1",
        "windows-1252",
        "us-ascii",
        "gb2312",
        "utf-16",
        "x-unknown",
        "",
        "koi8-r",
        "utf-7",
    ]
)
ADDRESSES = st.sampled_from(
    [
        "ana@cust.example",
        "Ana <ANA@cust.example>",
        '"Doe, Jane" <jane+tag@cust.example>',
        "<>",
        "MAILER-DAEMON",
        "undisclosed-recipients:;",
        "support@acme.example",
        "=?utf-8?q?J=C3=BCrgen?= <j@münchen.example>",
        "a@b@c.example",
        "x" * 300 + "@cust.example",
        "admin@acme.example",
    ]
)
ENCODINGS = st.sampled_from(
    ["7bit", "8bit", "quoted-printable", "base64", "x-uuencode", "binary", "nonsense"]
)
IDS = st.sampled_from(["<1@cust.example>", "<2@cust.example>", "<>", "no brackets", "<" + "9" * 2000 + "@x>"])
# What a careless program writes: decoded words, raw bytes, encoded words with anything in them.
HEADER_VALUES = st.one_of(
    WORDS,
    ADDRESSES,
    IDS,
    st.builds("=?{}?{}?{}?=".format, CHARSETS, st.sampled_from("qbQBx"), WORDS),
    st.sampled_from(
        [
            "Thu, 19 Nov 2026 10:00:00 +0100",
            "Thu, 99 Nov 99999 10:00:00",
            "auto-replied",
            "bulk",
            "acme.example; dmarc=pass header.from=cust.example",
            "yes",
        ]
    ),
)
NAMES = st.sampled_from(
    [
        "Subject", "To", "Cc", "Date", "In-Reply-To", "References", "Reply-To", "Return-Path", "Auto-Submitted",
        "Precedence", "List-Id", "Authentication-Results", "X-Spam-Flag", "Received", "Sender", "Delivered-To",
        "X-Original-Sender", "MIME-Version",
    ]
)  # fmt: skip


def _bytes(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset or "utf-8", "replace")
    except LookupError:
        return text.encode("utf-8", "replace")


def _encoded(body: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(body)
    return quopri.encodestring(body) if encoding == "quoted-printable" else body


def _header(name: str, value: str, fold: str) -> bytes:
    return f"{name}: {value.replace(' ', fold)}\n".encode("utf-8", "surrogateescape")


headers = st.builds(_header, NAMES, HEADER_VALUES, st.sampled_from([" ", " ", "\n ", "\r\n\t"]))


@st.composite
def leaves(draw: st.DrawFn) -> bytes:
    """One part that is no multipart, with its headers."""
    kind = draw(
        st.sampled_from(
            [
                "text/plain",
                "text/html",
                "image/png",
                "message/rfc822",
                "text/calendar",
                "application/pdf",
                "x",
            ]
        )
    )
    charset, encoding = draw(CHARSETS), draw(ENCODINGS)
    name = draw(
        st.sampled_from(["", "; name=a.pdf", "; filename*=utf-8''%2e%2e%2fx", '; name="../../x\0.exe"'])
    )
    text = draw(
        WORDS
        | st.sampled_from(["<p>Hi <img src=cid:1><script>x()</script>", "> quoted\nnew", "begin 644 f\n"])
    )
    head = f"Content-Type: {kind}; charset={charset}{name}\nContent-Transfer-Encoding: {encoding}\n"
    disposition = draw(st.sampled_from(["", "Content-Disposition: attachment\n", "Content-ID: <1>\n"]))
    return (head + disposition).encode() + b"\n" + _encoded(_bytes(text, charset), encoding) + b"\n"


@st.composite
def multiparts(draw: st.DrawFn, children: st.SearchStrategy[bytes]) -> bytes:
    """A multipart of parts, perhaps without its end."""
    boundary = draw(st.sampled_from(["b", "b", "a b", "=_x"]))
    kind = draw(st.sampled_from(["mixed", "alternative", "related", "report", "signed"]))
    parts = b"".join(
        b"--" + boundary.encode() + b"\n" + part for part in draw(st.lists(children, max_size=3))
    )
    end = draw(st.sampled_from([f"--{boundary}--\n", "", f"--{boundary}"]))
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode() + parts + end.encode()


@st.composite
def mails(draw: st.DrawFn) -> bytes:
    """A whole mail: a sender most of the time, a Message-ID or two or none, a tree of parts, perhaps cut off."""
    senders = draw(st.lists(ADDRESSES, min_size=0, max_size=2))
    ids = draw(st.lists(IDS, max_size=2))
    head = b"".join(_header("From", sender, " ") for sender in senders)
    head += b"".join(_header("Message-ID", text, " ") for text in ids)
    head += b"".join(draw(st.lists(headers, max_size=8)))
    body = draw(st.recursive(leaves(), multiparts, max_leaves=5))
    raw = head + body
    return raw[: draw(st.integers(0, len(raw)))] if draw(st.booleans()) and draw(st.booleans()) else raw
