from datetime import UTC, datetime

import pytest

from tenancy.keyset import Cursor, cut


def test_a_cursor_comes_back_from_its_text():
    cursor = Cursor(datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC), 7)
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text", [None, "", "7", "x-7", "7-x", "-", "9" * 40 + "-1", "1-" + "9" * 40, "1--5", "1-2-3"]
)
def test_garbled_text_is_the_first_page(text):
    assert Cursor.parse(text) is None


def test_one_row_to_spare_says_that_there_are_more():
    assert cut([1, 2, 3], 2) == ([1, 2], True)
    assert cut([1, 2], 2) == ([1, 2], False)
