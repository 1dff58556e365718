"""Where an annotated anchor points: at the words of its fields, or at the frame when a field is not said."""

from typing import Any

from nlp.training.tagger_data import NOTHING, points
from tests.nlp.tagging.test_decode import window_of

TEXT = "Ketamine, not saline: MADRS fell at 24 h, and at day 7; saline did nothing."
WINDOW = window_of(
    TEXT,
    *[
        "Ketamine",
        ",",
        "not",
        "saline",
        ":",
        "MADRS",
        "fell",
        "at",
        "24",
        "h",
        ",",
        "and",
        "at",
        "day",
        "7",
        ";",
        "saline",
        "did",
        "nothing",
        ".",
    ],
)


def finding(**fields: Any) -> dict[str, Any]:
    start = TEXT.index("MADRS")
    return {"type": "outcome", "anchor": [start, start + 5], "evidence": [start, len(TEXT)], **fields}


def pointed(**fields: Any) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    (anchor,) = points(TEXT, WINDOW, [finding(**fields)])
    assert anchor.anchor == 6
    return anchor.fields


def test_a_field_that_is_not_said_points_at_the_frame() -> None:
    assert pointed(timepoint=None) == {"timepoint": NOTHING}


def test_a_time_is_pointed_at_in_its_evidence() -> None:
    assert pointed(timepoint="24 h") == {"timepoint": ((9,), (10,))}


def test_a_comparator_is_right_wherever_it_is_named() -> None:
    assert pointed(comparator="saline") == {"comparator": ((4, 17), (4, 17))}


def test_the_baseline_and_words_that_are_not_there_are_left_open() -> None:
    assert pointed(comparator="baseline", value="14.2") == {}
