"""Nights over files: from XML to stored findings, once and for all; every record accounted for."""

import gzip
import hashlib
from pathlib import Path

import pytest
from sqlmodel import Session, select

from flows import ingest
from flows.extract import pipeline
from flows.nightly import Plan, foretell, run
from flows.pubmed import QueryError
from flows.settings import DEFAULT_PIPELINE, Settings
from nlp.errors import KetmineError, StoreError
from store.runs import account
from store.tables import ArticleRow, FindingRow, Run
from tests.flows.conftest import SAMPLE, Night, contents, findings, record, told, trial, xml


@pytest.fixture
def source(place: Path) -> Path:
    """A file with two trials, one article off topic, and one without an abstract."""
    path = place / "a.xml"
    path.write_bytes(xml(trial("11"), record("12", "Of gout.", "Gout"), trial("13"), record("14")))
    return path


def test_from_xml_to_stored_findings(night: Night, source: Path, look: Session) -> None:
    report = night("nightly", source)
    assert report.status == "complete"
    assert report.counts == {"read": 4, "off_topic": 1}
    assert (report.found, report.fetch["new"]) == (3, 3)
    assert (report.extraction["extracted"], report.extraction["without_abstract"]) == (2, 1)
    assert report.adds_up
    assert findings(look, "11") == ["adverse_event Dizziness", "dose 0.15 mg/kg"]
    dose = look.exec(select(FindingRow).where(FindingRow.pmid == "13", FindingRow.type == "dose")).one()
    assert dose.quote == "Depressed adults received ketamine 0.35 mg/kg."
    assert look.get(ArticleRow, "12") is None


def test_the_default_pipeline_reads_with_the_shipped_tagger(
    night: Night, settings: Settings, source: Path, look: Session
) -> None:
    assert DEFAULT_PIPELINE == "findings"
    night("nightly", source, where=settings.model_copy(update={"pipeline": DEFAULT_PIPELINE}))
    event = look.exec(
        select(FindingRow).where(FindingRow.pmid == "11", FindingRow.type == "adverse_event")
    ).one()
    assert event.anchor == "Dizziness"
    assert event.confidence is not None and 0 < event.confidence < 1


def test_a_second_night_changes_nothing(night: Night, settings: Settings) -> None:
    night("nightly", SAMPLE / "sample.xml")
    before = contents(settings)
    report = night("nightly", SAMPLE / "sample.xml")
    assert contents(settings) == before
    assert report.found == report.fetch["unchanged"] > 40
    assert (report.read, report.status) == (0, "complete")


def test_the_night_after_revises_retracts_and_deletes(night: Night, look: Session) -> None:
    night("nightly", SAMPLE / "sample.xml")
    report = night("nightly", SAMPLE / "sample_revision.xml")
    assert report.fetch["revised"] >= 1
    assert look.get(ArticleRow, "99000042").retracted
    assert look.get(ArticleRow, "99000049").deleted
    assert report.read == report.fetch["new"] + report.fetch["revised"]


def test_a_notice_off_topic_is_followed_when_it_speaks_of_what_is_held(
    night: Night, place: Path, look: Session, source: Path
) -> None:
    night("nightly", source)
    link = "<CommentsCorrectionsList><CommentsCorrections RefType='{}'><PMID>{}</PMID></CommentsCorrections></CommentsCorrectionsList>"
    notice = record("90", title="Notice", extra=link.format("RetractionOf", "11"))
    stranger = record("91", title="Notice", extra=link.format("RetractionOf", "77"))
    comment = record("92", title="Letter", extra=link.format("CommentOn", "13"))
    (place / "b.xml").write_bytes(xml(notice, stranger, comment))
    report = night("nightly", place / "b.xml")
    assert (report.fetch["new"], report.counts["off_topic"]) == (1, 2)
    assert look.get(ArticleRow, "11").retracted
    assert not look.get(ArticleRow, "90").retracted


@pytest.mark.parametrize("command", ["nightly", "retry"])
def test_what_a_component_failed_on_is_read_again_by_the_next_night_and_by_retry(
    night: Night, source: Path, look: Session, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("out of luck")

    component = pipeline("rules").get_pipe("doses")
    with monkeypatch.context() as patch:
        patch.setattr(type(component), "__call__", broken)
        first = night("nightly", source)
    assert first.extraction["failed"] == 3
    assert (first.findings["dose"], first.findings["adverse_event"]) == (0, 2)
    second = night(command, *([source] if command == "nightly" else []))
    assert (second.extraction["failed"], second.read, second.unfinished) == (0, 3, None)
    assert findings(look, "11") == ["adverse_event Dizziness", "dose 0.15 mg/kg"]
    assert night("nightly", source).read == 0


def test_a_limit_defers_the_rest_and_later_nights_go_on(night: Night, source: Path) -> None:
    first = night("nightly", source, limit=1)
    assert (first.fetch["new"], first.fetch["deferred"]) == (1, 2)
    assert first.unfinished is None
    second = night("nightly", source, limit=1)
    assert (second.fetch["unchanged"], second.fetch["new"], second.fetch["deferred"]) == (1, 1, 1)
    last = night("nightly", source)
    assert (last.fetch["new"], last.fetch["deferred"], last.store["articles"]) == (1, 0, 3)


def test_what_is_fetched_can_be_read_later(night: Night, source: Path) -> None:
    fetched = night("ingest", source)
    assert (fetched.extraction["deferred"], fetched.read, fetched.unfinished) == (3, 0, None)
    read = night("extract", limit=2)
    assert (read.read, read.found) == (2, 0)
    assert night("extract").read == 1
    assert night("extract").read == 0


def test_a_broken_record_is_accounted_for_and_spoils_no_other(night: Night, place: Path) -> None:
    path = place / "a.xml"
    path.write_bytes(xml(trial("11"), record("12", "cut <i>short"), record("x", "no number"), trial("13")))
    report = night("nightly", path)
    assert (report.fetch["new"], report.fetch["unparsable"]) == (2, 2)
    assert {failure.key.split(":")[0] for failure in report.failures} == {"12", "raw"}
    assert all(failure.reason for failure in report.failures)
    assert report.status == "incomplete"
    assert "PMID 12" in report.unfinished


@pytest.mark.parametrize(
    ("content", "kept", "said"),
    [
        (b"", 0, "is empty"),
        (b"<html>no</html>", 0, "holds no PubmedArticleSet"),
        (xml(trial("11"), trial("12"))[:-60], 1, "is cut"),
        (
            gzip.compress(xml(*(record(str(pmid)) for pmid in range(1000, 1400))))[:-500],
            1,
            "cannot be read to its end",
        ),
    ],
)
def test_a_damaged_file_is_named_and_the_others_are_read(
    night: Night, place: Path, content: bytes, kept: int, said: str
) -> None:
    (place / "bad.xml").write_bytes(content)
    (place / "good.xml").write_bytes(xml(trial("21")))
    report = night("nightly", place / "bad.xml", place / "good.xml")
    assert "bad.xml" in report.reason
    assert said in report.reason
    assert report.fetch["new"] >= kept + 1


def test_a_bulk_file_is_read_once_and_checked(night: Night, place: Path) -> None:
    folder = place / "bulk"
    folder.mkdir()
    for number, pmid in (("0001", "11"), ("0002", "12")):
        packed = gzip.compress(xml(trial(pmid)))
        file = folder / f"pubmed26n{number}.xml.gz"
        file.write_bytes(packed)
        digest = hashlib.md5(packed).hexdigest()
        file.with_name(f"{file.name}.md5").write_text(f"MD5({file.name})= {digest}\n")
    (folder / "pubmed26n0002.xml.gz.md5").write_text("MD5(…)= " + "0" * 32)
    first = night("nightly", folder)
    assert first.fetch["new"] == 1
    assert "pubmed26n0002.xml.gz is not what pubmed26n0002.xml.gz.md5 says" in first.reason
    (folder / "pubmed26n0002.xml.gz.md5").unlink()
    second = night("nightly", folder)
    assert (second.counts["read"], second.fetch["new"]) == (1, 1)


def test_later_files_of_a_folder_win(night: Night, place: Path, look: Session) -> None:
    (place / "b.xml").write_bytes(xml(record("11", "Ketamine 0.7 mg/kg for depression.")))
    (place / "a.xml").write_bytes(xml(record("11", "Ketamine 0.2 mg/kg for depression.")))
    night("nightly", place)
    assert findings(look, "11") == ["dose 0.7 mg/kg"]


def test_a_dry_run_says_what_would_be_and_writes_nothing(
    settings: Settings, night: Night, source: Path
) -> None:
    night("nightly", source, limit=1)
    before = contents(settings)
    foretold = foretell(settings, Plan(sources=(source,)))
    assert (foretold.found, foretold.held, foretold.new, foretold.off_topic) == (3, 1, 2, 1)
    assert contents(settings) == before
    assert told(settings).run == 1


def test_a_dry_run_keeps_to_the_limit_as_the_run_would(settings: Settings, night: Night, place: Path) -> None:
    first, again = place / "a.xml", place / "b.xml"
    first.write_bytes(xml(trial("11"), trial("13")))
    night("nightly", first)
    again.write_bytes(
        xml(trial("11"), record("13", "Ketamine 0.7 mg/kg for depression."), trial("15"), record("x", "none"))
    )
    for limit in (None, 2, 1, 0):
        foretold = foretell(settings, Plan(sources=(str(again),), limit=limit))
        copy = settings.model_copy(update={"database_url": f"sqlite:///{place}/{limit}.db"})
        (place / f"{limit}.db").write_bytes((place / "k.db").read_bytes())
        done = night("ingest", again, where=copy, limit=limit)
        held = done.fetch["unchanged"] + done.fetch["revised"]
        assert (foretold.new, foretold.held) == (done.fetch["new"], held), limit
        assert (foretold.deferred, foretold.unparsable) == (done.fetch["deferred"], 1), limit
        assert foretold.found == done.found == 4, limit


def test_a_bad_environment_stops_before_any_work(settings: Settings, place: Path, source: Path) -> None:
    with pytest.raises(KetmineError, match="There is no"):
        run("nightly", settings, Plan(sources=(place / "nowhere.xml",)))
    with pytest.raises(StoreError, match="ketmine db upgrade"):
        run(
            "nightly",
            settings.model_copy(update={"database_url": "sqlite:///new.db"}),
            Plan(sources=(source,)),
        )
    with pytest.raises(QueryError):
        run("nightly", settings.model_copy(update={"query": "ketamine[nonsense]"}), Plan(sources=(source,)))
    with pytest.raises(KetmineError, match="no pipeline 'nix'"):
        run("extract", settings.model_copy(update={"pipeline": "nix"}))


def test_a_record_that_falls_out_of_the_ledger_is_noticed(
    night: Night, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(session: Session, run_id: int, key: str, **what: object) -> None:
        if key != "13":
            account(session, run_id, key, **what)

    monkeypatch.setattr(ingest, "account", forgetful)
    report = night("ingest", source)
    assert report.status == "incomplete"
    assert "3 records were found and 2 stand in the ledger" in str(report.unfinished)


def test_a_run_that_breaks_off_says_so_in_the_store(settings: Settings, place: Path, look: Session) -> None:
    with pytest.raises(KetmineError):
        run("nightly", settings, Plan(sources=(place / "nowhere.xml",)))
    last = look.exec(select(Run)).one()
    assert last.status == "failed"
    assert "nowhere.xml" in last.reason
