"""Rows of public corpora become examples whose labels lie where the spans do. The rows here are invented."""

import gzip
import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from nlp.pipeline import MODELS
from nlp.tagging.labels import GROUPS
from nlp.training.corpora import CORPORA, DIRECTIONS, SCHEME, bio, directions, samples, split_of
from nlp.training.tagger_data import UNSAID

SENTENCE = "Rash followed amoxicillin."
ABSTRACT = "Iron in anaemia.\nRESULTS: Iron raised haemoglobin."
ENTITIES = {
    "evidence_outcomes": (ABSTRACT, "all", [[38, 49, "Outcome"]]),
    "ebm_nlp_partial": (ABSTRACT, "train_part", [[26, 30, "Interventions"], [38, 49, "Outcomes"]]),
    "pico_corpus": (ABSTRACT, "all", [[38, 49, "outcome"]]),
    "phee2": (SENTENCE, "train", [[0, 4, "Effect"], [14, 25, "Treatment.Drug"], [14, 25, "Treatment"]]),
    "ade_v2": (SENTENCE, "all", [[0, 4, "Adverse_Effect"], [14, 25, "Drug"]]),
    "bc5cdr": (ABSTRACT, "train", [[8, 15, "Disease"]]),
}


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(MODELS / "tagger" / "tokenizer.json"))


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    for stem, (text, split, entities) in ENTITIES.items():
        row = {"id": "1", "pmid": "1", "split": split, "text": text, "entities": entities}
        if stem == "ade_v2":
            row["neg"] = False
        write(tmp_path, stem, row)
    asked = {"split": "train", "outcome": "Haemoglobin", "evidence": "Iron raised haemoglobin."}
    lost = asked | {"outcome": "ferritin"}
    write(tmp_path, DIRECTIONS, asked | {"direction": "increased"}, lost | {"direction": "decreased"})
    return tmp_path


def write(folder: Path, stem: str, *rows: dict[str, object]) -> None:
    with gzip.open(folder / f"{stem}.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)


def test_each_corpus_labels_its_own_group_where_its_spans_are(corpora: Path, tokenizer: Tokenizer) -> None:
    found = samples(corpora, tokenizer)
    assert [set(sample.labels) for sample in found[:-1]] == [{group} for group in CORPORA]
    for sample in found[:-1]:
        (group,) = sample.labels
        text, _, entities = ENTITIES[CORPORA[group].stem]
        begun = {
            (text[slice(*sample.window.offsets[i])], SCHEME[group][label])
            for i, label in enumerate(sample.labels[group])
            if label > 0 and SCHEME[group][label].startswith("B-")
        }
        kinds = CORPORA[group].kinds
        assert {label for _, label in begun} == {f"B-{kind}" for *_, kind in entities if kind in kinds}
        assert all(
            any(text[a:b].startswith(piece) for a, b, kind in entities if f"B-{kind}" == label)
            for piece, label in begun
        )


def test_a_direction_stands_on_the_first_piece_of_the_outcome_that_was_asked_for(
    corpora: Path, tokenizer: Tokenizer
) -> None:
    (sample,) = directions(corpora, tokenizer)  # an outcome that its sentence does not name is left out
    told = [(i, label) for i, label in enumerate(sample.labels["direction"]) if label != UNSAID]
    ((place, label),) = told
    assert sample.window.offsets[place][0] == 12
    assert GROUPS["direction"][label] == "increased"


def test_a_corpus_that_comes_whole_is_split_by_the_numbers_of_its_records() -> None:
    assert split_of({"split": "all", "neg": True, "pmid": "120"}) == "test"
    assert split_of({"split": "all", "neg": True, "pmid": "121"}) == "train"
    assert split_of({"split": "dev", "pmid": "120"}) == "dev"


def test_the_labels_of_findings_come_first_so_that_a_head_can_be_cut_to_them() -> None:
    assert list(SCHEME)[: len(GROUPS)] == list(GROUPS)
    assert bio(("Drug",)) == ("O", "B-Drug", "I-Drug")
