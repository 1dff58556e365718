"""Scores of pointers → the words of an anchor's fields. Pure functions over arrays."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nlp.tagging.decode import inside_word, trimmed
from nlp.tagging.labels import FIELDS
from nlp.tagging.pieces import Window

LONGEST = 24
"""Word pieces of a field at most."""
FAINT = 0.01
"""Share of a beginning below which no field begins."""
GAP = 3
"""Characters at most between two pieces of one field: where more are missing, a sentence was left out."""


class Words(NamedTuple):
    """The words of a field: offsets into the text, none where they are equal, and the share of both pointers together."""

    start: int
    end: int
    share: float


def pointed(text: str, window: Window, scores: np.ndarray) -> Mapping[str, Words]:
    """Read every field of one anchor from its scores, (heads, pieces).

    The comparator is read as if there were one: whether there is, is said by a label of the anchor.
    """
    said = {}
    for i, field in enumerate(FIELDS):
        begins, ends = scores[i].astype(np.float64), scores[len(FIELDS) + i].astype(np.float64)
        if field == "comparator":
            begins[0] = ends[0] = -np.inf
        said[field] = _words(text, window, _shares(begins), _shares(ends))
    return said


def _shares(scores: np.ndarray) -> np.ndarray:
    shares: np.ndarray = np.exp(scores - scores.max())
    return shares / shares.sum()


def _words(text: str, window: Window, begins: np.ndarray, ends: np.ndarray) -> Words:
    best, place = float(begins[0] * ends[0]), None
    last = len(window.ids) - 1
    for i in np.flatnonzero(begins[1:last] >= FAINT) + 1:
        j = int(i + ends[i : _reach(window, int(i), last)].argmax())
        if begins[i] * ends[j] > best:
            best, place = float(begins[i] * ends[j]), (int(i), j)
    if place is None:
        return Words(0, 0, best)
    first, final = place
    while first > 1 and inside_word(text, window.offsets, first):
        first -= 1
    while final + 1 < last and inside_word(text, window.offsets, final + 1):
        final += 1
    start, end = trimmed(text, window.offsets[first][0], window.offsets[final][1])
    return Words(start, end, best) if start < end else Words(0, 0, 0.0)


def _reach(window: Window, i: int, last: int) -> int:
    """Give the piece before which a field that begins at `i` ends at the latest."""
    j = i + 1
    while j < min(i + LONGEST, last) and window.offsets[j][0] - window.offsets[j - 1][1] <= GAP:
        j += 1
    return j
