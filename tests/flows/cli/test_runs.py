"""`ketmine nightly`, `report` and their like, as a user types them."""

import json
from pathlib import Path

import pytest

from flows.cli.edge import ExitCode
from flows.lock import only_run
from tests.flows.conftest import record, trial, xml


@pytest.fixture
def source(place: Path, ketmine) -> Path:
    """A migrated store, and a file of two trials."""
    assert ketmine("db", "upgrade").exit_code == 0
    path = place / "a.xml"
    path.write_bytes(xml(trial("11"), trial("13")))
    return path


def test_a_night_ends_with_its_report(ketmine, source: Path) -> None:
    result = ketmine("nightly", "--source", source)
    assert result.exit_code == 0
    for words in (
        "Articles seen",
        "2 new",
        "2 doses",
        "Examples",
        "“Dizziness occurred in 3 of 20 patients.”",
    ):
        assert words in result.stdout
    assert "ketmine serve" in result.stdout
    assert result.stderr == ""


def test_report_is_the_last_run_or_another_as_text_json_or_html(ketmine, source: Path) -> None:
    source.write_bytes(xml(record("11", "Ketamine for depression caused <i>nausea</i> &amp; &lt;b&gt;.")))
    ketmine("nightly", "--source", source)
    ketmine("nightly", "--source", source)
    last = json.loads(ketmine("report", "--json").stdout)
    assert (last["run"], last["fetch"]["unchanged"]) == (2, 1)
    first = json.loads(ketmine("report", "--run", 1, "--json").stdout)
    assert (first["fetch"]["new"], first["adds_up"], first["status"]) == (1, True, "complete")
    page = ketmine("report", "--run", 1, "--html").stdout
    assert page.startswith("<!doctype html>")
    assert "<b>" not in page
    assert "The last runs" in page
    assert ketmine("report", "--run", 9).exit_code == ExitCode.IMPOSSIBLE


def test_what_failed_is_named_and_the_exit_code_says_so(ketmine, source: Path) -> None:
    source.write_bytes(xml(trial("11"), record("12", "cut <i>")))
    result = ketmine("nightly", "--source", source)
    assert result.exit_code == ExitCode.PARTLY
    assert "What failed" in result.stdout
    assert "1 to take up again: 1 unparsable" in result.stdout
    page = ketmine("report", "--html").stdout
    assert "What the next night takes up" in page
    assert "<td>12<td>unparsable<td>" in page
    assert "PMID 12" in result.stderr


def test_fetch_and_read_apart(ketmine, source: Path) -> None:
    assert (
        json.loads(ketmine("ingest", "--source", source, "--limit", 1, "--json").stdout)["fetch"]["new"] == 1
    )
    assert json.loads(ketmine("extract-stored", "--json").stdout)["read"] == 1
    assert json.loads(ketmine("nightly", "--source", source, "--dry-run", "--json").stdout)["new"] == 1
    assert "new: 1" in ketmine("ingest", "--source", source, "--dry-run").stdout
    assert (
        ketmine("retry").exit_code == ExitCode.IMPOSSIBLE
    )  # the deferred one is asked of PubMed: no address


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nightly", "--source", "nowhere"], ExitCode.IMPOSSIBLE, "There is no nowhere"),
        (["nightly", "--source", "."], ExitCode.IMPOSSIBLE, "holds no .xml"),
        (["nightly"], ExitCode.IMPOSSIBLE, "KETMINE_ENTREZ_EMAIL"),
        (["nightly", "--since", "yesterday"], ExitCode.USAGE, "--since"),
        (["nightly", "--limit", "-1"], ExitCode.USAGE, "--limit"),
        (["report"], ExitCode.IMPOSSIBLE, "Nothing was run yet"),
    ],
)
def test_mistake_is_explained(ketmine, place: Path, arguments: list[str], code: ExitCode, said: str) -> None:
    ketmine("db", "upgrade")
    result = ketmine(*arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_database_that_is_not_migrated_is_never_migrated_in_silence(ketmine) -> None:
    result = ketmine("report")
    assert result.exit_code == ExitCode.IMPOSSIBLE
    assert "run `ketmine db upgrade`" in result.stderr


def test_second_of_two_nights_leaves(ketmine, source: Path) -> None:
    with only_run("sqlite:///var/ketmine.db", Path("var")):
        result = ketmine("nightly", "--source", source)
    assert result.exit_code == ExitCode.BUSY
    assert "Another run is at work" in result.stderr
    assert ketmine("nightly", "--source", source).exit_code == 0


def test_log_has_run_and_pmid(ketmine, source: Path, place: Path) -> None:
    source.write_bytes(xml(trial("11"), record("12", "cut <i>")))
    ketmine("nightly", "--source", source)
    lines = [json.loads(line) for line in (place / "var/log/ketmine.jsonl").read_text().splitlines()]
    assert {line["run"] for line in lines if line["logger"] == "ketmine"} == {1}
    assert [line["pmid"] for line in lines if line["level"] == "WARNING"] == ["12"]


def test_digest_is_printed_and_sent_only_where_it_is_wanted(ketmine, source: Path, monkeypatch) -> None:
    ketmine("nightly", "--source", source)
    assert "New studies: 2" in ketmine("digest").stdout
    assert json.loads(ketmine("digest", "--run", 1, "--json").stdout)["totals"]["new_studies"] == 2
    unasked = ketmine("digest", "--send")
    assert (unasked.exit_code, "KETMINE_DIGEST_WEBHOOK" in unasked.stderr) == (ExitCode.USAGE, True)
    monkeypatch.setenv("KETMINE_DIGEST_WEBHOOK", "http://127.0.0.1:9/t0ken")
    refused = ketmine("digest", "--send")
    assert (refused.exit_code, "t0ken" in refused.stderr) == (ExitCode.PARTLY, False)
