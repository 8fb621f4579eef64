"""Storing files where there is no room."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conversations.models import Attachment
from conversations.services.files import CannotStore, upload
from tenancy.models import Member
from tests.stores import full_after


@pytest.mark.usefixtures("in_scope")
def test_a_store_that_is_full_keeps_no_half_of_a_file(member: Member, settings: Any, tmp_path: Path):
    settings.MEDIA_ROOT = tmp_path
    with full_after(4), pytest.raises(CannotStore, match=r"log\.txt cannot be stored at the moment"):
        upload(SimpleUploadedFile("log.txt", b"error 42"), member=member)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not Attachment.objects.exists()
    upload(SimpleUploadedFile("log.txt", b"error 42"), member=member)
    assert Attachment.objects.get().size == 8
