"""Scores of word pieces → anchors with what is said of them. Pure functions over arrays."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from nlp.tagging.labels import GROUPS, SLICES
from nlp.tagging.pieces import Window

TOLD = {
    "outcome": ("member", "direction", "effect", "against"),
    "event": ("member", "assertion", "comparison", "transient", "serious"),
}
"""Group of an anchor → the groups whose labels its first piece carries."""


class Tagged(NamedTuple):
    """An anchor: offsets into the text, group, how sure the tagger is of it, and label and share by group."""

    start: int
    end: int
    group: str
    sure: float
    labels: dict[str, str]
    shares: dict[str, float]


class Read:
    """A window with its scores, float array of (pieces, WIDTH), and what the encoder made of it, (pieces, width)."""

    def __init__(self, window: Window, scores: np.ndarray, hidden: np.ndarray) -> None:
        """Take all three."""
        self.window, self.hidden, self._scores = window, hidden, scores
        self._shares: dict[str, np.ndarray] = {}

    def shares(self, group: str) -> np.ndarray:
        """Give the softmax of a group's scores: float array of (pieces, labels of the group)."""
        if group not in self._shares:
            part = self._scores[:, SLICES[group]].astype(np.float64)
            part = np.exp(part - part.max(axis=1, keepdims=True))
            self._shares[group] = part / part.sum(axis=1, keepdims=True)
        return self._shares[group]

    def pieces(self, start: int, end: int) -> list[int]:
        """Give the numbers of the pieces that lie in a half-open range of characters, or reach into it."""
        offsets = self.window.offsets
        last = len(offsets) - 1  # the frame stands nowhere
        i, found = bisect_right(offsets, start, 1, last, key=_end), []
        while i < last and offsets[i][0] < end:
            if offsets[i][0] < offsets[i][1]:
                found.append(i)
            i += 1
        return found


def _end(offsets: tuple[int, int]) -> int:
    return offsets[1]


def anchors(text: str, read: Read, begin: float, groups: Collection[str] = tuple(TOLD)) -> list[Tagged]:
    """Read the anchors of some groups in one window: one begins where `B` has at least the share `begin`."""
    found, window = [], read.window
    for group in groups:
        told, tags = TOLD[group], read.shares(group)
        goes_on = (tags[:, 2] >= 0.5).tolist()
        j, size = 1, len(window.ids) - 1
        for i in (np.flatnonzero(tags[1:size, 1] >= begin) + 1).tolist():
            if i < j or inside_word(text, window.offsets, i):
                continue
            j = i + 1
            while j < size and (
                inside_word(text, window.offsets, j)
                or (goes_on[j] and window.offsets[j][0] - window.offsets[j - 1][1] <= 1)
            ):
                j += 1
            best = {name: int(read.shares(name)[i].argmax()) for name in told}
            found.append(
                Tagged(
                    *trimmed(text, window.offsets[i][0], window.offsets[j - 1][1]),
                    group,
                    float(tags[i, 1]),
                    {name: GROUPS[name][k] for name, k in best.items()},
                    {name: float(read.shares(name)[i, k]) for name, k in best.items()},
                )
            )
    return [tagged for tagged in found if tagged.start < tagged.end]


def inside_word(text: str, offsets: Sequence[tuple[int, int]], i: int) -> bool:
    """Tell whether a piece goes on with the word of the piece before it."""
    a, before = offsets[i][0], offsets[i - 1][1]
    return 0 < a == before and text[a].isalnum() and text[a - 1].isalnum()


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Take spaces and punctuation off the ends; a bracket that is closed inside stays."""
    while start < end and not text[start].isalnum() and text[start] not in "([":
        start += 1
    while start < end and not text[end - 1].isalnum() and text[end - 1] not in "%)]":
        end -= 1
    while start < end and text[start] in "([" and (text[end - 1] in ")]" or not _closed(text[start:end])):
        start, end = start + 1, end - (text[end - 1] in ")]")
    while start < end and text[end - 1] in ")]" and not _closed(text[start:end]):
        end -= 1
    return start, end


def _closed(words: str) -> bool:
    """Tell whether brackets stand in pairs."""
    return words.count("(") == words.count(")") and words.count("[") == words.count("]")
