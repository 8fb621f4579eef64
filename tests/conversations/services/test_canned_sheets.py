"""Canned replies as a file: what is written out is read in as it was; a wrong line keeps everything out."""

import pytest
from django.core.exceptions import ValidationError

from conversations.models import CannedReply
from conversations.services import tools
from conversations.services.canned_sheets import MOST, read_in, written
from tenancy.models import Brand


def facts() -> list[tuple[object, ...]]:
    names = ("name", "shortcut", "text", "html", "brand_id", "language", "owner_id")
    return list(CannedReply.objects.order_by("name").values_list(*names))


def test_what_is_written_out_is_read_in_as_it_was(in_scope, admin):
    brand = Brand.objects.get()
    for name, shared, text in (("=1+1", True, "Line\nand, “line”"), ("Mine", False, "- a list\n- of two")):
        canned = CannedReply(name=name, text=text, html="<p><b>x</b></p>", brand=brand, language="en")
        tools.keep(tool=canned, shared=shared, by=admin)
    before = facts()
    sheet = written(CannedReply.objects.select_related("brand").order_by("name"))
    assert "'=1+1," in sheet
    CannedReply.objects.all().delete()
    assert read_in(text=sheet, by=admin) == 2
    assert facts() == before


def test_a_known_shortcut_is_changed_and_a_new_one_made(in_scope, member):
    tools.keep(tool=CannedReply(name="Old", shortcut="hi", text="Old"), shared=False, by=member)
    assert read_in(text="\ufeffShortcut,Name,Text\r\nHI,New,New text\r\nbye,Bye,Bye\r\n", by=member) == 2
    assert [(row[0], row[1], row[2]) for row in facts()] == [("Bye", "bye", "Bye"), ("New", "hi", "New text")]


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        ("", "The first line must name the columns"),
        ("a,b\n1,2", "The first line must name the columns"),
        ("name,text\nA,fine\nB,{{shoe}}", "Line 3: There is no variable {{shoe}}."),
        ("name,text\nA,", "Line 2: A reply needs a name and a text."),
        ("name,text,shared\nA,a,yes", "Line 2: Managers change what is shared."),
        ("name,text,brand\nA,a,Nobody", "Line 2: There is no brand “Nobody”."),
        ("name,text,shortcut\nA,a,two words", "Line 2: Only letters, digits, - and _."),
        (f"name,text\n{'x' * 121},a", "Line 2: name has more than 120 characters."),
        ("name,text\n" + "a,b\n" * (MOST + 1), f"A file has at most {MOST} replies."),
        ('name,text\n"a' + "x" * 140_000, "This is not a CSV file"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_kept(in_scope, member, sheet, why):
    with pytest.raises(ValidationError) as refused:
        read_in(text=sheet, by=member)
    assert refused.value.messages[0].startswith(why)
    assert facts() == []
