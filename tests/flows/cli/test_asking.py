"""`ketmine query`, `export`, `db` and `doctor`."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from flows.cli.edge import ExitCode
from flows.cli.filters import FILTERS, FindingType, LaneName, Retracted, StatusName
from flows.settings import settings
from store.database import connect, now, session_scope
from store.filters import FindingQuery
from store.filters import FindingType as StoredType
from store.runs import start_run
from store.tables import Asked, Status
from tests.flows.conftest import SAMPLE, trial, xml


@pytest.fixture
def read(ketmine) -> None:
    """A store that has read the sample."""
    ketmine("db", "upgrade")
    assert ketmine("nightly", "--source", SAMPLE / "sample.xml").exit_code == 0


def test_every_filter_is_an_option_and_no_other() -> None:
    assert set(FILTERS) == set(FindingQuery.model_fields)
    assert set(StatusName) == set(Status)
    assert set(LaneName) == set(FindingQuery.model_fields["lane"].annotation.__args__)
    assert set(FindingType) == set(StoredType.__args__)
    assert set(Retracted) == {"no", "yes", "any"}


@pytest.mark.usefixtures("read")
def test_filters_narrow_and_every_finding_has_its_sentence(ketmine) -> None:
    everything = json.loads(ketmine("query", "--json", "--limit", 1).stdout)
    some = json.loads(
        ketmine("query", "--drug", "esketamine", "--type", "dose", "--type", "outcome", "--json").stdout
    )
    assert 0 < some["total"] < everything["total"]
    for found in some["findings"]:
        assert found["finding"]["drug"] == "esketamine"
        assert found["finding"]["anchor_text"] in found["finding"]["evidence_text"]
    shown = ketmine("query", "--adverse-event", "dissociation", "--limit", 3)
    assert shown.stdout.count("“") == 3
    assert "--cursor" in shown.stderr


@pytest.mark.usefixtures("read")
def test_defaults_are_told_and_any_lifts_them(ketmine) -> None:
    lifting = ("--species", "any", "--setting", "any", "--status", "any", "--retracted", "any")
    some, whole = ketmine("query", "--limit", 1), ketmine("query", "--limit", 1, *lifting)
    assert "only studies of people (--species any)" in some.stderr
    assert "By default" not in whole.stderr
    told = [json.loads(ketmine("query", "--json", *lift).stdout) for lift in ((), lifting)]
    assert told[0]["total"] < told[1]["total"]
    assert set(told[0]["defaults"]) == {"status", "retracted", "species", "setting"}
    assert told[1]["defaults"] == {}


@pytest.mark.usefixtures("read")
def test_pages_of_a_query_meet_without_overlap(ketmine) -> None:
    ids: list[str] = []
    cursor: list[str] = []
    while True:
        page = json.loads(ketmine("query", "--type", "dose", "--json", "--limit", 20, *cursor).stdout)
        ids += [found["finding"]["id"] for found in page["findings"]]
        if not page["next"]:
            break
        cursor = ["--cursor", page["next"]]
    assert len(ids) == len(set(ids)) == page["total"]


@pytest.mark.usefixtures("read")
def test_export_is_csv_or_lines(ketmine, place: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(ketmine("export", "--format", "csv", "--type", "dose").stdout)))
    assert ketmine("export", "--type", "dose", "-o", "doses.jsonl").exit_code == 0
    lines = [json.loads(line) for line in (place / "doses.jsonl").read_text().splitlines()]
    assert [row["finding_id"] for row in rows] == [line["finding"]["id"] for line in lines]
    assert all("not medical advice" in row["notice"] for row in rows)


@pytest.mark.usefixtures("read")
@pytest.mark.parametrize(
    "verb",
    [
        ("query", "--limit", 1000),
        ("ask", "regimens"),
        ("ask", "claims", "--json"),
        ("export", "-o", "all.jsonl"),
        ("snapshot", "-o", "all.zip"),
    ],
)
def test_what_a_command_shows_is_counted_by_article(ketmine, verb: tuple[str | int, ...]) -> None:
    whole = {found["pmid"] for found in map(json.loads, ketmine("export").stdout.splitlines())}
    before = times()
    assert set(before) == whole
    assert ketmine(*verb).exit_code == 0
    more = {pmid: n - before[pmid] for pmid, n in times().items() if n > before[pmid]}
    assert set(more.values()) == {1}
    assert set(more) == whole or (verb[0] == "ask" and set(more) < whole)


def times() -> dict[str, int]:
    """Give how often the store says that each article was asked for."""
    engine = connect(settings().database_url)
    with session_scope(engine, writes=False) as session:
        counts = {row.pmid: row.times for row in session.exec(select(Asked))}
    engine.dispose()
    return counts


@pytest.mark.usefixtures("read")
def test_backup_is_taken_back(ketmine, place: Path, monkeypatch) -> None:
    before = ketmine("export").stdout
    assert "findings" in ketmine("db", "backup", "b.zip").stdout
    held = json.loads(ketmine("db", "backup", "b.zip", "--json").stdout)
    assert ketmine("db", "restore", "b.zip").exit_code == ExitCode.IMPOSSIBLE
    monkeypatch.setenv("KETMINE_DATABASE_URL", f"sqlite:///{place}/other.db")
    restored = ketmine("db", "restore", "b.zip", "--json")
    assert json.loads(restored.stdout) == held
    assert json.loads(ketmine("db", "upgrade", "--json").stdout)["revision"] == held["revision"]
    assert ketmine("export").stdout == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["query", "--drug", "aspirin"], ExitCode.USAGE, "--drug"),
        (["query", "--confidence-min", "3"], ExitCode.IMPOSSIBLE, "--confidence-min"),
        (["query", "--pmid", "x"], ExitCode.IMPOSSIBLE, "--pmid"),
        (["query", "--cursor", "nonsense"], ExitCode.IMPOSSIBLE, "cursor"),
        (["db", "restore", "nowhere.zip"], ExitCode.IMPOSSIBLE, "nowhere.zip"),
        (["db", "upgrade", "--revision", "nix"], ExitCode.IMPOSSIBLE, "nix"),
    ],
)
def test_mistake_is_explained(ketmine, arguments: list[str], code: ExitCode, said: str) -> None:
    ketmine("db", "upgrade")
    result = ketmine(*arguments)
    assert result.exit_code == code, result.stderr
    assert said in result.stderr


def test_doctor_says_what_is_not_ready_and_what_to_do(ketmine, monkeypatch) -> None:
    monkeypatch.setenv("KETMINE_ENTREZ_API_KEY", "s3cret")
    monkeypatch.setenv("KETMINE_ENTREZ_URL", "http://127.0.0.1:9/entrez")
    sick = ketmine("doctor")
    assert sick.exit_code == ExitCode.PARTLY
    assert "Run `ketmine db upgrade`" in sick.stdout
    assert "KETMINE_ENTREZ_EMAIL" in sick.stdout
    assert "http://127.0.0.1:9/entrez does not answer" in sick.stdout
    assert "s3cret" not in sick.output
    ketmine("db", "upgrade")
    well = ketmine("doctor", "--offline", "--json")
    assert well.exit_code == 0
    told = json.loads(well.stdout)
    assert told["ready"]
    assert [check["name"] for check in told["checks"]] == [
        "python",
        "folder",
        "database",
        "night",
        "pipeline",
    ]


def test_doctor_says_that_a_night_did_not_begin(ketmine, place: Path) -> None:
    ketmine("db", "upgrade")
    engine = connect(f"sqlite:///{place}/var/ketmine.db")
    with session_scope(engine) as session:
        start_run(session, "nightly", {}).started_at = now() - timedelta(days=3)
    engine.dispose()
    late = ketmine("doctor", "--offline")
    assert late.exit_code == ExitCode.PARTLY
    assert "NOT OK  night: the last that asked PubMed began 3 days ago" in late.stdout
    assert "a night that did not begin" in " ".join(ketmine("report").stdout.split())


@pytest.mark.slow
def test_serve_opens_the_pages_on_loopback(start, ketmine, place: Path) -> None:
    from urllib.request import urlopen

    ketmine("db", "upgrade")
    (place / "a.xml").write_bytes(xml(trial("11")))
    ketmine("nightly", "--source", "a.xml")
    process = start("serve", "--port", 0)
    said = process.stderr.readline().decode()
    address = next(word for word in said.split() if word.startswith("http://127.0.0.1:"))
    with urlopen(address, timeout=20) as page:
        assert b"not medical advice" in page.read()
    process.terminate()
    process.communicate()


@pytest.mark.usefixtures("read")
def test_a_question_is_answered_with_what_it_leaves_out(ketmine, tmp_path: Path) -> None:
    told = ketmine("ask", "adverse-events", "--svg", tmp_path / "plot.svg")
    assert told.exit_code == 0
    assert "dissociation" in told.stdout
    assert "percentages without a denominator" in told.stdout
    assert "<svg" in (tmp_path / "plot.svg").read_text(encoding="utf-8")
    answer = json.loads(ketmine("ask", "onset", "--json", "--drug", "esketamine").stdout)
    assert answer["query"]["drug"] == ["esketamine"]
    shown = json.loads(ketmine("query", "--json", "--limit", 1000).stdout)["findings"]
    known = {found["finding"]["id"] for found in shown}
    assert {key for line in answer["tables"][0]["lines"] for key in line["findings"]} <= known


@pytest.mark.usefixtures("read")
def test_without_a_name_the_questions_are_listed_and_a_wrong_one_names_them(ketmine) -> None:
    assert "durability" in ketmine("ask").stdout
    wrong = ketmine("ask", "everything")
    assert wrong.exit_code == ExitCode.IMPOSSIBLE
    assert "durability" in wrong.stderr
