"""Marked text: cut at every edge, joined again the same, every piece knowing what covers it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.web.marks import Mark, pieces


def drawn(text: str, *marks: Mark) -> str:
    """Write the pieces as `[kinds:text]`, bare where nothing covers them."""
    return "".join(f"[{p.kinds}:{p.text}]" if p.marks else p.text for p in pieces(text, marks))


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ((), "MADRS fell by 8."),
        ((Mark(0, 5, "anchor"),), "[anchor:MADRS] fell by 8."),
        ((Mark(0, 16, "evidence"), Mark(0, 5, "anchor")), "[evidence anchor:MADRS][evidence: fell by 8.]"),
        ((Mark(0, 10, "a"), Mark(6, 16, "b")), "[a:MADRS ][a b:fell][b: by 8.]"),
        ((Mark(0, 5, "a"), Mark(0, 5, "a")), "[a:MADRS] fell by 8."),
        ((Mark(14, 99, "a"), Mark(3, 3, "b"), Mark(-1, 2, "c")), "MADRS fell by 8."),
    ],
)
def test_marks_are_drawn(marks: tuple[Mark, ...], expected: str) -> None:
    assert drawn("MADRS fell by 8.", *marks) == expected


def test_a_piece_links_to_the_shortest_mark_that_has_a_link() -> None:
    (first, *_) = pieces(
        "abcdef", [Mark(0, 6, "x", href="/long"), Mark(0, 2, "y", href="/short"), Mark(0, 1, "z")]
    )
    assert (first.text, first.href) == ("a", "/short")


def test_labels_are_said_once() -> None:
    (piece,) = pieces("ab", [Mark(0, 2, "x", "Rate"), Mark(0, 2, "y", "Rate"), Mark(0, 2, "z", "Time")])
    assert piece.label == "Rate; Time"


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(-3, 63), st.integers(-3, 63)), max_size=6))
def test_the_text_is_never_changed(text: str, edges: list[tuple[int, int]]) -> None:
    marks = [Mark(start, end, f"k{number}") for number, (start, end) in enumerate(edges)]
    cut = pieces(text, marks)
    assert "".join(piece.text for piece in cut) == text
    for number, mark in enumerate(marks):
        covered = "".join(piece.text for piece in cut if f"k{number}" in piece.kinds.split())
        valid = 0 <= mark.start < mark.end <= len(text)
        assert covered == (text[mark.start : mark.end] if valid else "")
