"""Every finding says how sure it is, and what speaks against it makes it less sure."""

import pytest

from nlp.article import Document
from nlp.components.confidence import Points
from nlp.pipeline import load_pipeline, read
from nlp.training.fit_confidence import calibration, right


@pytest.fixture(scope="module")
def nlp():
    return load_pipeline("rules")


def confidences(nlp, text: str, kind: str) -> list[float]:
    (reading,) = read(nlp, [Document(id="x", text=text)])
    return [finding.confidence for finding in reading.findings if finding.type == kind]


def test_every_finding_has_a_chance(nlp) -> None:
    text = (
        "Ketamine for depression\nMETHODS: Patients received ketamine 0.5 mg/kg or placebo.\n"
        "RESULTS: MADRS scores fell more with ketamine than with placebo (p<0.001). Dizziness occurred in 4 of 20."
    )
    (reading,) = read(nlp, [Document(id="x", text=text)])
    assert {finding.type for finding in reading.findings} == {"dose", "outcome", "adverse_event"}
    assert all(0 < finding.confidence < 1 for finding in reading.findings)


def test_a_plain_result_is_surer_than_a_hedged_one_beside_other_drugs(nlp) -> None:
    start = "Ketamine for depression\nRESULTS: "
    plain = confidences(nlp, start + "Ketamine reduced MADRS scores at 24 h (p<0.001).", "outcome")
    vague = confidences(
        nlp, start + "Propofol, midazolam and ketamine may possibly have reduced some levels.", "outcome"
    )
    assert plain
    assert not vague or max(vague) < min(plain)


def test_points_are_the_logarithm_of_the_odds() -> None:
    points = Points(
        [{"type": "dose", "seen": "bias", "points": "1"}, {"type": "dose", "seen": "route", "points": "-1"}]
    )
    assert points.chance("dose", {"bias": 1.0, "route": 1.0, "never seen before": 1.0}) == 0.5
    assert points.chance("dose", {"bias": 1.0}) == 0.731
    assert points.chance("outcome", {"bias": 1.0}) is None


def test_two_mentions_of_one_annotated_finding_are_not_both_right(nlp) -> None:
    text = "Ketamine for depression\nRESULTS: Dizziness occurred with ketamine."
    (reading,) = read(nlp, [Document(id="x", text=text)])
    event = next(finding for finding in reading.findings if finding.type == "adverse_event")

    class Same:
        start, end, drug, assertion = *event.anchor, event.drug, event.assertion

    gold = {"anchor": list(event.anchor), "drug": event.drug, "assertion": event.assertion}
    assert sorted(right([Same, Same], [gold], ("drug", "assertion"))) == [False, True]


def test_the_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    import numpy as np

    error, rows = calibration(np.array([0.85, 0.85, 0.15, 0.15]), np.array([1, 1, 0, 1]))
    assert round(error, 3) == round((0.15 + 0.35) / 2, 3)
    assert [count for count, _, _ in rows] == [2, 2]
