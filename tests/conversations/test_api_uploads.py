"""Files that programs send along."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from conversations.models import Attachment, Entry
from conversations.services.tidy import drop_uploads
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.programs import Program, letter, mail_channel, problem, write
from tests.stores import full_after

LOG = b"error 42"


def uploads(workspace: Workspace) -> list[Attachment]:
    with scope(workspace.pk):
        return list(Attachment.objects.order_by("pk"))


def test_a_program_is_told_to_upload_again_when_the_store_is_full(program: Program, workspace: Workspace):
    with full_after(4):
        refused = program.upload("log.txt", LOG, key="k1")
    assert (problem(refused)["status"], refused.headers["Retry-After"]) == (503, "5")
    assert program.upload("log.txt", LOG, key="k1").status_code == 201
    assert len(uploads(workspace)) == 1


def content_of(response) -> bytes:
    return bytes(response.content)


def test_a_file_is_uploaded_and_goes_with_a_message(program: Program, workspace: Workspace):
    got, channel = letter(workspace), mail_channel(workspace)
    response = program.upload("log.txt", LOG)
    made = response.json()
    assert (response.status_code, made["name"], made["content_type"], made["size"], made["state"]) == (
        201,
        "log.txt",
        "text/plain",
        8,
        "stored",
    )
    assert content_of(program.follow(response.headers["Location"])) == LOG
    body = {"kind": "message", "channel": channel.pk, "text": "See the log", "attachments": [made["id"]]}
    row = write(program, got.conversation, **body).json()
    assert row["attachments"] == [made]
    again = problem(write(program, got.conversation, **body))["errors"]
    assert again == {"attachments": [f"There is no upload {made['id']} of yours that waits for its entry."]}


def test_files_alone_can_be_a_note_or_begin_a_conversation(program: Program, workspace: Workspace):
    got, channel = letter(workspace), mail_channel(workspace)
    one, two = (program.upload("log.txt", LOG).json()["id"] for _ in range(2))
    note = write(program, got.conversation, kind="note", text="", attachments=[one]).json()
    assert [file["id"] for file in note["attachments"]] == [one]
    assert got.contact
    body = {
        "contact": got.contact.pk,
        "channel": channel.pk,
        "subject": "Log",
        "text": "",
        "attachments": [two],
    }
    number = program.post("conversations/", body).json()["number"]
    (entry,) = program.rows(f"conversations/{number}/entries/", page_size=10)
    assert [file["id"] for file in entry["attachments"]] == [two]


def test_nobody_sends_or_reads_what_a_colleague_has_uploaded(
    program: Program, admin_program: Program, workspace: Workspace
):
    got, made = letter(workspace), admin_program.upload("log.txt", LOG).json()
    body = {"kind": "note", "text": "See here", "attachments": [made["id"]]}
    assert problem(write(program, got.conversation, **body))["errors"].keys() == {"attachments"}
    assert program.get(f"attachments/{made['id']}/").status_code == 404
    with scope(workspace.pk):
        assert not Entry.objects.filter(kind="note").exists()


def test_an_upload_is_repeated_under_a_key_and_made_once(program: Program, workspace: Workspace):
    first = program.upload("log.txt", LOG, key="k1")
    again = program.upload("log.txt", LOG, key="k1")  # the boundary between its parts is another
    assert (again.status_code, again.json()) == (201, first.json())
    assert content_of(program.follow(first.headers["Location"])) == LOG
    other = program.upload("log.txt", b"error 43", key="k1")
    assert problem(other)["type"] == "urn:omnidesk:problem:key-reused"
    assert len(uploads(workspace)) == 1


def test_what_is_no_file_is_refused(program: Program, workspace: Workspace, settings):
    settings.OMNIDESK_ATTACHMENT_LIMIT = 8
    assert list(problem(program.upload("log.txt", b""))["errors"]) == ["file"]
    assert list(problem(program.upload("log.txt", b"too much!"))["errors"]) == ["file"]
    assert list(problem(program.upload("log.txt", LOG, title="Mine"))["errors"]) == ["title"]
    assert problem(program.post("attachments/", {"file": "log"}))["status"] == 415
    assert uploads(workspace) == []


FORM = "multipart/form-data; boundary=b"


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        (FORM, b"", 400),
        (FORM, b"--b", 400),
        (FORM, b"--b--\r\n", 400),
        (FORM, b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--b--\r\n', 400),
        (FORM, b'--b\r\nContent-Disposition: form-data; name="fi\0le"\r\n\r\ntext\r\n--b--\r\n', 400),
        ("multipart/form-data", b"--b--", 400),
        ("multipart/form-data; boundary=\xe9", b"--b--", 400),
        (f"{FORM}; charset=klingon", b"--b--", 400),
        (FORM, b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 501 + b"--b--\r\n", 400),
        (
            FORM,
            b'--b\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n1\r\n' * 101 + b"--b--",
            400,
        ),
        ("multipart/mixed; boundary=b", b"--b--", 415),
        ("text/plain", b"hello", 415),
        ("application/x-www-form-urlencoded", b"file=hello", 415),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(program: Program, content_type: str, body: bytes, status: int):
    address = "/api/v1/attachments/"
    response = program.client.generic("POST", address, body, content_type, headers=program.headers)
    assert problem(response)["status"] == status


def test_names_and_types_of_strangers_are_made_harmless(program: Program):
    head = b'Content-Disposition: form-data; name="file"; filename="%s"\r\nContent-Type: %s'
    names = {
        b"../../etc/passwd": "passwd",
        b"a\0b.txt": "ab.txt",
        b"\xff\xfe.txt": None,
        b"": None,
        b"..": None,
        b"n" * 300: "n" * 255,
    }
    for name, kept in names.items():
        for content_type in (b"text/html", b"text/\0plain", b"x/" + b"y" * 200):
            address, part = "/api/v1/attachments/", head % (name, content_type)
            body = b"--b\r\n" + part + b"\r\n\r\nx\r\n--b--\r\n"
            response = program.client.generic("POST", address, body, FORM, headers=program.headers)
            assert response.json().get("name") == kept, (name, content_type, response.content)


def test_files_elsewhere_are_no_json(program: Program):
    response = program.client.post("/api/v1/accounts/", {"name": "a"}, headers=program.headers)
    assert problem(response)["status"] == 415


def test_a_file_that_is_still_coming_or_lost_says_so(program: Program, workspace: Workspace):
    entry = letter(workspace).entry
    with scope(workspace.pk):
        coming = Attachment.objects.create(entry=entry, name="x", size=0, state="coming", source="https://p")
        lost = Attachment.objects.create(entry=entry, name="y", size=0, state="lost", reason="404 there")
    assert problem(program.get(f"attachments/{coming.pk}/"))["detail"] == "Being fetched"
    assert problem(program.get(f"attachments/{lost.pk}/"))["detail"] == "404 there"
    files = program.get(f"entries/{entry.pk}/").json()["attachments"]
    assert [(file["state"], file["reason"]) for file in files] == [("coming", ""), ("lost", "404 there")]


def test_an_upload_that_no_entry_takes_goes_after_a_day(program: Program, workspace: Workspace):
    kept, taken, gone = (program.upload("log.txt", LOG).json()["id"] for _ in range(3))
    write(program, letter(workspace).conversation, kind="note", text="Log", attachments=[taken])
    with scope(workspace.pk):
        file: Any = Attachment.objects.get(pk=gone).file
        before = timezone.now() - timedelta(hours=25)
        Attachment.objects.filter(pk__in=[taken, gone]).update(created_at=before)
        drop_uploads()
    assert [file.pk for file in uploads(workspace)] == [kept, taken]
    assert not file.storage.exists(file.name)
