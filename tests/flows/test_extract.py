"""Changing the pipeline: the store is read again, and going back is one command that reads nothing."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from flows import extract
from flows.nightly import Plan, run
from flows.report import ledger_lines
from flows.settings import Settings
from flows.work import Part, Work
from nlp.errors import StoreError
from nlp.pipeline import CONFIGS
from nlp.processes import are_there, end_readers
from store.asked import add_asked
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
        nothing.setattr(extract, "_read", lambda work, documents: lambda: [1 / 0 for _ in documents])
        back = night("extract", where=with_rules)
    assert (back.status, back.read, back.counts["brought_back"]) == ("complete", 0, 2)
    assert ("Brought back", "2 readings that this pipeline version made before") in tuple(ledger_lines(back))
    after = contents(with_rules)
    assert {row[0]: row for row in after.pop("readings")}.keys() == {row[0] for row in before.pop("readings")}
    assert after == before

    assert night("nightly", source, where=with_rules).counts.get("brought_back") is None
    assert {k: v for k, v in contents(with_rules).items() if k != "readings"} == before


def test_a_new_version_reads_the_store_again_beside_its_readers_the_most_asked_for_first_and_then_the_newest(
    night: Night, with_rules: Settings, changed: Settings, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract, "BATCH", 1)
    (place / "a.xml").write_bytes(xml(trial("11"), trial("13"), trial("15")))
    night("nightly", place / "a.xml", where=with_rules)
    engine = connect(with_rules.database_url)
    with session_scope(engine) as session:
        add_asked(session, {"11": 1})
    engine.dispose()
    seen = []

    def look(items: Iterable, *_: object) -> Iterator:
        for item in items:
            seen.append((living(changed, "adverse_event"), living(changed, "dose")))
            yield item

    run("extract", changed, Plan(limit=2), watch=look)  # then it stops, and goes on where it stopped
    assert night("extract", where=changed).read == 1
    assert [events for events, _ in seen] == [["13", "15"], ["13"]]
    assert living(changed, "adverse_event") == []
    assert [doses for _, doses in seen] == [["11", "13", "15"]] * 2, (
        "no article is without findings meanwhile"
    )


def living(settings: Settings, type_: str) -> list[str]:
    """List the articles that have living findings of a type."""
    rows = contents(settings)["findings"]
    return sorted({row[1] for row in rows if row[2] == type_ and row[3] != "superseded"})


@pytest.mark.slow
def test_several_processes_give_the_store_of_one_and_end_when_the_run_fails(
    night: Night, with_rules: Settings, place: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract, "BATCH", 2)
    (place / "a.xml").write_bytes(xml(*(trial(str(pmid)) for pmid in range(11, 22))))
    night("nightly", place / "a.xml", where=with_rules)
    shutil.copy(migrated, place / "two.db")
    two = with_rules.model_copy(update={"database_url": f"sqlite:///{place}/two.db", "jobs": 2})
    night("ingest", place / "a.xml", where=two)

    full = iter([False, True])

    def keep(work: Work, begun: extract.Begun) -> None:
        if next(full):
            raise StoreError("the disk is full")
        extract.keep(work, begun)

    with monkeypatch.context() as broken, pytest.raises(StoreError, match="full"):
        broken.setattr(extract, "extract_batch", Part(extract.begin, keep))
        run("extract", two)
    assert not are_there(str(CONFIGS / "rules.cfg"), 2)
    assert len(contents(two)["readings"]) == 4, "what was kept before stays"

    assert night("extract", where=two).read == 7
    assert are_there(str(CONFIGS / "rules.cfg"), 2)
    end_readers()
    assert contents(two) == contents(with_rules)


def accept(words: str, pmid: str, where: Settings) -> None:
    """Accept the finding on these words."""
    engine = connect(where.database_url)
    with session_scope(engine) as session:
        wanted = select(FindingRow).where(FindingRow.anchor == words, FindingRow.pmid == pmid)
        row = session.exec(wanted).one()
        decide(session, row.id, "accept", Person("Ada", Role.CURATOR), seen=row.revision)
    engine.dispose()
