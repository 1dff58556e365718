"""`ketmine extract` from a file, a pipe, and what cannot be read."""

import gzip
import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from flows.cli.edge import ExitCode

DOCUMENTS = [
    {"id": "b", "text": "Ketamine 0.5 mg/kg\u2009i.v. reduced MADRS scores.\n"},
    {"id": "a", "title": "Esketamine", "abstract": "Dizziness was common."},
    {"id": 7, "text": ""},
]


def lines(*objects: object) -> str:
    return "".join(json.dumps(item) + "\n" for item in objects)


def test_one_line_out_for_each_document_in_its_order(ketmine, place: Path) -> None:
    (place / "in.jsonl").write_text(lines(*DOCUMENTS))
    assert ketmine("extract", "in.jsonl", "--output", "out.jsonl").exit_code == 0
    read = [json.loads(line) for line in (place / "out.jsonl").read_text().splitlines()]
    assert [reading["id"] for reading in read] == ["b", "a", "7"]
    assert read[0]["text"] == DOCUMENTS[0]["text"]
    assert read[1]["text"] == "Esketamine\nDizziness was common."
    assert all(isinstance(reading["findings"], list) for reading in read)


def test_unreadable_lines_are_named_and_the_rest_is_read(ketmine) -> None:
    given = lines(DOCUMENTS[0]) + "not json\n" + lines({"text": "no id"}, DOCUMENTS[0], DOCUMENTS[1])
    result = ketmine("extract", "-", "--output", "-", stdin=given)
    assert result.exit_code == ExitCode.PARTLY
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["b", "a"]
    said = result.stderr.splitlines()
    assert [line.split(":")[1].strip() for line in said] == [f"standard input, line {n}" for n in (2, 3, 4)]


def test_gzipped_and_in_two_processes_is_the_same(ketmine, place: Path) -> None:
    many = lines(*({"id": n, "text": f"Ketamine {n} mg was given."} for n in range(200)))
    (place / "in.jsonl.gz").write_bytes(gzip.compress(many.encode()))
    one = ketmine("extract", "in.jsonl.gz", "-o", "-").stdout
    two = ketmine("extract", "in.jsonl.gz", "-o", "-", "--jobs", "2").stdout
    assert one == two
    assert len(one.splitlines()) == 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.jsonl", "-o", "out.jsonl"], "Cannot read nowhere.jsonl"),
        (["in.jsonl", "-o", "nowhere/out.jsonl"], "Cannot write nowhere/out.jsonl.part"),
        (["in.jsonl", "-o", "in.jsonl"], "is the input"),
        (["in.jsonl", "-o", "out.jsonl", "--pipeline", "nix"], "no pipeline 'nix'"),
        ([".", "-o", "out.jsonl"], "Cannot read ."),
    ],
)
def test_mistake_is_explained(ketmine, place: Path, arguments: list[str], said: str) -> None:
    (place / "in.jsonl").write_text("")
    result = ketmine("extract", *arguments)
    assert result.exit_code == ExitCode.IMPOSSIBLE
    assert said in result.stderr
    assert not (place / "out.jsonl").exists()


@pytest.mark.skipif(find_spec("torch") is not None, reason="torch is installed, and would train")
def test_training_without_its_extra_says_what_to_install(ketmine, place: Path) -> None:
    (place / "train.jsonl").write_text("")
    result = ketmine("train", place / "train.jsonl", place)
    assert result.exit_code == ExitCode.IMPOSSIBLE
    assert "torch" in result.stderr and "ketmine[train]" in result.stderr
