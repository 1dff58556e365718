"""Scores become anchors that begin and end with a word."""

import numpy as np
import pytest

from nlp.tagging.decode import Read, anchors
from nlp.tagging.labels import GROUPS, SLICES, WIDTH, names
from nlp.tagging.pieces import Window


def window_of(text: str, *pieces: str) -> Window:
    offsets, at = [(0, 0)], 0
    for piece in pieces:
        start = text.index(piece, at)
        at = start + len(piece)
        offsets.append((start, at))
    offsets.append((0, 0))
    return Window([0] * len(offsets), [0] * len(offsets), offsets)


def scores_of(window: Window, **tags: str) -> np.ndarray:
    """Scores in which each piece has, surely, the given labels: `outcome="OBI"` for three pieces."""
    scores = np.zeros((len(window.ids), WIDTH), dtype=np.float32)
    for group in ("outcome", "event"):
        scores[:, SLICES[group].start] = 9
    for group, letters in tags.items():
        for i, letter in enumerate(letters, 1):
            scores[i, SLICES[group]] = 0
            scores[i, SLICES[group].start + GROUPS[group].index(letter)] = 9
    return scores


def read_of(window: Window, scores: np.ndarray) -> Read:
    return Read(window, scores, np.zeros((len(window.ids), 1), dtype=np.float32))


def said(window: Window, piece: int, scores: np.ndarray, **labels: str) -> np.ndarray:
    for group, name in labels.items():
        scores[piece, SLICES[group].start + GROUPS[group].index(name)] = 9
    return scores


def test_an_anchor_carries_what_its_first_piece_says() -> None:
    text = "Ketamine reduced pain scores."
    window = window_of(text, "Ketamine", "reduced", "pain", "scores", ".")
    scores = said(window, 3, scores_of(window, outcome="OOBIO"), direction="decreased", effect="improved")
    (tagged,) = anchors(text, read_of(window, scores), 0.5)
    assert text[tagged.start : tagged.end] == "pain scores"
    assert tagged.labels == {
        "direction": "decreased",
        "effect": "improved",
        "against": "nothing",
        "member": "ketamine",
    }
    assert tagged.sure > 0.99


def test_a_word_is_never_cut() -> None:
    text = "More vomiting."
    window = window_of(text, "More", "vomit", "ing", ".")
    (tagged,) = anchors(text, read_of(window, scores_of(window, event="OBOO")), 0.5)
    assert text[tagged.start : tagged.end] == "vomiting"


def test_punctuation_at_the_ends_is_left_out_and_brackets_stay_in_pairs() -> None:
    text = "(nausea), BDI (II) fell"
    window = window_of(text, "(", "nausea", ")", ",", "BDI", "(", "II", ")", "fell")
    found = anchors(text, read_of(window, scores_of(window, event="BIIOOOOOO", outcome="OOOOBIIIO")), 0.5)
    assert [text[t.start : t.end] for t in found] == ["BDI (II)", "nausea"]


@pytest.mark.parametrize(("begin", "count"), [(0.2, 1), (0.5, 0)])
def test_an_anchor_begins_from_the_given_share(begin: float, count: int) -> None:
    text = "pain"
    window = window_of(text, "pain")
    scores = scores_of(window)
    scores[1, SLICES["outcome"]] = np.log([0.6, 0.3, 0.1])
    assert len(anchors(text, read_of(window, scores), begin)) == count


def test_two_anchors_side_by_side_are_two() -> None:
    text = "nausea vomiting"
    window = window_of(text, "nausea", "vomiting")
    assert len(anchors(text, read_of(window, scores_of(window, event="BB")), 0.5)) == 2


def test_every_score_has_one_name() -> None:
    assert len(list(names())) == len(set(names())) == WIDTH
