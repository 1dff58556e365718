"""Scores of pointers become the words of a field, from the first to the last of them."""

import numpy as np
import pytest

from nlp.tagging.labels import FIELDS
from nlp.tagging.pointing import pointed
from tests.nlp.tagging.test_decode import window_of

TEXT = "MADRS fell by 14.2 points at 24 hours."
PIECES = ("MADRS", "fell", "by", "14", ".", "2", "points", "at", "24", "ho", "urs", ".")
WINDOW = window_of(TEXT, *PIECES)


def scores_of(**fields: tuple[int, int]) -> np.ndarray:
    """Scores in which each field surely begins and ends at the given pieces, the others at the frame."""
    scores = np.zeros((2 * len(FIELDS), len(WINDOW.ids)), dtype=np.float32)
    for i, field in enumerate(FIELDS):
        first, last = fields.get(field, (0, 0))
        scores[i, first] = scores[len(FIELDS) + i, last] = 9
    return scores


@pytest.mark.parametrize(
    ("field", "place", "words"),
    [
        ("timepoint", (9, 11), "24 hours"),
        ("value", (4, 6), "14.2"),
        ("timepoint", (9, 10), "24 hours"),  # a word is never cut
        ("timepoint", (9, 12), "24 hours"),  # nor does it end with its full stop
        ("ci", (0, 0), ""),
    ],
)
def test_a_field_is_the_words_between_its_pointers(field: str, place: tuple[int, int], words: str) -> None:
    said = pointed(TEXT, WINDOW, scores_of(**{field: place}))[field]
    assert TEXT[said.start : said.end] == words
    assert said.share > 0.9


def test_an_end_before_its_beginning_is_no_field() -> None:
    said = pointed(TEXT, WINDOW, scores_of(value=(6, 4)))["value"]
    assert said.share < 0.01


def test_a_comparator_is_read_even_where_the_frame_is_likelier() -> None:
    scores = scores_of()
    scores[FIELDS.index("comparator"), 1] = scores[len(FIELDS) + FIELDS.index("comparator"), 1] = 5
    said = pointed(TEXT, WINDOW, scores)["comparator"]
    assert TEXT[said.start : said.end] == "MADRS"


def test_a_field_does_not_reach_over_a_sentence_that_was_left_out() -> None:
    text = "At 24 hours. Nobody was asked. MADRS fell."
    pieces = ("At", "24", "hours", ".", "MADRS", "fell", ".")
    window = window_of(text, *pieces)
    scores = np.zeros((2 * len(FIELDS), len(window.ids)), dtype=np.float32)
    i = FIELDS.index("timepoint")
    scores[i, 2] = 9
    scores[len(FIELDS) + i, 5], scores[len(FIELDS) + i, 3] = 9, 8
    said = pointed(text, window, scores)["timepoint"]
    assert text[said.start : said.end] == "24 hours"
