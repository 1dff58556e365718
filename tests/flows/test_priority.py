"""Runs give way to whoever asks meanwhile."""

import os
import subprocess
import sys

from flows.priority import NICE

NICENESS = "import os; from flows.priority import give_way; give_way(); give_way(); print(os.nice(0))"


def _niceness(*before: str) -> int:
    told = subprocess.run(
        [*before, sys.executable, "-c", NICENESS], capture_output=True, text=True, check=True
    )
    return int(told.stdout)


def test_a_run_is_nice_once_however_often_it_begins() -> None:
    assert _niceness() == max(NICE, os.nice(0))


def test_a_run_that_is_nicer_already_stays_so() -> None:
    assert _niceness("nice", "-n", "15") >= 15
