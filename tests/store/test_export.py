"""Cells that a spreadsheet would run are guarded; figures stay figures."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas
import pytest
from fhir.resources.bundle import Bundle
from sqlalchemy import Engine
from sqlmodel import Session

from store.database import connect, migrate, session_scope
from store.dictionary import MEANINGS
from store.export import COLUMNS, FORMATS, NOTICE, guarded, write
from store.filters import EVERYTHING, FindingQuery
from store.snapshot import snapshot
from store.tables import FindingRow
from tests.store.postgres import fresh
from tests.store.web.conftest import fill

WHOLE = FindingQuery(**EVERYTHING)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1+1", "'+1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-7.4 to -3.6", "'-7.4 to -3.6"),
        ("\t=1", "'\t=1"),
        ("-7.4", "-7.4"),
        ("+3", "+3"),
        ("64%", "64%"),
        ("MADRS score", "MADRS score"),
        ("", ""),
    ],
)
def test_cells_are_guarded(text: str, cell: str) -> None:
    assert guarded(text) == cell


def test_every_typed_column_of_a_finding_is_exported() -> None:
    kept_elsewhere = {
        *("id", "record", "decided", "version_id", "reading_id", "run_id", "created_at", "updated_at"),
        *("revision", "attention", "flagged", "condition_curie", "condition_name", "place", "in_scope"),
        *("study", "species", "design", "setting", "sample_size"),  # exported as study_… of the study itself
        *("blinding", "conditions", "named", "about"),  # that, too; and what filters look through for words
    }
    assert set(FindingRow.model_fields) - kept_elsewhere <= set(COLUMNS)


@pytest.fixture
def full(engine: Engine) -> Iterator[Session]:
    """Give a store that holds the invented articles."""
    fill(engine)
    with session_scope(engine, writes=False) as opened:
        yield opened


def made(session: Session, form: str, query: FindingQuery = WHOLE) -> bytes:
    """Write an export."""
    return b"".join(write(session, query, form))


def test_every_column_has_its_meaning() -> None:
    assert tuple(MEANINGS) == COLUMNS


def test_every_form_holds_the_same_findings(full: Session) -> None:
    lines = [json.loads(line)["finding"]["id"] for line in made(full, "jsonl").splitlines()]
    table = pandas.read_parquet(io.BytesIO(made(full, "parquet")), engine="fastparquet")
    marked = [
        mark["id"]
        for document in json.loads(made(full, "bioc.json"))["documents"]
        for passage in document["passages"]
        for mark in passage["annotations"]
    ]
    evidence = [entry["resource"]["id"] for entry in json.loads(made(full, "fhir.json"))["entry"]]
    assert len(lines) == 6
    assert lines == list(table["finding_id"]) == evidence
    assert sorted(marked) == sorted(lines)


def test_a_parquet_keeps_numbers_as_numbers(full: Session) -> None:
    table = pandas.read_parquet(io.BytesIO(made(full, "parquet")), engine="fastparquet")
    outcome = table[table["p_value"] == "<0.001"].iloc[0]
    assert (outcome["p_operator"], outcome["p_number"], outcome["timepoint_hours"]) == ("<", 0.001, 24.0)
    assert tuple(table.columns) == COLUMNS


def test_offsets_of_bioc_point_at_the_words(full: Session) -> None:
    for document in json.loads(made(full, "bioc.json"))["documents"]:
        for passage in document["passages"]:
            for mark in passage["annotations"]:
                (place,) = mark["locations"]
                start = place["offset"] - passage["offset"]
                assert passage["text"][start : start + place["length"]] == mark["text"]


def test_a_bundle_is_fhir(full: Session) -> None:
    read = Bundle.model_validate_json(made(full, "fhir.json"))
    assert {entry.resource.get_resource_type() for entry in read.entry} == {"Evidence"}
    assert Bundle.model_validate_json(made(full, "fhir.json", FindingQuery(pmid=("1",)))).entry is None


def test_references_are_one_an_article(full: Session) -> None:
    ris, bib = made(full, "ris").decode(), made(full, "bib").decode()
    assert ris.count("TY  - JOUR") == ris.count("ER  - ") == bib.count("@article{pmid") == 3
    assert "DO  - 10.5555/invented.99000101" in ris
    assert "PY  - 2021" in ris
    assert "in rats" in bib


def test_every_form_says_what_it_is_not(full: Session) -> None:
    for form in FORMATS:
        assert NOTICE.encode() in made(full, form)


def test_nothing_fits_and_every_form_is_whole(full: Session) -> None:
    for form in FORMATS:
        made(full, form, FindingQuery(pmid=("1",)))


def test_the_same_content_gives_the_same_archive(full: Session, tmp_path: Path) -> None:
    first = snapshot(full, WHOLE, tmp_path / "a.zip", {"ketmine": "1"})
    assert first == snapshot(full, WHOLE, tmp_path / "b.zip", {"ketmine": "1"})
    assert first != snapshot(full, FindingQuery(), tmp_path / "c.zip", {"ketmine": "1"})
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert set(archive.namelist()) == {
            *(
                "SHA256SUMS",
                "data_dictionary.csv",
                "findings.bib",
                "findings.csv",
                "findings.jsonl",
                "query.json",
            )
        }
        assert json.loads(archive.read("query.json"))["versions"] == {"ketmine": "1"}


@pytest.mark.xdist_group("postgresql")
def test_both_databases_give_the_same_archive_of_the_same_content(postgres: str, tmp_path: Path) -> None:
    digests = []
    with fresh(postgres) as url:
        for name, place in (("postgresql", url), ("sqlite", f"sqlite:///{tmp_path}/store.db")):
            engine = connect(place)
            migrate(engine)
            fill(engine)
            with session_scope(engine, writes=False) as session:
                digests.append(snapshot(session, WHOLE, tmp_path / f"{name}.zip", {"ketmine": "1"}))
            engine.dispose()
    assert digests[0] == digests[1]
