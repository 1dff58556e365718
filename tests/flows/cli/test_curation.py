"""`ketmine curation` and `ketmine evaluate`: figures as text and JSON, and training data as files."""

import json
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin
from sqlmodel import select

from flows.settings import settings
from flows.training_data import SPANS, write_training_data
from nlp.errors import KetmineError
from store.articles import keep_article
from store.curation.training import Reviewed
from store.database import connect, session_scope
from store.findings import keep_reading
from store.people.rights import Person, Role
from store.review import decide
from store.runs import run_id_of, start_run
from store.tables import FindingRow
from tests.store.conftest import article, reading


@pytest.fixture
def reviewed(ketmine) -> None:
    """Keep two abstracts, one on each side of the split, and settle all their findings."""
    ketmine("db", "upgrade")
    with session_scope(connect(settings().database_url)) as session:
        run = run_id_of(start_run(session, "nightly", {}))
        for pmid in ("99000101", "99000102"):
            of = article(pmid)
            keep_article(session, run, of, of.model_dump_json().encode())
            keep_reading(session, run, pmid, reading(of))
        for row in session.exec(select(FindingRow)).all():
            decide(session, row.id, "accept", Person("Ada", Role.CURATOR), seen=1)


def test_settled_abstracts_become_training_data_in_both_formats(ketmine, reviewed: None, place: Path) -> None:
    told = ketmine("curation", "export", "--output", "data")
    assert told.exit_code == 0, told.output
    assert "test.jsonl, .spacy: 1 abstracts, 3 findings" in told.stdout
    assert sorted(path.name for path in (place / "data").iterdir()) == [
        *("test.jsonl", "test.spacy", "train.jsonl", "train.spacy")
    ]
    (line,) = (place / "data" / "test.jsonl").read_text().splitlines()
    gold = json.loads(line)
    assert (gold["id"], gold["split"]) == ("pmid:99000101", "test")
    (doc,) = DocBin().from_disk(place / "data" / "test.spacy").get_docs(spacy.blank("en").vocab)
    assert doc.text == gold["text"]
    assert sorted(span.label_ for span in doc.spans[SPANS]) == ["adverse_event", "dose", "outcome"]
    assert {gold["text"][slice(*f["anchor"])] for f in gold["findings"]} == {s.text for s in doc.spans[SPANS]}
    assert json.loads(json.dumps(doc.user_data["findings"])) == gold["findings"]


def test_no_pmid_or_title_leads_out_of_the_folder_of_an_export(place: Path) -> None:
    hostile = Reviewed(
        id="pmid:../../x", pmid="../../x", title="../../../etc/passwd", text="../../../etc/passwd\n",
        study={}, findings=(), split="train", complete=True, study_decided=False,
    )  # fmt: skip
    write_training_data(place / "in" / "here", [hostile])
    assert sorted(path.name for path in place.rglob("*") if path.is_file()) == [
        *("test.jsonl", "test.spacy", "train.jsonl", "train.spacy")
    ]
    (place / "file").write_text("")
    with pytest.raises(KetmineError, match="Cannot write into"):
        write_training_data(place / "file" / "folder", [])


@pytest.mark.parametrize(
    ("command", "field", "words"),
    [
        (("curation", "numbers"), "days", "Decisions a day"),
        (("curation", "agreement"), "fields", "No finding has two blind opinions yet"),
        (("curation", "yield"), "curve", "What the next reviews would bring"),
        (("evaluate", "reviewed"), "types", "By type and week"),
    ],
)
def test_every_figure_is_text_and_json(
    ketmine, reviewed: None, command: tuple[str, ...], field: str, words: str
) -> None:
    assert words in ketmine(*command).stdout
    assert field in json.loads(ketmine(*command, "--json").stdout)


def test_a_lane_without_enough_decisions_stays_closed(ketmine, reviewed: None) -> None:
    told = ketmine("curation", "refit")
    assert told.exit_code == 0
    assert "dose: closed, fitted to 2 decisions; nothing of its audit is decided yet" in told.stdout
    assert [lane["threshold"] for lane in json.loads(ketmine("curation", "refit", "--json").stdout)] == [
        None
    ] * 3
