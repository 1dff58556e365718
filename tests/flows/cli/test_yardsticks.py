"""`ketmine evaluate NAME CORPUS` for each yardstick."""

import json
from pathlib import Path

from flows.cli.yardsticks import TOLD
from nlp.yardsticks import YARDSTICKS


def test_every_yardstick_has_its_command() -> None:
    assert set(TOLD) == set(YARDSTICKS)


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
