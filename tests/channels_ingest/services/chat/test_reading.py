"""What a widget says is a frame or is refused in words; nothing else can come of it."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.chat import MOST_BYTES, MOST_TEXT
from channels_ingest.services.chat.frames import Frame, Hello, Page, Refused, Say, Seen, User
from channels_ingest.services.chat.reading import id_of, read

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def code(frame: object) -> str:
    with pytest.raises(Refused) as refused:
        read(frame, by_post=True)
    assert refused.value.detail
    return refused.value.code


def say(**more: Any) -> dict[str, Any]:
    return {"type": "say", "id": ID, "text": "Hello"} | more


def file(data: Any = "aGk=", **more: Any) -> dict[str, Any]:
    return {"name": "x.txt", "type": "text/plain", "data": data} | more


@pytest.mark.parametrize(
    ("frame", "refused"),
    [
        (None, "bad_frame"),
        ([], "bad_frame"),
        ({}, "bad_frame"),
        ({"type": []}, "bad_frame"),
        ({"type": "dance"}, "bad_frame"),
        (say(id=""), "bad_frame"),
        (say(id="1"), "bad_frame"),
        (say(id=7), "bad_frame"),
        (say(id=f"{{{ID}}}"), "bad_frame"),
        (say(text=""), "bad_frame"),
        (say(text=" \n\t"), "bad_frame"),
        (say(text=None), "bad_frame"),
        (say(text=7), "bad_frame"),
        (say(text=["Hello"]), "bad_frame"),
        (say(text="a\0b"), "bad_frame"),
        (say(text="\ud800"), "bad_frame"),
        (say(text="a" * (MOST_TEXT + 1)), "too_long"),
        (say(name="a" * 201), "too_long"),
        (say(email="no address"), "bad_frame"),
        (say(files="x"), "bad_frame"),
        (say(files=["x"]), "bad_frame"),
        (say(files=[file("!!!")]), "bad_frame"),
        (say(files=[file("aGk")]), "bad_frame"),
        (say(files=[file("é")]), "bad_frame"),
        (say(files=[file("")]), "bad_frame"),
        (say(files=[file(data=7)]), "bad_frame"),
        (say(files=[file(name="\0")]), "bad_frame"),
        (say(files=[file()] * 11), "too_large"),
        (say(files=[file(b64encode(bytes(MOST_BYTES + 1)).decode())]), "too_large"),
        ({"type": "seen", "delivered": "1", "read": 0}, "bad_frame"),
        ({"type": "seen", "delivered": True, "read": 0}, "bad_frame"),
        ({"type": "seen", "delivered": 2**63, "read": 0}, "bad_frame"),
        ({"type": "seen", "delivered": -1, "read": 0}, "bad_frame"),
        ({"type": "more"}, "bad_frame"),
        ({"type": "typing", "is": "yes"}, "bad_frame"),
        ({"type": "hello", "session": "", "user": "Rosa"}, "bad_frame"),
        ({"type": "hello", "session": "", "after": "x"}, "bad_frame"),
        ({"type": "introduce", "name": {}, "email": ""}, "bad_frame"),
    ],
)
def test_what_makes_no_sense_is_refused(frame: object, refused: str):
    assert code(frame) == refused


@pytest.mark.parametrize(
    ("said", "id"), [(say(text=7), ID), (say(id="1"), ""), (say(id=[]), ""), ({}, ""), (None, ""), ([ID], "")]
)
def test_a_refused_message_is_named(said: object, id: str):
    assert id_of(said) == id


def test_frames_as_they_should_be():
    files = [file(b64encode(bytes(MOST_BYTES)).decode())]
    assert read(say(text=" Hello "), by_post=False) == Say(ID, "Hello")
    assert isinstance(read(say(text="", files=files), by_post=True), Say)
    assert read({"type": "seen", "delivered": 7, "read": 3}, by_post=True) == Seen(7, 3)
    assert read({"type": "hello"}, by_post=True) == Hello("", User(), None, Page(), "")


@pytest.mark.parametrize(
    ("page", "read_as"),
    [
        ({"url": "https://x.example/", "title": " A\n B "}, Page("https://x.example/", "A B")),
        ({"url": "javascript:alert(1)", "title": 7}, Page()),
        ({"url": "https://x.example/" + "a" * 5_000, "title": "\0"}, None),
        ("no page", None),
    ],
)
def test_a_page_is_only_what_can_be_shown(page: Any, read_as: Page | None):
    try:
        frame = read({"type": "hello", "page": page}, by_post=True)
    except Refused:
        assert not isinstance(page, dict)
        return
    assert isinstance(frame, Hello)
    if read_as is None:
        assert (len(frame.page.url), frame.page.title) == (2_000, "")
    else:
        assert frame.page == read_as


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([ID, "\ud800", "\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("id", "text", "files", "name", "email", "session", "user", "after", "page", "language")
FRAMES = st.fixed_dictionaries(
    {"type": st.sampled_from(["hello", "say", "introduce", "seen", "typing", "more", "ping"]) | ANY},
    optional=dict.fromkeys((*NAMES, "delivered", "read", "is", "before"), ANY),
)


@given(said=FRAMES | ANY, by_post=st.booleans())
def test_whatever_is_said_is_a_frame_that_can_be_stored_or_refused(said: object, by_post: bool):
    try:
        frame = read(said, by_post=by_post)
    except Refused as refused:
        json.dumps(refused.frame)
        return
    assert isinstance(frame, Frame)
    assert "\\x00" not in repr(frame).replace("\\\\", "")
