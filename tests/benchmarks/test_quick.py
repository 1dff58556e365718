"""Slower is what no round of today reaches; a noisy day is not."""

import pytest

from benchmarks.quick import slower

STORED = {"findings": [1.10, 1.14, 1.08, 1.12, 1.11], "rules": [5.2, 5.6, 5.1, 5.4, 5.3]}


@pytest.mark.parametrize(
    ("findings", "worse"),
    [
        ([1.10, 1.14, 1.08, 1.12, 1.11], []),
        ([0.90, 0.95, 1.09, 0.92, 0.91], []),  # one round reaches what was the worst
        ([0.90, 0.95, 1.07, 0.92, 0.91], ["findings"]),
        ([1.30, 1.40, 1.35, 1.38, 1.41], []),
    ],
)
def test_it_fails_only_where_the_ranges_part(findings: list[float], worse: list[str]) -> None:
    assert slower(STORED, {"findings": findings, "rules": STORED["rules"]}) == worse
