"""Readings of every pipeline version are kept; one stands, and going back brings all of it back."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from sqlmodel import Session, col, select

from nlp.article import document_of
from nlp.finding import Flag, Reading
from store.articles import keep_article
from store.findings import Reconciled
from store.order import unread_articles
from store.people.rights import Person, Role
from store.readings import held_reading, readers
from store.review import decide, history
from store.tables import FindingDose, FindingFlag, FindingRow, ReadingRow, StudyRow
from tests.store.conftest import article, found, reading

Keep = Callable[..., Reconciled]

PMID = "9900001"
ADA = Person("Ada", Role.CURATOR)


def other(version: str = "2") -> Reading:
    """Make the reading of a version that sees one outcome otherwise, a dose nowhere else seen, and nothing else."""
    text = document_of(article()).text
    return reading(
        article(),
        found(text, "outcome", "MADRS score", direction="increased", effect="worsened"),
        found(text, "dose", "midazolam", low=1.0, high=1.0),
        version=version,
        design="cohort",
    )


def living(session: Session) -> dict[str, Any]:
    """Give what stands: findings with their values, flags and links, and the study."""
    session.flush()
    rows = session.exec(select(FindingRow).where(FindingRow.status != "superseded"))
    study = session.exec(select(StudyRow)).one()
    return {
        "findings": {
            row.id: (row.status, row.record, row.decided, row.reading_id, row.flagged, row.attention)
            for row in rows
        },
        "flags": sorted((flag.finding_id, flag.code) for flag in session.exec(select(FindingFlag))),
        "doses": sorted((link.finding_id, link.dose_id) for link in session.exec(select(FindingDose))),
        # its revision counts readings, too: a form must be of the last one
        "study": study.model_dump(exclude={"revision"}),
    }


def test_going_back_brings_back_what_stood_before(session: Session, keep: Keep) -> None:
    keep(article())
    before = living(session)
    keep(article(), other())
    assert living(session)["study"]["design"] == "cohort"
    assert keep(article()) == Reconciled(new=0, updated=3, superseded=1)
    assert living(session) == before
    assert len(session.exec(select(ReadingRow)).all()) == 2


@pytest.mark.parametrize("words", ["MADRS score", "Dissociation"], ids=["read otherwise", "not read"])
@pytest.mark.parametrize("act", ["accept", "correct", "reject"])
def test_a_decision_stays_and_the_doubt_that_the_other_reading_raised_is_taken_back(
    session: Session, keep: Keep, words: str, act: str
) -> None:
    keep(article())
    row = session.exec(select(FindingRow).where(FindingRow.anchor == words)).one()
    changes = {"timepoint": "7 days"} if words == "MADRS score" else {"rate": "9 of 30"}
    decide(
        session,
        row.id,
        act,
        ADA,
        seen=row.revision,
        reason="not_said" if act == "reject" else None,
        changes=changes if act == "correct" else None,
    )
    before = living(session)
    keep(article(), other())
    assert row.attention is (act != "reject")
    keep(article())
    assert living(session) == before
    told = [entry.action for entry in history(session, row.id)]
    assert told[0] == act
    assert "undo" not in told


def test_a_doubt_is_taken_back_alone(session: Session, keep: Keep) -> None:
    keep(article())
    row = session.exec(select(FindingRow).where(FindingRow.anchor == "Dissociation")).one()
    decide(session, row.id, "accept", ADA, seen=row.revision)
    decide(session, row.id, "correct", ADA, seen=row.revision, changes={"rate": "9 of 30"})
    decide(session, row.id, "undo", ADA, seen=row.revision)
    assert row.attention
    keep(article(), other())
    keep(article())
    assert row.attention
    assert not row.flagged


def test_an_article_is_unread_by_every_version_but_the_one_whose_reading_stands(
    session: Session, run_id: int, keep: Keep
) -> None:
    keep(article())
    keep(article(), other())
    assert unread(session, "2") == []
    assert unread(session, "1") == [PMID]
    keep(article())
    assert unread(session, "1") == []
    keep_article(session, run_id, article(abstract="Revised."), b"revised")
    assert unread(session, "1") == [PMID]


def test_the_first_whole_reading_of_a_version_is_the_one_that_is_held(session: Session, keep: Keep) -> None:
    broken = other().model_copy(update={"flags": (Flag(code="component_failed", reason="doses failed"),)})
    keep(article(), broken)
    assert held_reading(session, PMID, "rules", "2") is None
    keep(article(), other())
    assert held_reading(session, PMID, "rules", "2") == other()
    assert held_reading(session, PMID, "rules", "1") is None
    keep(article())
    assert readers(session) == [("rules", "1"), ("rules", "2")]
    keep(article(), reading(article(), version="2"))
    assert held_reading(session, PMID, "rules", "2") == other()
    kept = session.exec(select(FindingRow.anchor).order_by(col(FindingRow.start)))
    assert "midazolam" in list(kept)


def unread(session: Session, version: str) -> list[str]:
    """List what a version of the rules has not read."""
    return list(unread_articles(lambda: nullcontext(session), "rules", version))
