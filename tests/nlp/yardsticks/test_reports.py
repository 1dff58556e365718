"""Spans and relations of case reports, read by a tiny model that knows a few words."""

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from nlp.yardsticks.reports import TASKS, figures, related, score, spans
from tests.nlp.lookup import lookup_model

LABELS = ["direction:none", "adverse:O", "adverse:B-Drug", "adverse:I-Drug", "adverse:B-Adverse_Effect"]
KNOWN = {"[CLS]": 1, "[SEP]": 1, "[UNK]": 1, "zorbitin": 2, "sodium": 3, "rash": 4, "and": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trained")
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(KNOWN)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(path / "tokenizer.json"))
    (path / "config.json").write_text(json.dumps({"id2label": dict(enumerate(LABELS))}))
    (path / "model.onnx").write_bytes(lookup_model(list(KNOWN.values()), len(LABELS)))
    return path


def row(text: str, *marked: tuple[str, str], pmid: str = "10", **more: object) -> dict[str, object]:
    entities = [(text.index(words), text.index(words) + len(words), kind) for words, kind in marked]
    return {
        "split": "all",
        "pmid": pmid,
        "neg": False,
        "text": text,
        "entities": entities,
        "relations": [],
    } | more


def test_the_test_part_alone_is_measured_by_exact_spans_and_pairs(folder: Path, tmp_path: Path) -> None:
    drug, effect = ("zorbitin sodium", "Drug"), ("rash", "Adverse_Effect")
    rows = [
        row("zorbitin sodium and rash", drug, effect, relations=[(0, 1, "Drug-AE")]),
        row("zorbitin", ("zorbi", "Drug")),  # another end: not the same span
        row("rash", pmid="11"),  # the training part
        row("rash", neg=True),
    ]
    path = tmp_path / "ade.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    assert score("ade", path, folder) == {
        "sentences": 2,
        "marked": 3,
        "all_f1": 0.6667,
        "Drug_f1": 0.5,
        "Adverse_Effect_f1": 1.0,
        "relation_f1": 1.0,
        "relation_of_marked_spans_f1": 1.0,
    }


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["O", "B-a", "I-a", "O"], [(4, 11, "a")]),
        (["O", "B-a", "B-a", "O"], [(4, 7, "a"), (8, 11, "a")]),
        (["B-a", "I-b", "O", "O"], [(0, 3, "a"), (4, 7, "b")]),  # an `I` of another kind begins a span
        (["O", "O", "O", "B-b"], [(12, 15, "b")]),
    ],
)
def test_word_pieces_become_spans(labels: list[str], expected: list[tuple[int, int, str]]) -> None:
    offsets = [(0, 0), (0, 3), (4, 7), (8, 11), (12, 15), (0, 0)]
    assert list(spans("one two six ten", offsets, ["O", *labels, "O"])) == expected


def test_every_drug_of_a_sentence_is_paired_with_every_effect() -> None:
    a, b, x = (0, 1, "Drug"), (2, 3, "Drug"), (4, 5, "Adverse_Effect")
    assert related({a, b, x}, ("Drug", "Adverse_Effect")) == {(a, x), (b, x)}
    assert related({a, b}, ("Drug", "Adverse_Effect")) == set()


def test_what_is_marked_and_not_given_lowers_recall() -> None:
    marked = row("zorbitin and rash", ("zorbitin", "Drug"), ("rash", "Adverse_Effect"))
    assert figures(TASKS["ade"], [marked], [set()])["all_f1"] == 0
