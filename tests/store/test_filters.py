"""Each filter finds by an index of its own, and what it looks for follows what the store learns."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from nlp.finding import Concept, Condition
from store.filters import FindingQuery, clauses, index_of
from store.indexes import BY_VALUE, BY_WORDS, IF_SO
from store.people.rights import Person, Role
from store.queries import count, find
from store.review import decide
from store.tables import FindingRow
from tests.store.conftest import article, found, reading

Keep = Callable[..., Any]
ADA = Person("Ada", Role.CURATOR)

ASKED: dict[str, dict[str, Any]] = {
    "type": {"type": ("dose",)},
    "status": {"status": ("corrected",)},
    "drug": {"drug": ("ketamine",)},
    "assertion": {"assertion": ("absent",)},
    "direction": {"direction": ("increased",)},
    "effect": {"effect": ("improved",)},
    "route": {"route": ("oral",)},
    "design": {"design": ("cohort",)},
    "blinding": {"blinding": ("double_blind",)},
    "domain": {"domain": ("suicid",)},
    "comparator": {"comparator": ("placebo",)},
    "about": {"condition": ("depress",)},
    "named": {"adverse_event": ("nausea",)},
    "sample_size": {"sample_size_min": 20},
    "year": {"year_max": 1990},
    "confidence": {"confidence_min": 0.9},
    "hours": {"hours_max": 24},
    "created": {"since": "2026-01-01"},
    "mg_per_kg": {"mg_per_kg_min": 1},
    "mg": {"mg_min": 50},
    "serious": {"serious": True},
    "transient": {"transient": True},
    "flagged": {"flagged": True},
    "attention": {"attention": True},
    "background": {"own_result": False},
}


def asking(name: str) -> Any:
    """Give the statement that asks for the ids of what a filter gives."""
    return select(col(FindingRow.id)).where(*clauses(FindingQuery(**ASKED[name]), {}))


def test_each_filter_has_an_index_that_holds_all_that_fits(session: Session) -> None:
    lite = session.get_bind().dialect.name == "sqlite"
    for name in (*BY_VALUE, *BY_WORDS, *IF_SO):
        index = index_of(FindingQuery(**ASKED[name]))
        assert index == f"ix_findings_{'if' if name in IF_SO else 'by'}_{name}" or name == "type"
        if lite and index:  # it refuses an index that does not
            session.execute(asking(name).with_hint(FindingRow, f"INDEXED BY {index}", "sqlite")).all()
    with pytest.raises(OperationalError, match="no query solution") if lite else nullcontext():
        other = asking("drug").with_hint(FindingRow, "INDEXED BY ix_findings_if_serious", "sqlite")
        session.execute(other).all()


def test_postgresql_takes_the_indexes_of_what_a_list_shows(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        pytest.skip("SQLite says so by itself: see above")
    session.execute(text("SET LOCAL enable_seqscan = off"))
    for name in (*BY_VALUE, *IF_SO):
        written = asking(name).compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.execute(text("EXPLAIN " + str(written).replace(":", "\\:"))).scalars())
        assert any(f"ix_findings_{kind}" in plan for kind in ("by_", "if_", "listed")), plan


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "ix_findings_by_type"),
        ({"drug": ("ketamine",), "year_min": 2000}, "ix_findings_listed"),
        ({"serious": False}, "ix_findings_listed"),
        ({"species": "any", "drug": ("ketamine",)}, None),
        ({"drug": ("ketamine",), "condition": ("depress",)}, None),
        ({"pmid": ("1",)}, None),
    ],
)
def test_what_no_single_filter_narrows_is_looked_through_or_left_to_the_database(
    query: dict[str, Any], index: str | None
) -> None:
    assert index_of(FindingQuery(**query)) == index


def test_the_narrow_index_holds_what_filters_ask_for(session: Session) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL's planner is not told which index to take")
    for name in (*BY_VALUE, *IF_SO):
        asked = asking(name).with_hint(FindingRow, "INDEXED BY ix_findings_listed", "sqlite")
        written = asked.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = str(session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}").all())
        assert "COVERING INDEX ix_findings_listed" in plan, (name, plan)


def told(session: Session, **query: Any) -> list[str]:
    """Give the anchors of the findings that fit."""
    return sorted(item.finding.anchor for item in find(session, FindingQuery(**query)).items)


def test_what_a_curator_corrects_is_found_by_its_new_words(session: Session, keep: Keep) -> None:
    of = article()
    keep(of, reading(of, found(reading(of).text, "outcome", "MADRS score", comparator="midazolam")))
    (item,) = find(session, FindingQuery()).items
    assert (count(session, FindingQuery(comparator=("midaz",))), told(session, comparator=("saline",))) == (
        1,
        [],
    )
    seen = item.finding.revision
    decide(session, item.finding.id, "correct", ADA, seen=seen, changes={"comparator": "saline"})
    assert told(session, comparator=("saline",)) == ["MADRS score"]
    assert told(session, comparator=("midaz",)) == []


def test_a_condition_is_the_studys_or_the_outcomes_own_and_follows_the_last_reading(
    session: Session, keep: Keep
) -> None:
    of = article()
    words = reading(of).text
    own = Concept(curie="MESH:D013405", name="Suicide")
    outcome = found(words, "outcome", "MADRS score", condition=own)
    event = found(words, "adverse_event", "Dissociation")

    def studied(text_: str, curie: str, name: str) -> Condition:
        return Condition(text=text_, span=(0, len(text_)), concept=Concept(curie=curie, name=name))

    bipolar = studied("bipolar patients", "MESH:D001714", "Bipolar Disorder")
    keep(of, reading(of, outcome, event, conditions=(bipolar,)))
    assert told(session, condition=("BIPOLAR",)) == ["Dissociation", "MADRS score"]
    assert told(session, condition=("mesh:d001714",)) == ["Dissociation", "MADRS score"]
    assert told(session, condition=("suicid",)) == ["MADRS score"]
    ptsd = studied("veterans", "MESH:D013313", "Stress Disorders, Post-Traumatic")
    keep(of, reading(of, outcome, event, version="2", conditions=(ptsd,), blinding="double_blind"))
    assert told(session, condition=("bipolar",)) == []
    assert told(session, condition=("veteran",)) == ["Dissociation", "MADRS score"]
    assert told(session, blinding=("double_blind",)) == ["Dissociation", "MADRS score"]


def test_words_of_an_outcome_are_no_adverse_event_and_the_other_way_round(
    session: Session, keep: Keep
) -> None:
    keep(article())
    assert told(session, adverse_event=("madrs",)) == []
    assert told(session, instrument=("dissoc",)) == []
    assert told(session, instrument=("madrs",), type=("adverse_event",)) == []
