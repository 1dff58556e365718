"""What docs/operations.md says is what the program does."""

import re
from pathlib import Path

from flows.cli.edge import MEANING

DOC = (Path(__file__).resolve().parents[2] / "docs/operations.md").read_text()


def test_exit_codes_are_those_of_the_program() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", DOC, re.MULTILINE)
    assert {int(code): meaning.replace("\\|", "|") for code, meaning in rows} == {
        code.value: meaning for code, meaning in MEANING.items()
    }
