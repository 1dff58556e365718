"""Scoring against public corpora, on a corpus of a few invented records."""

import gzip
import json
from pathlib import Path

import pytest

from nlp.errors import PipelineError
from nlp.yardsticks import YARDSTICKS, measure
from nlp.yardsticks.dosage import Counts, compare


def corpus(path: Path, *records: dict[str, object]) -> Path:
    lines = "".join(json.dumps(record) + "\n" for record in records)
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())
    return path


def spans(text: str, label: str, *words: str) -> list[tuple[int, int, str]]:
    return [(text.index(w), text.index(w) + len(w), label) for w in words]


@pytest.mark.parametrize(
    ("marked", "given", "counts"),
    [
        ([(0, 9)], [(0, 9)], Counts(1, 1, 1, 1, 1)),
        ([(0, 9)], [(2, 4), (5, 9)], Counts(1, 2, 1, 2, 0)),
        ([(0, 9), (10, 19)], [(10, 19)], Counts(1, 1, 1, 1, 1)),
        ([(0, 9)], [(20, 24)], Counts(1, 1, 0, 0, 0)),
        ([], [(0, 9)], Counts(0, 1, 0, 0, 0)),
        ([(0, 9)], [], Counts(1, 0, 0, 0, 0)),
    ],
)
def test_a_dose_counts_once_in_a_text_and_a_list_is_met_by_any_amount(marked, given, counts):
    assert compare("1.5 mg/kg 1.5 mg/kg and more", marked, given) == counts


def test_dosage(tmp_path: Path) -> None:
    right, half, other = (
        "Ketamine 0.5 mg/kg was given.^\\nKetamine 0.5 mg/kg helped.",
        "Ketamine (0.1 mg/kg) or midazolam (0.2 mg) was given.",
        "Psilocybin 25 mg was given.",
    )
    path = corpus(
        tmp_path / "doses.jsonl",
        {"id": "a", "split": "val", "text": right, "entities": spans(right, "Dosage", "0.5 mg/kg")},
        {"id": "b", "split": "val", "text": half, "entities": spans(half, "Dosage", "0.1 mg/kg", "0.2 mg)")},
        {"id": "c", "split": "val", "text": other, "entities": spans(other, "Dosage", "25 mg")},
        {"id": "d", "split": "train", "text": right, "entities": []},
    )
    figures = measure("psynamic-dosage", path)
    assert (figures["texts"], figures["marked"], figures["given"]) == (2, 3, 2)
    assert (figures["precision"], figures["recall"], figures["f1"]) == (1.0, 0.6667, 0.8)


def test_linking(tmp_path: Path) -> None:
    text = "Nausea, major depressive disorder (MDD) and zorbitis. MDD is common."
    entities = [*spans(text, "Disease", "Nausea", "MDD", "zorbitis"), *spans(text, "Chemical", "common")]
    path = corpus(
        tmp_path / "linking.jsonl.gz",
        {
            "id": "a",
            "split": "test",
            "text": text,
            "entities": entities,
            "entity_ids": ["D000000", "D003865", "D1", "D2"],
        },
    )
    figures = measure("bc5cdr-linking", path)
    assert (figures["mentions"], figures["linked"]) == (3, 2)
    assert (figures["accuracy_of_linked"], figures["accuracy_of_all"]) == (0.5, 0.3333)


@pytest.mark.parametrize("name", sorted(set(YARDSTICKS) - {"evidence-inference"}))
def test_an_empty_corpus_has_figures(tmp_path: Path, name: str) -> None:
    assert set(measure(name, corpus(tmp_path / "x.jsonl")).values()) <= {0}


def test_mistakes_are_explained(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="bc5cdr-linking, evidence-inference, psynamic-dosage"):
        measure("nonesuch", tmp_path / "x")
    with pytest.raises(PipelineError, match=r"Cannot read .*nowhere"):
        measure("bc5cdr-linking", tmp_path / "nowhere.jsonl")
    with pytest.raises(PipelineError, match="line 1"):
        measure("psynamic-dosage", corpus(tmp_path / "x.jsonl", {"id": "a"}))
