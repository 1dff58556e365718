"""Slower is what no measurement of today lifts to the worst that is stored; a noisy day is not."""

import pytest

from benchmarks.quick import AT_MOST, measure_again, slower

STORED = {"findings": [1.10, 1.14, 1.08, 1.12, 1.11], "rules": [5.2, 5.6, 5.1, 5.4, 5.3]}


@pytest.mark.parametrize(
    ("findings", "worse"),
    [
        ([1.10, 1.14, 1.08, 1.12, 1.11], []),
        ([0.90, 0.95, 1.09, 0.92, 0.91], []),  # one reaches what was the worst
        ([0.90, 0.95, 1.07, 0.92, 0.91], ["findings"]),
        ([1.30, 1.40, 1.35, 1.38, 1.41], []),
    ],
)
def test_it_fails_only_where_the_ranges_part(findings: list[float], worse: list[str]) -> None:
    assert slower(STORED, {"findings": findings, "rules": STORED["rules"]}) == worse


@pytest.mark.parametrize(
    ("ratios", "measured"),
    [
        ([1.12], 1),
        ([0.9, 1.08], 2),
        ([0.9, 0.95, 0.91], AT_MOST),
    ],
)
def test_what_seems_slower_is_measured_again(ratios: list[float], measured: int) -> None:
    given = iter(ratios)
    today = measure_again(STORED, lambda: {"findings": next(given), "rules": 5.5})
    assert today == {"findings": ratios, "rules": [5.5] * measured}
    assert bool(slower(STORED, today)) == (measured == AT_MOST)
