"""The page says of every target what was measured, and whether it holds."""

import pytest

from benchmarks.page import page
from benchmarks.sides import Cost


def costs(rate: float, memory: float = 300.0) -> list[dict[str, float]]:
    """Two rounds of a side that reads so many texts a CPU-second."""
    return [Cost(10, 5, 10 / each, 10 / each, 2.0, memory)._asdict() for each in (rate, 1.1 * rate)]


def figures(**rates: float) -> dict:
    """Figures of a run of the readers alone."""
    sides = {"findings": 20.0, "rules": 90.0, "spacy": 16.0, "bert": 0.8} | rates
    return {
        "readers": {
            "texts": "invented texts",
            "costs": {side: costs(rate) for side, rate in sides.items()},
            "machine": "a machine",
            "seconds": 1.0,
        }
    }


@pytest.mark.parametrize(
    ("rates", "wanted", "holds"),
    [
        ({}, "`findings` at least 20 times", "yes"),
        ({"bert": 1.2}, "`findings` at least 20 times", "**no**"),
        ({}, "`findings` at least 1 times", "yes"),
        ({"spacy": 25.0}, "`findings` at least 1 times", "**no**"),
        ({}, "`rules` at least 5 times", "yes"),
        ({"rules": 70.0}, "`rules` at least 5 times", "**no**"),
        ({}, "peak memory", "yes"),
    ],
)
def test_a_target_holds_or_not(rates: dict[str, float], wanted: str, holds: str) -> None:
    line = next(line for line in page(figures(**rates)).splitlines() if line.startswith(f"| {wanted}"))
    assert line.endswith(f"| {holds} |")


def test_a_cost_that_grows_faster_than_the_records_is_told() -> None:
    flat = [[1000, 900, 5.0, 300.0], [10_000, 9000, 50.0, 310.0], [20_000, 18_000, 100.0, 312.0]]
    steep = [*flat[:2], [20_000, 18_000, 180.0, 312.0]]
    leaking = [*flat[:2], [20_000, 18_000, 100.0, 700.0]]
    for reached, holds in ((flat, "yes"), (steep, "**no**"), (leaking, "**no**")):
        told = page({"linear": {"reached": reached, "machine": "a machine", "seconds": 1.0}})
        assert next(line for line in told.splitlines() if "grows linearly" in line).endswith(f"| {holds} |")


def test_a_run_on_a_store_is_told_beside_reading_alone() -> None:
    cores = {"1": [(30.0, 300.0)], "2": [(50.0, 358.0)], "machine": "a machine", "seconds": 1.0}
    whole = {
        "articles": 600,
        "stored": {"1": [(30.0, 28.0), (40.0, 28.0)], "2": [(20.0, 30.0), (20.0, 31.0)]},
    }
    assert "A whole run" not in page({"cores": cores})
    told = page({"cores": cores | whole})
    assert "| 1 | 35.0 (30.0–40.0) | 17.5 (15.0–20.0) | 28.0 (28.0–28.0) |" in told
    assert "| 2 | 20.0 (20.0–20.0) | 30.0 (30.0–30.0) | 30.5 (30.0–31.0) |" in told


def test_what_was_not_measured_is_not_told() -> None:
    told = page(figures())
    assert "More cores" not in told
    assert "cold start" not in told


@pytest.mark.parametrize(
    ("ours", "full", "holds"), [(0.5, 0.504, "yes"), (0.55, 0.5, "yes"), (0.5, 0.506, "**no**")]
)
def test_speed_may_cost_next_to_no_accuracy(ours: float, full: float, holds: str) -> None:
    told = page({"fidelity": {"core": {"dose": (ours, ours, full)}, "machine": "a machine", "seconds": 1.0}})
    assert next(line for line in told.splitlines() if "core F1 of doses" in line).endswith(f"| {holds} |")
