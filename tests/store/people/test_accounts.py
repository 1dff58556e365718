"""The name that stands in decisions."""

import pytest

from store.people.accounts import clean_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ada Muster", "Ada Muster"),
        ("  Ada   Muster ", "Ada Muster"),
        ("Zoe\u0308 D'Arcy-Ö. 2", "Zoë D'Arcy-Ö. 2"),
        ("李 雷", "李 雷"),
    ],
)
def test_a_name_is_kept_in_one_spelling(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    "given", ["", "A", "<b>Ada</b>", "Ada; DROP TABLE", "Ada\u202ebob", "a" * 61, "12 34", "a\x00b"]
)
def test_what_is_no_name_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="A name has"):
        clean_name(given)
