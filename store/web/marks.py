"""Cut a document's text where marked stretches begin and end, so that a template can draw them.

The text itself is never changed and never escaped here: joined, the pieces are the text again, and escaping
is the template's. Stretches may overlap in any way; each piece says which of them it lies in.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple


class Mark(NamedTuple):
    """A stretch to show: half-open code-point offsets, a kind (a CSS class), words for it, a link."""

    start: int
    end: int
    kind: str
    label: str = ""
    href: str = ""


class Piece(NamedTuple):
    """A stretch of text with the marks that cover it, the shortest last."""

    text: str
    marks: tuple[Mark, ...] = ()

    @property
    def kinds(self) -> str:
        """Give the CSS classes, each once, in the order of the marks."""
        return " ".join(dict.fromkeys(mark.kind for mark in self.marks))

    @property
    def label(self) -> str:
        """Give the words of all marks, each once."""
        return "; ".join(dict.fromkeys(mark.label for mark in self.marks if mark.label))

    @property
    def href(self) -> str:
        """Give the link of the shortest mark that has one."""
        return next((mark.href for mark in reversed(self.marks) if mark.href), "")


def pieces(text: str, marks: Iterable[Mark]) -> list[Piece]:
    """Cut `text` at every edge of every mark; marks outside the text or empty are left out."""
    valid = sorted(
        (mark for mark in marks if 0 <= mark.start < mark.end <= len(text)),
        key=lambda mark: (mark.start - mark.end, mark.start),
    )
    edges = sorted({0, len(text), *(edge for mark in valid for edge in mark[:2])})
    return [_piece(text, start, end, valid) for start, end in pairwise(edges)]


def paragraphs(cut: Iterable[Piece]) -> list[list[Piece]]:
    """Part pieces where the text has a newline; the newlines themselves are left out."""
    parts: list[list[Piece]] = [[]]
    for piece in cut:
        first, *rest = piece.text.split("\n")
        parts[-1].append(Piece(first, piece.marks))
        parts.extend([Piece(line, piece.marks)] for line in rest)
    return [[piece for piece in part if piece.text] for part in parts]


def _piece(text: str, start: int, end: int, marks: Sequence[Mark]) -> Piece:
    covering = tuple(mark for mark in marks if mark.start <= start and end <= mark.end)
    return Piece(text[start:end], covering)
