"""MIME trees: which parts are read, which are files."""

import base64
import binascii

import pytest

from channels_ingest.adapters.email.body import unflow
from channels_ingest.adapters.email.mime import safe_name
from channels_ingest.types import IncomingFile
from tests.channels_ingest.adapters.email.mails import mail, message, multipart

PLAIN = "Content-Type: text/plain\n\nplain words"
HTML = "Content-Type: text/html\n\n<p>html <b>words</b></p>"
IMAGE = "Content-Type: image/png\nContent-ID: <logo@x>\nContent-Transfer-Encoding: base64\n\nAAAA"
PDF = "Content-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\n\n%PDF"


def nested(*parts: str, subtype: str, boundary: str = "=_c") -> str:
    inner = multipart(*parts, subtype=subtype, boundary=boundary)
    return f"Content-Type: {inner['content_type']}\n\n{inner['body']}"


def read(*parts: str, subtype: str = "mixed"):
    return message(mail(**multipart(*parts, subtype=subtype)))


def names(found) -> list[str]:
    return [file.name for file in found.files]


def test_plain_words_are_preferred_and_html_is_kept():
    found = read(PLAIN, HTML, subtype="alternative")
    assert (found.text, found.html, found.files) == ("plain words", "<p>html <b>words</b></p>", ())


def test_html_alone_is_read():
    assert read(HTML, subtype="alternative").text == "html words"
    assert message(mail("<p>html words", content_type="text/html")).text == "html words"


def test_blank_plain_text_beside_html_says_nothing():
    assert read("Content-Type: text/plain\n\n \n", HTML, subtype="alternative").text == "html words"


def test_text_before_and_after_an_image_is_all_read():
    found = read(PLAIN, IMAGE, "Content-Type: text/plain\n\nmore words")
    assert (found.text, names(found)) == ("plain words\nmore words", ["attachment.png"])


def test_html_before_and_after_a_file_is_all_read():
    found = read(HTML, PDF, "Content-Type: text/html\n\n<p>more</p>")
    assert found.text == "html words\nmore"
    assert found.html == "<p>html <b>words</b></p>\n<p>more</p>"


def test_html_in_pieces_is_one_alternative():
    page = nested(HTML, IMAGE, "Content-Type: text/html\n\n<p>more</p>", subtype="mixed")
    found = read(PLAIN, page, subtype="alternative")
    assert (found.text, found.html) == ("plain words", "<p>html <b>words</b></p>\n<p>more</p>")


def test_plain_words_among_html_are_escaped():
    found = read(HTML, "Content-Type: text/plain\n\n1 < 2")
    assert found.html.endswith('<div style="white-space: pre-wrap">1 &lt; 2</div>')


@pytest.mark.parametrize(
    "disposition", ["", "Content-Disposition: inline\n", "Content-Disposition: attachment\n"]
)
def test_an_image_is_inline_when_the_html_shows_it(disposition):
    page = 'Content-Type: text/html\n\n<img src="cid:logo@x">'
    [file] = read(page, disposition + IMAGE, subtype="related").files
    assert file == IncomingFile("attachment.png", "image/png", b"\x00\x00\x00", "logo@x", inline=True)


def test_an_image_that_no_html_shows_is_a_file():
    [file] = read(PLAIN, "Content-Disposition: inline\n" + IMAGE).files
    assert not file.inline


def test_an_image_may_be_shown_by_its_location():
    image = "Content-Type: image/png\nContent-Location: photo.png\n\nx"
    [file] = read("Content-Type: text/html\n\n<img src=photo.png>", image, subtype="related").files
    assert (file.content_id, file.inline) == ("photo.png", True)


def test_a_text_with_a_name_is_a_file():
    found = read(PLAIN, "Content-Type: text/plain; name=log.txt\n\nERROR 7")
    assert (found.text, names(found)) == ("plain words", ["log.txt"])


def test_a_named_text_that_opens_the_mail_is_its_body():
    assert message(mail("words", content_type="text/plain; name=body.txt")).text == "words"


@pytest.mark.parametrize(
    "media_type", ["text/csv", "text/calendar; method=REQUEST", "text/x-vcard", "text/rtf"]
)
def test_other_texts_are_files(media_type):
    found = read(PLAIN, f"Content-Type: {media_type}\n\nx")
    assert (found.text, len(found.files)) == ("plain words", 1)


def test_an_invitation_is_a_fact():
    found = read(
        PLAIN, "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\n", subtype="alternative"
    )
    assert (found.text, found.facts) == ("plain words", {"calendar": "REPLY"})


def test_an_attached_mail_is_one_file_byte_for_byte():
    head = "Subject: =?utf-8?q?=C3=9Cber/Uns?=\nContent-Type: multipart/mixed; boundary=z"
    inner = f"From: joe@x.example\n{head}\n\n--z\n\nsecret words\n--z--"
    found = read(PLAIN, f"Content-Type: message/rfc822\n\n{inner}")
    assert found.text == "plain words"
    assert found.files == (IncomingFile("Uns.eml", "message/rfc822", inner.encode()),)


def test_a_digest_holds_mails():
    found = read("\nSubject: one\n\nx", "\nSubject: two\n\ny", subtype="digest")
    assert names(found) == ["one.eml", "two.eml"]


@pytest.mark.parametrize(
    ("parts", "subtype", "facts"),
    [
        ([PLAIN, "Content-Type: application/pgp-signature\n\nx"], "signed", {"signed": "PGP"}),
        (
            [PLAIN, "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nx"],
            "signed",
            {"signed": "S/MIME"},
        ),
    ],
)
def test_a_signature_is_a_fact_and_no_file(parts, subtype, facts):
    found = read(*parts, subtype=subtype)
    assert (found.text, found.files, found.facts) == ("plain words", (), facts)


@pytest.mark.parametrize(
    ("raw", "facts"),
    [
        (mail("-----BEGIN PGP MESSAGE-----\n\nx"), {"encrypted": "PGP"}),
        (mail("-----BEGIN PGP SIGNED MESSAGE-----\n\nx"), {"signed": "PGP"}),
        (
            mail("x", content_type="application/pkcs7-mime; smime-type=enveloped-data"),
            {"encrypted": "S/MIME"},
        ),
        (mail("x", content_type="application/pkcs7-mime; smime-type=signed-data"), {"signed": "S/MIME"}),
        (mail("x", content_type="application/ms-tnef; name=winmail.dat"), {"tnef": "winmail.dat"}),
        (
            mail(**multipart("Content-Type: application/pgp-encrypted\n\nVersion: 1", subtype="encrypted")),
            {"encrypted": "PGP"},
        ),
    ],
)
def test_what_cannot_be_read_here_is_a_fact(raw, facts):
    assert message(raw).facts == facts


def test_uuencoded_files_leave_the_text():
    encoded = "begin 644 ../report.bin\n" + binascii.b2a_uu(b"hello").decode() + "`\nend\n"
    found = message(mail(f"See below.\n\n{encoded}\nBye."))
    assert found.text == "See below.\n\n\n\nBye."
    assert found.files == (IncomingFile("report.bin", "application/octet-stream", b"hello"),)


def test_text_that_only_looks_uuencoded_stays():
    text = "begin 644 times\nand then\nend\nof story"
    assert message(mail(text)).text == text


def test_flowed_text_flows():
    assert unflow("One long \nline.\n\n> quoted \n> words\n> > deeper\n-- \nJane", delete_space=False) == (
        "One long line.\n\n> quoted words\n>> deeper\n-- \nJane"
    ).replace(">> deeper", "> > deeper")
    assert unflow("日本 \n語", delete_space=True) == "日本語"
    assert unflow(" From here\n ", delete_space=False) == "From here\n"


def test_flowed_mail_is_read_so():
    assert (
        message(mail("One long \nline.", content_type="text/plain; format=flowed")).text == "One long line."
    )


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("base64", base64.encodebytes("Grüße".encode()).decode()),
        ("BASE64", "R3LDvMOfZQ"),
        ("quoted-printable", "Gr=C3=BC=C3=9F=\ne"),
        ("8bit", "Grüße"),
        ("x-unheard-of", "Grüße"),
    ],
)
def test_transfer_encodings(encoding, content):
    raw = mail(content, content_type="text/plain; charset=utf-8", content_transfer_encoding=encoding)
    assert message(raw).text.strip() == "Grüße"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("a\r\nb.pdf", "a b.pdf"),
        ("a\x00b.pdf", "a b.pdf"),
        ("...", ""),
        ("=?utf-8?q?=C3=BC.pdf?=", "ü.pdf"),
        ("x" * 300 + ".pdf", "x" * 180 + ".pdf"),
        ("x" * 300, "x" * 200),
    ],
)
def test_names_of_files_are_only_names(written, name):
    assert safe_name(written) == name


def test_a_long_name_in_pieces_cannot_climb():
    disposition = 'Content-Disposition: attachment; filename*0="../.."; filename*1="/x.pdf"\n\n%PDF'
    assert names(read(PLAIN, f"Content-Type: application/pdf\n{disposition}")) == ["x.pdf"]


@pytest.mark.parametrize(
    "raw",
    [
        mail(**multipart()),
        mail("", content_type="multipart/mixed"),
        mail("--x\n\nwords", content_type="multipart/mixed; boundary=x"),
        mail("", content_type="multipart/mixed; boundary="),
        mail("words", content_type="text"),
        mail("words", content_type="/"),
        mail("words", content_type="text/plain; charset*=x\x00y''z"),
    ],
)
def test_broken_trees_are_read_as_far_as_they_go(raw):
    assert message(raw).text in {"", "words"}
