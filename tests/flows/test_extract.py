"""Changing the pipeline: the store is read again, and going back is one command that reads nothing."""

from pathlib import Path

import pytest
from sqlmodel import select

from flows import extract
from flows.report import ledger_lines
from flows.settings import Settings
from nlp.pipeline import CONFIGS
from store.database import connect, session_scope
from store.people.rights import Person, Role
from store.review import decide
from store.tables import FindingRow
from tests.flows.conftest import Night, contents, trial, xml


def without(component: str, place: Path) -> Path:
    """Write a config of the rules pipeline without a component."""
    path = place / f"without_{component}.cfg"
    path.write_text((CONFIGS / "rules.cfg").read_text().replace(f'"{component}",', "", 1))
    return path


@pytest.fixture
def with_rules(settings: Settings) -> Settings:
    """Settings that read with the rules."""
    return settings.model_copy(update={"pipeline": "rules"})


@pytest.fixture
def changed(settings: Settings, place: Path) -> Settings:
    """Settings that read with a pipeline that sees no adverse events."""
    return settings.model_copy(update={"pipeline": str(without("adverse_events", place))})


def test_going_back_is_one_command_that_reads_nothing_and_keeps_decisions(
    night: Night, with_rules: Settings, changed: Settings, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = place / "a.xml"
    source.write_bytes(xml(trial("11"), trial("13")))
    night("nightly", source, where=with_rules)
    accept("Dizziness", "11", with_rules)
    before = contents(with_rules)

    assert night("extract", where=changed).read == 2
    living = [
        row[0]
        for row in contents(changed)["findings"]
        if row[2] == "adverse_event" and row[3] != "superseded"
    ]
    assert len(living) == 1, "the decided one stays and waits for a person"
    assert tuple(row[1] for row in contents(changed)["flags"] if row[0] == living[0]) == ("not_read_again",)

    monkeypatch.setattr(extract, "BATCH", 1)
    with monkeypatch.context() as nothing:
        nothing.setattr(extract, "_read", lambda work, documents: [1 / 0 for _ in documents])
        back = night("extract", where=with_rules)
    assert (back.status, back.read, back.counts["brought_back"]) == ("complete", 0, 2)
    assert ("Brought back", "2 readings that this pipeline version made before") in tuple(ledger_lines(back))
    after = contents(with_rules)
    assert {row[0]: row for row in after.pop("readings")}.keys() == {row[0] for row in before.pop("readings")}
    assert after == before

    assert night("nightly", source, where=with_rules).counts.get("brought_back") is None
    assert {k: v for k, v in contents(with_rules).items() if k != "readings"} == before


def accept(words: str, pmid: str, where: Settings) -> None:
    """Accept the finding on these words."""
    engine = connect(where.database_url)
    with session_scope(engine) as session:
        wanted = select(FindingRow).where(FindingRow.anchor == words, FindingRow.pmid == pmid)
        row = session.exec(wanted).one()
        decide(session, row.id, "accept", Person("Ada", Role.CURATOR), seen=row.revision)
    engine.dispose()
