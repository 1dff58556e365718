"""Somebody else's model in a config: a tiny token classifier and a tiny spaCy model, both made here.

The token classifier is an ONNX graph of one node (`tests/nlp/lookup.py`): `onnx` and torch are extras of training.
"""

import json
from pathlib import Path

import pytest
import spacy
from tokenizers import Tokenizer, models, pre_tokenizers

from nlp.article import Document
from nlp.components.token_classifier import load_reader
from nlp.errors import PipelineError
from nlp.pipeline import annotate, load_pipeline
from tests.nlp.lookup import lookup_model

LABELS = ["O", "B-EFFECT", "I-EFFECT", "B-DRUG", "I-DRUG"]
VOCABULARY = {"[UNK]": 0, "Blurred": 1, "vision": 2, "Ketamine": 3, "dizziness": 4}
SCORES = [0, 1, 2, 3, 1]  # the label of each id of the vocabulary


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("model")
    tokenizer = Tokenizer(models.WordLevel(VOCABULARY, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(path / "tokenizer.json"))
    (path / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "[UNK]"})
    )
    names = {str(number): label for number, label in enumerate(LABELS)}
    config = {"model_type": "bert", "id2label": names, "label2id": {v: int(k) for k, v in names.items()}}
    (path / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 16}))
    (path / "model.onnx").write_bytes(lookup_model(SCORES, len(LABELS)))
    return path


def pipeline(tmp_path: Path, model: str, labels: str) -> Path:
    path = tmp_path / "borrowed.cfg"
    path.write_text(
        f"""
[nlp]
lang = "en"
pipeline = ["sections","abbreviations","drugs","borrowed"]

[components]

[components.sections]
factory = "ketmine_sections"

[components.abbreviations]
factory = "ketmine_abbreviations"

[components.drugs]
factory = "ketmine_drugs"

[components.borrowed]
factory = "ketmine_token_classifier"
model = {json.dumps(model)}
spans_key = "effects"
labels = {labels}
"""
    )
    return path


def effects(doc) -> list[tuple[str, str]]:
    return [(span.text, span.label_) for span in doc.spans["effects"]]


def test_a_token_classifier_is_put_in_by_its_folder(tmp_path, folder):
    nlp = load_pipeline(str(pipeline(tmp_path, str(folder), '{"EFFECT": "adverse_event"}')))
    doc = annotate(
        nlp, Document(id="a", text="Blurred vision and dizziness followed . Ketamine was stopped .")
    )
    assert effects(doc) == [("Blurred vision", "adverse_event"), ("dizziness", "adverse_event")]


def test_a_text_longer_than_the_model_is_read_in_windows(folder):
    text = "dizziness and then " * 40
    assert [text[m.start : m.end] for m in load_reader(str(folder))(text)] == ["dizziness"] * 40


def test_an_empty_text_has_no_spans(tmp_path, folder):
    nlp = load_pipeline(str(pipeline(tmp_path, str(folder), '{"EFFECT": "adverse_event"}')))
    assert effects(annotate(nlp, Document(id="a", text=""))) == []


def test_a_spacy_model_is_put_in_by_its_folder(tmp_path):
    other = spacy.blank("en")
    other.add_pipe("entity_ruler").add_patterns([{"label": "DISEASE", "pattern": "nausea"}])
    other.to_disk(tmp_path / "other")
    nlp = load_pipeline(str(pipeline(tmp_path, str(tmp_path / "other"), '{"DISEASE": "adverse_event"}')))
    assert effects(annotate(nlp, Document(id="a", text="Ketamine caused nausea."))) == [
        ("nausea", "adverse_event")
    ]


@pytest.mark.parametrize("name", ["en_core_sci_nonesuch", "en_ner_nonesuch_md"])
def test_a_package_that_is_not_installed_is_named_with_what_to_do(name):
    with pytest.raises(PipelineError, match=f"{name}.*not installed.*pip"):
        load_reader(name)


def test_a_folder_without_weights_says_what_is_missing(tmp_path, folder):
    for name in ("tokenizer.json", "tokenizer_config.json", "config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(PipelineError, match=r"model\.onnx|torch"):
        load_reader(str(tmp_path))


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(PipelineError, match="no token classifier"):
        load_reader(str(tmp_path))


def test_a_name_that_no_hub_gives_says_so(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(PipelineError, match="name its folder"):
        load_reader("nobody/nonesuch")
