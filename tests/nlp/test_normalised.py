"""Hours and instrument of every distinct timepoint and endpoint of the development set, as a reader judged them.

dev_normalised.tsv has no words of the set: sixteen digits of the SHA-256 of each, and what it stands for (empty: no single
time, no scale).
"""

import csv
import hashlib
import json
from pathlib import Path

import pytest

from nlp.instruments import instrument_of
from nlp.quantities import hours

HERE = Path(__file__).parent
DEV = HERE.parents[2] / "shared" / "gold" / "dev.jsonl"


def digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:16]


@pytest.mark.shared
@pytest.mark.skipif(not DEV.is_file(), reason="needs ../shared/gold/dev.jsonl beside the project")
def test_every_time_and_scale_of_the_development_set_is_read_as_judged() -> None:
    with (HERE / "dev_normalised.tsv").open(encoding="utf-8") as lines:
        judged = {
            (row["digest"], row["field"]): row["value"] for row in csv.DictReader(lines, delimiter="\t")
        }
    outcomes = [
        finding
        for line in DEV.read_text(encoding="utf-8").splitlines()
        for finding in json.loads(line)["findings"]
        if finding["type"] == "outcome"
    ]
    read = {}
    for time in {outcome["timepoint"] for outcome in outcomes} - {None}:
        found = hours(time)
        read[digest(time), "hours"] = "" if found is None else f"{found:g}"
    for words in {outcome["anchor_text"] for outcome in outcomes}:
        scale = instrument_of(words)
        read[digest(words), "instrument"] = scale.code if scale else ""
    assert read == judged
