"""What a label says of an anchor stands where it is surer than its share; every sentence is invented."""

import numpy as np
import pytest

from nlp.components.pointed import LABELLED, NEVER, with_fields
from nlp.extensions import AdverseEventMention
from nlp.finding import Assertion, Comparison, Drug
from nlp.tagging.decode import Read
from nlp.tagging.labels import GROUPS, SLICES, WIDTH
from nlp.tagging.model import Tagger
from nlp.tagging.pieces import Window
from nlp.tagging.pointing import Words
from tests.nlp.tagging.test_decode import window_of

TEXT = "Nausea was commoner."
WINDOW = window_of(TEXT, "Nausea", "was", "common", "er", ".")


class Silent(Tagger):
    """A tagger whose pointers point at nothing."""

    def __init__(self) -> None:
        """Load nothing."""

    def pointed(self, text: str, read: Read, firsts: list[int]) -> list[dict[str, Words]]:  # type: ignore[override]
        """Say that no field is said."""
        return [{"rate": Words(0, 0, 0.0)} for _ in firsts]


def read_of(window: Window, group: str, label: str, score: float) -> Read:
    """A reading in which one label has a score and all others have none."""
    scores = np.zeros((len(window.ids), WIDTH), dtype=np.float32)
    scores[1, SLICES[group].start + GROUPS[group].index(label)] = score
    return Read(window, scores, np.zeros((len(window.ids), 4), dtype=np.float32))


@pytest.mark.parametrize(
    ("least", "score", "expected"),
    [(0.9, 9.0, Comparison.MORE), (0.9, 1.0, None), (NEVER, 9.0, None)],
    ids=["sure", "unsure", "never heard"],
)
def test_a_label_stands_where_it_is_sure(least: float, score: float, expected: Comparison | None) -> None:
    nausea = AdverseEventMention(
        start=0, end=6, evidence=(0, 20), drug=Drug.KETAMINE, component="rules", assertion=Assertion.PRESENT
    )
    read = [read_of(WINDOW, "comparison", "more", score)]
    said = with_fields(TEXT, "adverse_events", [nausea], read, Silent(), {"comparison": least})
    assert [m.comparison for m in said] == [expected]


def test_every_labelled_field_is_a_group_of_labels() -> None:
    assert {name for names in LABELLED.values() for name in names} <= set(GROUPS)
