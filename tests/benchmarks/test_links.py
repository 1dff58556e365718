"""Links of found results against links made by hand, on invented findings."""

from typing import Any

import pytest

from benchmarks.links import found_links
from nlp.finding import Dose, Finding, Outcome, Provenance

SAID = {
    "drug": "ketamine",
    "evidence": (0, 99),
    "evidence_text": "",
    "provenance": Provenance(document_hash="0", pipeline="x", version="0"),
}


def dose(start: int) -> Dose:
    return Dose(**SAID, id=f"d{start}", anchor=(start, start + 5), anchor_text="", low=1, high=1, unit="mg")


def outcome(start: int, *doses: int) -> Outcome:
    linked = tuple(f"d{number}" for number in doses) or None
    return Outcome(
        **SAID, id=f"o{start}", anchor=(start, start + 5), anchor_text="", effect="unclear", doses=linked
    )


def gold(kind: str, start: int) -> dict[str, Any]:
    return {"type": kind, "drug": "ketamine", "anchor": [start, start + 5]}


ANNOTATED = [gold("dose", 0), gold("outcome", 40), gold("dose", 10), gold("outcome", 60)]


@pytest.mark.parametrize(
    ("found", "links"),
    [
        ([dose(0), dose(10), outcome(40, 0), outcome(60, 10)], {0: (0,), 1: (1,)}),
        ([dose(0), dose(10), outcome(40, 10, 0)], {0: (0, 1)}),
        ([dose(0), outcome(41)], {0: ()}),  # another end of the same anchor, and no link
        ([dose(0), dose(80), outcome(60, 80)], {1: (-1,)}),  # a dose that the annotators do not have
        ([dose(0), outcome(20, 0)], {}),
    ],
)
def test_links_are_told_in_the_annotators_ordinals(
    found: list[Finding], links: dict[int, tuple[int, ...]]
) -> None:
    assert found_links(ANNOTATED, found) == links
