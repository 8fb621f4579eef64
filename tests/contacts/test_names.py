import pytest

from contacts.names import compatible, first_name, is_name


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Ana", "Ana Lopez", True),
        ("Ana Lopez", "Ana Maria Lopez", True),
        ("M. Lopez", "Maria Lopez", False),
        ("Lopez", "Maria Lopez", False),
        ("Lopez, Maria", "maria lópez", True),
        ("+12065550142", "Maria Lopez", True),
        ("maria@cust.example", "Juan Perez", True),
        ("", "Juan Perez", True),
        ("Juan Lopez", "Maria Lopez", False),
        ("Bob Smith", "Robert Smith", False),
        ("Ana", "Bea", False),
    ],
)
def test_names_speak_against_a_join_or_not(one, other, expected):
    assert compatible(one, other) is expected
    assert compatible(other, one) is expected


def test_an_address_is_no_name():
    assert not is_name("boss@corp.example")
    assert not is_name("+1 206 555 0142")
    assert is_name("Ana Lopez")


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ana Lopez", "Ana"),
        ("Lopez, Ana Maria", "Ana"),
        ("Ana", "Ana"),
        ("Ana,", "Ana"),
        ("Dr. Weber", ""),
        ("J Doe", ""),
        ("ana@cust.example", ""),
        ("+1 206 555 0142", ""),
        ("", ""),
        (",", ""),
    ],
)
def test_the_first_name_is_what_one_greets_by(name: str, first: str):
    assert first_name(name) == first
