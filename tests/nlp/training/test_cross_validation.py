"""Annotated abstracts are read by points that have not seen them. The abstracts here are invented."""

import pytest

from nlp.training import cross_validation
from nlp.training.cross_validation import doses, judged, points

TEXT = "A trial\nMETHODS: Adults received ketamine {} mg/kg or placebo."


def record(number: int) -> dict[str, object]:
    text = TEXT.format(f"0.{number}")
    start = text.index("0.")
    low = float(f"0.{number}") if number % 3 else 9.0  # of every third the annotation has another amount
    dose = {
        "type": "dose",
        "drug": "ketamine",
        "anchor": [start, start + 9],
        "low": low,
        "high": low,
        "unit": "mg/kg",
    }
    return {"id": str(number), "text": text, "findings": [dose]}


def test_each_abstract_is_read_once_by_points_of_the_others(rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_validation, "load_pipeline", lambda name: rules)
    monkeypatch.setattr(cross_validation, "FOLDS", 2)
    monkeypatch.setattr("nlp.training.fit_confidence.load_pipeline", lambda name: rules)
    held = rules.get_pipe("confidence").points
    monkeypatch.setattr(rules.get_pipe("confidence"), "points", held)  # put back afterwards
    records = [record(number) for number in range(1, 10)]
    read = list(doses(records))
    assert sorted(reading.id for _, reading in read) == [r["id"] for r in records]
    found = judged("dose", read)
    assert [one.right for one in found] == [r["findings"][0]["low"] != 9.0 for r, _ in read]
    assert {one.fold for one in found} == {0, 1}
    by_fold = {fold: {one.chance for one in found if one.fold == fold} for fold in (0, 1)}
    # 3 of 5 are right in the first, 3 of 4 in the second: each fold is as sure as the other was right
    assert min(by_fold[0]) > max(by_fold[1])


def test_nothing_can_be_fitted_to_findings_that_are_all_right() -> None:
    with pytest.raises(ValueError, match="dose: of 2 findings all are right"):
        points("dose", [({"bias": 1.0}, True, 0), ({"bias": 1.0}, True, 1)], 1.0)
