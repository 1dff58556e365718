"""A question asked of a store: its filter, its studies, its quotes, and what it leaves out."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from nlp.article import Article, RegistryNumber, document_of
from nlp.errors import StoreError
from nlp.finding import StudyProfile
from store.filters import FindingQuery
from store.findings import Reconciled
from store.questions.registry import QUESTIONS, ask
from store.tables import FindingRow
from tests.store.conftest import article, found, reading

Keep = Callable[..., Reconciled]
NCT = (RegistryNumber(bank="ClinicalTrials.gov", accession="NCT99000001"),)


def studied(of: Article, **profile: object) -> object:
    """Read an article as a psychiatric trial, or another study, with an outcome at a time and a rate."""
    text = document_of(of).text
    findings = (
        found(
            text,
            "outcome",
            "MADRS score",
            domain="depression",
            timepoint_hours=24.0,
            timepoint="24 h",
            comparator="midazolam",
        ),
        found(text, "adverse_event", "Dissociation", rate="8 of 30", transient=True),
        found(text, "dose", "0.5 mg/kg", route="intravenous"),
    )
    told = {
        "species": "human",
        "design": "randomized_trial",
        "setting": "psychiatric",
        "sample_size": 60,
    } | profile
    return reading(of, *findings).model_copy(update={"study": StudyProfile.model_validate(told)})


def kept(keep: Keep, pmid: str, fields: dict | None = None, **profile: object) -> None:
    of = article(pmid, **(fields or {}))
    keep(of, studied(of, **profile))


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_is_answered_from_an_empty_store_and_a_full_one(
    session: Session, keep: Keep, name: str
) -> None:
    assert ask(session, name).findings == 0
    kept(keep, "9900001")
    answer = ask(session, name)
    assert answer.name == name
    held = {found for table in answer.tables for line in table.lines for found in line.findings}
    assert held <= set(session.exec(select(FindingRow.id)))
    assert answer.method
    assert answer.cautions


def test_papers_of_one_trial_are_one_study(session: Session, keep: Keep) -> None:
    kept(keep, "9900001", {"registry_numbers": NCT})
    kept(keep, "9900002", {"registry_numbers": NCT, "title": "Its second paper"})
    kept(keep, "9900003", {"title": "Another trial"})
    answer = ask(session, "onset")
    assert (answer.findings, answer.studies) == (3, 2)
    assert answer.tables[0].lines[0].cells["participants"] == 120


def test_what_is_left_out_is_counted_under_one_reason_each(session: Session, keep: Keep) -> None:
    kept(keep, "9900001")
    kept(keep, "9900002", {"title": "In rats"}, species="animal", design="preclinical", setting="preclinical")
    kept(keep, "9900003", {"title": "For pain"}, setting="pain")
    kept(keep, "9900004", {"title": "A review"}, design="systematic_review")
    answer = ask(session, "onset")
    assert answer.findings == 1
    assert {entry.reason: entry.findings for entry in answer.left_out} == {
        "in animals or cells": 1,
        "from other settings than those asked for": 1,
        "of reviews and meta-analyses, which restate other studies": 1,
    }


def test_a_given_filter_narrows_or_lifts_the_questions_own(session: Session, keep: Keep) -> None:
    kept(keep, "9900001")
    kept(keep, "9900003", {"title": "For pain"}, setting="pain")
    assert ask(session, "onset", FindingQuery(drug=("esketamine",))).findings == 0
    lifted = ask(session, "onset", FindingQuery(setting=("pain", "psychiatric")))
    assert lifted.findings == 2
    assert lifted.left_out == ()


def test_doubtful_findings_are_counted_aloud(session: Session, keep: Keep) -> None:
    kept(keep, "9900001")
    assert ask(session, "onset").cautions == (
        "1 of the 1 findings counted were decided by no person; 1 of those have a confidence below 0.5 or none.",
    )


def test_a_rate_leads_to_its_findings(session: Session, keep: Keep) -> None:
    kept(keep, "9900001")
    (line,) = ask(session, "adverse-events").tables[0].lines
    assert (line.cells["events"], line.cells["people"], line.cells["transient"]) == (8, 30, 1)
    (key,) = line.findings
    assert session.get_one(FindingRow, key).quote.startswith("Dissociation occurred in 8 of 30")


def test_new_is_what_was_read_since_a_date(session: Session, keep: Keep) -> None:
    kept(keep, "9900001")
    today = datetime.now(UTC).date()
    assert ask(session, "new", FindingQuery(since=today)).findings == 3
    assert ask(session, "new", FindingQuery(since=today + timedelta(days=2))).findings == 0
    assert ask(session, "new", FindingQuery(since=date(2000, 1, 1))).findings == 3


def test_an_unknown_question_names_the_known(session: Session) -> None:
    with pytest.raises(StoreError, match="ask one of onset, durability"):
        ask(session, "everything")
