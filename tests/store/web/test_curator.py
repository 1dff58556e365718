"""A curator's name, and where a form may lead."""

import pytest

from store.web.curator import clean_name, local_path


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


@pytest.mark.parametrize("path", ["/", "/findings/1?queue=1", "/queue"])
def test_a_path_of_ours_is_followed(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x",
    ],
)
def test_no_form_leads_elsewhere(path: str) -> None:
    assert local_path(path) == "/queue"
