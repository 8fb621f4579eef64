"""Pages of rows: by cursor, there and back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact
from contacts.services import people
from contacts.services.searching import put_contacts
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.programs import Program


def make_contacts(count: int) -> None:
    now = timezone.now()
    for number in range(count):
        # In twos of one time, so that pages are cut between rows that only their ids tell apart.
        Contact.objects.create(name=str(number), last_seen_at=now + timedelta(seconds=number // 2))


@pytest.mark.parametrize("path", ["contacts/", "accounts/"])
def test_pages_lead_through_all_rows_and_back(program: Program, workspace: Workspace, path: str):
    with scope(workspace.pk):
        make_contacts(7)
        for number in range(7):
            people.create_account(name=str(number))
    names, page = [], program.get(path, page_size=3).json()
    first = page
    while True:
        names.append([row["name"] for row in page["results"]])
        if page["next"] is None:
            break
        page = program.follow(page["next"]).json()
    assert names == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    page = program.follow(page["previous"]).json()
    assert [row["name"] for row in page["results"]] == ["3", "2", "1"]
    page = program.follow(page["previous"]).json()
    assert (page["results"], page["previous"]) == (first["results"], None)
    assert program.follow(page["next"]).json()["results"][0]["name"] == "3"


def test_what_comes_meanwhile_moves_nothing_from_page_to_page(program: Program, workspace: Workspace):
    with scope(workspace.pk):
        make_contacts(4)
    first = program.get("contacts/", page_size=2).json()
    with scope(workspace.pk):
        Contact.objects.create(name="new", last_seen_at=timezone.now() + timedelta(days=1))
    second = program.follow(first["next"]).json()
    assert [[row["name"] for row in page["results"]] for page in (first, second)] == [["3", "2"], ["1", "0"]]
    back = program.follow(second["previous"]).json()
    assert back["results"] == first["results"]
    newer = program.follow(back["previous"]).json()
    assert [row["name"] for row in newer["results"]] == ["new"]


def test_a_page_has_at_most_200_rows_and_keeps_its_filters(program: Program, workspace: Workspace):
    with scope(workspace.pk):
        put_contacts(Contact.objects.bulk_create(Contact(name="Ana") for _ in range(201)))
    page = program.get("contacts/", page_size=100_000, search="ana").json()
    assert len(page["results"]) == 200
    assert "search=ana" in page["next"]
