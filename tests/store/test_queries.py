"""Asking for findings: one filter, pages that writes do not upset, counts, and one finding in full."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import Session

from nlp.article import CommentsCorrections, PartialDate
from nlp.errors import StoreError
from nlp.finding import Concept, Condition, Flag
from store.curation.lane import thresholds
from store.curation.tables import LaneThreshold
from store.database import now
from store.filters import EVERYTHING, FindingQuery, defaults_on
from store.people.rights import Person, Role
from store.queries import articles, count, detail, every, facets, find, of_article, totals
from store.review import decide
from store.tables import Status
from tests.store.conftest import article, found, reading

Keep = Callable[..., Any]


def year(number: int) -> PartialDate:
    """Give a date of a year."""
    return PartialDate(year=number)


ALL = {"species": (), "setting": ()}
"""Lifts the defaults that hide the rats."""


def told(session: Session, **query: Any) -> list[str]:
    """Give the anchors of the findings that fit."""
    return sorted(item.finding.anchor for item in find(session, FindingQuery(**query)).items)


@pytest.fixture
def three(session: Session, keep: Keep) -> Session:
    """Keep a trial, a rat study and a retracted article."""
    trial = article("9900001", publication_date=year(2021))
    text = reading(trial).text
    span = (text.index("depression"), text.index("depression") + 10)
    condition = Condition(
        text="depression", span=span, concept=Concept(curie="MESH:D003866", name="Depressive Disorder")
    )
    dose = found(text, "dose", "0.5 mg/kg", route="intravenous", confidence=0.9)
    fall = {"comparator": "midazolam", "timepoint": "24 h", "timepoint_hours": 24.0, "confidence": 0.5}
    outcome = found(text, "outcome", "MADRS score", doses=(dose.id,), **fall)
    flags = (Flag(code="rate", reason="Look at the rate."),)
    event = found(text, "adverse_event", "Dissociation", rate="8 of 30", transient=True, flags=flags)
    keep(trial, reading(trial, dose, outcome, event, sample_size=60, conditions=(condition,)))

    levels = "Ketamine 10 mg/kg raised 50%_levels in rats."
    rats = article("9900002", levels, title="Rats", publication_date=year(2011))
    dose = found(reading(rats).text, "dose", "10 mg/kg", low=10.0, high=10.0)
    keep(rats, reading(rats, dose, species="animal", design="preclinical", setting="preclinical"))

    links = (CommentsCorrections(ref_type="RetractionIn", pmid="9900004"),)
    gone = article("9900003", "Esketamine 84 mg cured all.", title="Cure", links=links)
    dose = found(reading(gone).text, "dose", "84 mg", low=84.0, high=84.0, unit="mg", drug="esketamine")
    keep(gone, reading(gone, dose))
    return session


@pytest.mark.parametrize(
    ("query", "anchors"),
    [
        ({}, ["0.5 mg/kg", "10 mg/kg", "Dissociation", "MADRS score"]),
        ({"type": ("dose",)}, ["0.5 mg/kg", "10 mg/kg"]),
        ({"type": ("dose", "outcome"), "pmid": ("9900001",)}, ["0.5 mg/kg", "MADRS score"]),
        ({"retracted": "yes"}, ["84 mg"]),
        ({"retracted": "any", "drug": ("esketamine",)}, ["84 mg"]),
        ({"species": ("animal",)}, ["10 mg/kg"]),
        ({"design": ("randomized_trial",), "type": ("outcome",)}, ["MADRS score"]),
        ({"sample_size_min": 60, "type": ("dose",)}, ["0.5 mg/kg"]),
        ({"sample_size_min": 61}, []),
        ({"year_min": 2012, "type": ("dose",)}, ["0.5 mg/kg"]),
        ({"year_max": 2012}, ["10 mg/kg"]),
        ({"mg_per_kg_min": 0.4, "mg_per_kg_max": 1}, ["0.5 mg/kg"]),
        ({"mg_min": 80, "retracted": "any"}, ["84 mg"]),
        ({"route": ("intravenous",)}, ["0.5 mg/kg"]),
        ({"hours_max": 24}, ["MADRS score"]),
        ({"hours_min": 25}, []),
        ({"direction": ("decreased",), "effect": ("improved",)}, ["MADRS score"]),
        ({"comparator": ("MIDAZ",)}, ["MADRS score"]),
        ({"adverse_event": ("dissoc",)}, ["Dissociation"]),
        ({"adverse_event": ("madrs",)}, []),
        ({"instrument": ("madrs",)}, ["MADRS score"]),
        ({"condition": ("depressive",), "type": ("dose",)}, ["0.5 mg/kg"]),
        ({"condition": ("MESH:D003866",), "type": ("outcome",)}, ["MADRS score"]),
        ({"transient": True}, ["Dissociation"]),
        ({"flagged": True}, ["Dissociation"]),
        ({"flag": ("rate",)}, ["Dissociation"]),
        ({"confidence_min": 0.6}, ["0.5 mg/kg"]),
        ({"confidence_max": 0.6}, ["MADRS score"]),
        ({"text": "rats levels"}, ["10 mg/kg"]),
        ({"text": "rats depression"}, []),
        ({"text": "50%_"}, ["10 mg/kg"]),
        ({"text": "5_%"}, ["0.5 mg/kg", "Dissociation", "MADRS score"]),
        ({"text": "' OR 1=1 --"}, []),
        ({"text": "LEV*"}, ["10 mg/kg"]),
        ({"text": "lev"}, []),
        ({"text": "0.5"}, ["0.5 mg/kg", "Dissociation", "MADRS score"]),
        ({"text": "0.mg/kg"}, []),
        ({"text": "*"}, []),
        ({"comparator": ("%",)}, []),
        ({"status": ("rejected",)}, []),
    ],
)
def test_each_filter_narrows(three: Session, query: dict[str, Any], anchors: list[str]) -> None:
    assert told(three, **ALL | query) == anchors
    assert count(three, FindingQuery(**ALL | query)) == len(anchors)


@pytest.mark.parametrize(
    ("query", "anchors"),
    [
        ({}, ["0.5 mg/kg", "Dissociation", "MADRS score"]),
        ({"species": "any"}, ["0.5 mg/kg", "Dissociation", "MADRS score"]),
        ({"species": ("any",), "setting": ["any"]}, ["0.5 mg/kg", "10 mg/kg", "Dissociation", "MADRS score"]),
        ({"species": ("animal",), "setting": ("preclinical",)}, ["10 mg/kg"]),
        (dict(EVERYTHING), ["0.5 mg/kg", "10 mg/kg", "84 mg", "Dissociation", "MADRS score"]),
        ({"since": "2020-01-01", "type": ("dose",)}, ["0.5 mg/kg"]),
        ({"since": "2999-01-01"}, []),
    ],
)
def test_unasked_the_psychiatric_studies_of_people_are_shown(
    three: Session, query: dict[str, Any], anchors: list[str]
) -> None:
    assert told(three, **query) == anchors


def test_each_default_is_said_and_can_be_lifted() -> None:
    assert set(defaults_on(FindingQuery(), {})) == {"status", "retracted", "species", "setting"}
    for field in defaults_on(FindingQuery(), {}):
        assert field not in defaults_on(FindingQuery(**{field: "any"}), {})
    assert defaults_on(FindingQuery(**EVERYTHING), {}) == {}


def test_thresholds_leave_out_what_is_less_sure_and_not_accepted(
    three: Session,
) -> None:
    for kind in ("outcome", "dose"):
        three.add(LaneThreshold(type=kind, threshold=0.6, wanted=0.9, decided=50, fitted_at=now()))
    three.flush()
    assert "lane" in defaults_on(FindingQuery(), thresholds(three))
    assert told(three) == ["0.5 mg/kg", "Dissociation"]
    assert told(three, lane="any") == ["0.5 mg/kg", "Dissociation", "MADRS score"]
    (outcome,) = find(three, FindingQuery(type=("outcome",), lane="any")).items
    decide(three, outcome.finding.id, "accept", Person("Ada", Role.CURATOR), seen=outcome.finding.revision)
    assert told(three) == ["0.5 mg/kg", "Dissociation", "MADRS score"]


@pytest.mark.parametrize(
    "query",
    [
        {"colour": "red"},
        {"drug": ("aspirin",)},
        {"pmid": ("1 OR 1",)},
        {"year_min": -1},
        {"year_min": 10**30},
        {"mg_min": float("inf")},
        {"text": "a\x00b"},
        {"text": "x" * 301},
        {"confidence_min": 2},
    ],
)
def test_what_is_no_filter_is_refused(query: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FindingQuery(**query)


def test_pages_join_to_the_whole_list_without_gap_or_repeat(three: Session) -> None:
    whole = [item.finding.id for item in find(three, FindingQuery(**ALL)).items]
    walked: list[str] = []
    cursor = None
    while True:
        page = find(three, FindingQuery(**ALL), limit=1, cursor=cursor)
        walked += [item.finding.id for item in page.items]
        assert page.total == 4
        cursor = page.next
        if cursor is None:
            break
    assert walked == whole
    assert len(set(whole)) == 4


def test_a_finding_added_meanwhile_shifts_no_page(three: Session, keep: Keep) -> None:
    first = find(three, FindingQuery(), limit=2)
    expected = [item.finding.id for item in find(three, FindingQuery()).items][2:]
    newer = article("9900009", publication_date=year(2024))
    keep(newer)
    rest = find(three, FindingQuery(), cursor=first.next)
    assert [item.finding.id for item in rest.items] == expected


@pytest.mark.parametrize("cursor", ["x", "WzFd", "eyJhIjoxfQ", "é", "W251bGwsMSwxLDEsMV0", "[" * 5000])
def test_a_cursor_of_no_list_is_refused(three: Session, cursor: str) -> None:
    with pytest.raises(StoreError, match="start again without one"):
        find(three, FindingQuery(), cursor=cursor)


def test_facets_count_what_each_value_would_give(three: Session) -> None:
    counted = facets(three, FindingQuery(**ALL, type=("dose",)))
    assert counted["type"] == [("dose", 2), ("adverse_event", 1), ("outcome", 1)]
    assert counted["species"] == [("animal", 1), ("human", 1)]
    assert counted["drug"] == [("ketamine", 2)]
    assert counted["adverse_event"] == []
    assert facets(three, FindingQuery())["adverse_event"] == [("Dissociation", 1)]


@pytest.mark.parametrize("query", [{}, EVERYTHING, {"text": "ketamine"}, {"type": ("dose",)}])
def test_articles_of_what_fits_are_given_once(three: Session, query: dict[str, Any]) -> None:
    wanted = FindingQuery(**query)
    given = articles(three, wanted)
    assert given
    assert sorted(given) == sorted({item.finding.pmid for item in every(three, wanted)})


def test_totals_count_articles_findings_and_what_waits(three: Session) -> None:
    assert totals(three) == {
        **{"articles": 3, "dose": 3, "outcome": 1, "adverse_event": 1},
        **{"decided": 0, "waiting": 5, "flagged": 2},
    }


def test_one_finding_comes_with_all_about_it(three: Session) -> None:
    (outcome,) = find(three, FindingQuery(type=("outcome",))).items
    found_ = detail(three, outcome.finding.id)
    assert found_ is not None
    assert [dose.anchor for dose in found_.doses] == ["0.5 mg/kg"]
    assert [item.finding.anchor for item in found_.siblings] == ["0.5 mg/kg", "MADRS score", "Dissociation"]
    assert found_.version.text[found_.item.finding.start : found_.item.finding.end] == "MADRS score"
    assert [condition.text for condition in found_.conditions] == ["depression"]
    assert detail(three, "nothing") is None


def test_superseded_findings_come_last_in_their_article(three: Session, keep: Keep) -> None:
    trial = article("9900001", publication_date=year(2021))
    keep(trial, reading(trial, found(reading(trial).text, "adverse_event", "Dissociation"), version="2"))
    assert [item.finding.status for item in of_article(three, "9900001")] == [
        Status.PENDING,
        Status.SUPERSEDED,
        Status.SUPERSEDED,
    ]
