"""`ketmine evaluate NAME CORPUS` for each yardstick."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from flows.cli.yardsticks import TOLD, TRAINED
from nlp.yardsticks import YARDSTICKS
from nlp.yardsticks.reports import TASKS


def test_every_yardstick_has_its_command() -> None:
    assert set(TOLD) == set(YARDSTICKS)
    assert set(TRAINED) == set(TASKS)


def test_the_figures_of_a_corpus_are_printed(ketmine, place: Path) -> None:
    record = {
        "id": "a",
        "split": "val",
        "text": "Ketamine 0.5 mg/kg was given.",
        "entities": [[9, 18, "Dosage"]],
    }
    (place / "doses.jsonl").write_text(json.dumps(record) + "\n")
    assert json.loads(ketmine("evaluate", "psynamic-dosage", "doses.jsonl", "--json").stdout)["f1"] == 1.0
    assert "accuracy_of_all" in ketmine("evaluate", "bc5cdr-linking", "doses.jsonl").stdout


def test_a_corpus_that_is_not_there_is_said(ketmine) -> None:
    refused = ketmine("evaluate", "psynamic-dosage", "nowhere.jsonl")
    assert refused.exit_code != 0
    assert "Cannot read nowhere.jsonl" in refused.stderr


@pytest.mark.skipif(find_spec("torch") is not None, reason="the extra `train` is installed")
def test_a_yardstick_that_must_be_trained_says_what_it_needs(ketmine, place: Path) -> None:
    (place / "sentences.jsonl").write_text(json.dumps({"split": "test", "text": "", "entities": []}) + "\n")
    refused = ketmine("evaluate", "phee", "sentences.jsonl")
    assert refused.exit_code != 0
    assert "var/yardsticks/phee holds no model.onnx" in refused.stderr
    assert "pip install 'ketmine[train]'" in refused.stderr
