"""Our own annotations hold offsets and no words; with their texts they are what was annotated."""

import gzip
import json
from pathlib import Path

from nlp.training.annotations import ANNOTATIONS, CORPUS, annotated, text_of, without_words

ROW = {
    "id": "invented:1",
    "title": "Ketamine for pain",
    "abstract": "Pain fell by 3 points after 24 h with ketamine, not with saline.",
    "sections": [["RESULTS", "Pain fell by 3 points after 24 h with ketamine, not with saline."]],
}
TEXT = text_of(ROW)


def at(words: str) -> list[int]:
    return [TEXT.index(words), TEXT.index(words) + len(words)]


FINDING = {
    "type": "outcome",
    "drug": "ketamine",
    "anchor": [TEXT.index("Pain"), TEXT.index("Pain") + 4],
    "evidence": at("Pain fell by 3 points after 24 h with ketamine, not with saline."),
    "direction": "decreased",
    "effect": "improved",
    "comparator": "saline",
    "timepoint": "24 h",
    "value": "3 points",
    "comparator_value": None,
    "ci": None,
    "p_value": None,
}
RECORD = {
    "id": "invented:1",
    "text": TEXT,
    "study": {"species": "human", "conditions": [{"text": "pain", "span": at("pain")}]},
    "findings": [FINDING],
}


def corpora(folder: Path, **changed: object) -> Path:
    with gzip.open(folder / f"{CORPUS}.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.write(json.dumps({**ROW, **changed}) + "\n")
    (folder / "annotations.jsonl").write_text(json.dumps(without_words(RECORD)) + "\n", encoding="utf-8")
    return folder


def test_a_line_has_no_words_of_the_text() -> None:
    line = json.dumps(without_words(RECORD))
    assert "saline" not in line and "24 h" not in line and "points" not in line


def test_with_the_text_it_is_what_was_annotated(tmp_path: Path) -> None:
    folder = corpora(tmp_path)
    assert list(annotated(folder, folder / "annotations.jsonl")) == [RECORD]


def test_what_has_another_text_is_left_out(tmp_path: Path) -> None:
    folder = corpora(tmp_path, title="Ketamine for itching")
    assert list(annotated(folder, folder / "annotations.jsonl")) == []


def test_ours_hold_no_words() -> None:
    for line in ANNOTATIONS.read_text(encoding="utf-8").splitlines():
        for finding in json.loads(line)["findings"]:
            for field in ("comparator", "timepoint", "value", "comparator_value", "ci", "rate"):
                held = finding.get(field)
                assert held in (None, "baseline") or [type(place) for place in held] == [int, int], finding
