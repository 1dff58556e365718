"""`ketmine compare` over the store and over a file; the store stays as it was."""

import json
from pathlib import Path

import pytest

from flows.cli.edge import ExitCode
from nlp.pipeline import CONFIGS
from tests.flows.conftest import record, trial, xml

KEPT = "select pipeline || '@' || pipeline_version from readings"


@pytest.fixture
def other(place: Path) -> Path:
    """A config of the rules without adverse events."""
    path = place / "other.cfg"
    path.write_text((CONFIGS / "rules.cfg").read_text().replace('"adverse_events",', "", 1))
    return path


def test_a_file_is_compared_without_a_database(ketmine, place: Path, other: Path) -> None:
    (place / "a.xml").write_bytes(xml(trial("11"), trial("13")))
    result = ketmine("compare", "rules", other, "--source", "a.xml", "--limit", 1)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["texts", "compared:", "1"] in lines
    assert ["Dose", "1", "0", "0", "0"] in lines
    assert ["Adverse", "event", "0", "0", "1", "0"] in lines
    assert "Adverse event, lost (of 1), pmid:11" in result.stdout
    assert "“Dizziness occurred in 3 of 20 patients.”" in result.stdout
    assert not (place / "var" / "ketmine.db").exists()


@pytest.mark.parametrize(
    ("component", "old_first", "told"),
    [
        ("adverse_events", True, ["Adverse event, lost (of 1), pmid:11"]),
        ("adverse_events", False, ["Adverse event, gained (of 1), pmid:11"]),
        (
            "concepts",
            True,
            ["Adverse event, changed (of 1), pmid:11", "Concept: Dizziness (", ") → –"],
        ),
    ],
)
def test_what_is_gained_lost_and_changed_is_printed_with_its_quote(
    ketmine, place: Path, component: str, old_first: bool, told: list[str]
) -> None:
    (place / "a.xml").write_bytes(xml(trial("11")))
    less = place / "less.cfg"
    less.write_text((CONFIGS / "rules.cfg").read_text().replace(f'"{component}",', "", 1))
    sides = ("rules", less) if old_first else (less, "rules")
    said = " ".join(ketmine("compare", *sides, "--source", "a.xml").stdout.split())
    assert [words for words in told if words not in said] == []
    assert "“Dizziness occurred in 3 of 20 patients.”" in said


def test_the_store_is_compared_newest_first_and_left_as_it_is(
    ketmine, place: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    monkeypatch.setenv("KETMINE_PIPELINE", "rules")
    ketmine("db", "upgrade")
    (place / "a.xml").write_bytes(xml(trial("11"), trial("13")))
    ketmine("nightly", "--source", "a.xml")
    with sqlite3.connect(place / "var" / "ketmine.db") as store:
        before = list(store.iterdump())
        (rules,) = {row[0] for row in store.execute(KEPT)}

    told = json.loads(ketmine("compare", other, "rules", "--limit", 1, "--json").stdout)
    assert [(e["kind"], e["type"], e["id"], e["quote"]) for e in told["examples"]] == [
        ("gained", "adverse_event", "pmid:13", "Dizziness occurred in 3 of 20 patients.")
    ]
    assert (told["texts"], told["new"]) == (1, rules)
    with sqlite3.connect(place / "var" / "ketmine.db") as store:
        assert list(store.iterdump()) == before

    (place / "b.xml").write_bytes(xml(trial("15")))
    ketmine("ingest", "--source", "b.xml")
    monkeypatch.setenv("KETMINE_PIPELINE", str(other))
    assert ketmine("extract-stored", "--json").exit_code == 0
    with sqlite3.connect(place / "var" / "ketmine.db") as store:
        (changed,) = {row[0] for row in store.execute(KEPT)} - {rules}
    told = json.loads(ketmine("compare", rules.partition("@")[2], changed, "--json").stdout)
    assert (told["old"], told["new"], told["texts"], told["passed_over"]) == (rules, changed, 2, 1)
    assert told["tallies"]["adverse_event"] == {"same": 0, "gained": 0, "lost": 2, "changed": 0, "fields": {}}
    refused = ketmine("compare", "nonesuch", "rules")
    assert refused.exit_code == ExitCode.IMPOSSIBLE
    assert changed in refused.stderr


def test_what_cannot_be_read_is_named(ketmine, place: Path) -> None:
    (place / "a.xml").write_bytes(xml(trial("11"), record("12", "cut <i>")))
    result = ketmine("compare", "rules", "rules", "--source", "a.xml")
    assert result.exit_code == ExitCode.PARTLY
    assert "PMID 12" in result.stderr
