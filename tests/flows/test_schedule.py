"""The Prefect skin: the same runs as flows, deployed with a cron in NCBI's off-peak hours."""

import signal
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import yaml

from tests.flows.cli.conftest import ROOT, ketmine, place, start  # noqa: F401
from tests.flows.conftest import trial, xml

OFF_PEAK = {21, 22, 23, 0, 1, 2, 3, 4}
PATIENCE = 120


def test_prefect_yaml_and_the_schedule_agree_and_are_off_peak(place: Path) -> None:  # noqa: F811
    from flows.schedule import EASTERN, FLOWS, SCHEDULE

    declared = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    crons = {
        one["name"]: (schedule["cron"], schedule["timezone"])
        for one in declared
        for schedule in one.get("schedules", ())
    }
    assert crons == {name: (cron, EASTERN) for name, cron in SCHEDULE.items()}
    assert {int(cron.split()[1]) for cron in SCHEDULE.values()} <= OFF_PEAK
    assert {one["entrypoint"] for one in declared} == {f"flows/schedule.py:{name}" for name in FLOWS}


def test_a_flow_shows_its_progress_where_it_was_started(
    ketmine,  # noqa: F811
    place: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from flows import schedule
    from flows.nightly import Plan
    from flows.work import plainly

    ketmine("db", "upgrade")
    (place / "a.xml").write_bytes(xml(trial("11")))
    monkeypatch.setattr(schedule, "_as_task", plainly)  # what needs a server, in the test below
    monkeypatch.setattr(schedule, "create_markdown_artifact", lambda **_: None)
    monkeypatch.setitem(schedule.FLOWS, "nightly", schedule.nightly.fn)
    watched = []

    def watch(items: Any, what: str, total: int | None = None) -> Any:
        watched.append((what, total))
        return items

    schedule.run_as_flow("nightly", Plan(sources=("a.xml",)), watch=watch)
    assert watched == [("Reading a.xml", None), ("Reading abstracts", 1)]


@pytest.mark.slow
def test_schedule_makes_runs_and_a_run_does_its_work(
    start,  # noqa: F811
    ketmine,  # noqa: F811
    place: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ketmine("db", "upgrade")
    (place / "a.xml").write_bytes(xml(trial("11")))
    monkeypatch.setenv("PREFECT_RUNNER_POLL_FREQUENCY", "1")
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    process = start("schedule", "--port", 0)
    said = process.stderr.readline().decode()
    assert "America/New_York" in said
    address = next(word.rstrip(",") for word in said.split() if word.startswith("http://127.0.0.1:"))
    with httpx.Client(base_url=f"{address}/api/", timeout=30) as api:
        found = until(lambda: post(api, "deployments/filter"), lambda deployments: len(deployments) == 2)
        due = until(
            lambda: post(api, "flow_runs/filter"),
            lambda runs: len({run["deployment_id"] for run in runs}) == 2,
        )
        times = (datetime.fromisoformat(run["expected_start_time"]) for run in due)
        assert {time.astimezone(ZoneInfo("America/New_York")).hour for time in times} == {21, 1}
        nightly = next(deployment["id"] for deployment in found if deployment["name"] == "nightly")
        ask = {"parameters": {"sources": [str(place / "a.xml")]}, "state": {"type": "SCHEDULED"}}
        made = post(api, f"deployments/{nightly}/create_flow_run", ask)
        ended = until(
            lambda: api.get(f"flow_runs/{made['id']}").json(), lambda run: run["state_type"] in ENDS
        )
        assert ended["state_type"] == "COMPLETED", ended["state"]["message"]
        (artifact,) = post(api, "artifacts/filter")
        assert (artifact["key"], "| Articles seen | 1: 1 new |" in artifact["data"]) == (
            "nightly-ledger",
            True,
        )
    assert "1 new" in ketmine("report").stdout
    process.send_signal(signal.SIGINT)
    _, said_last = process.communicate(timeout=60)
    assert b"Traceback" not in said_last


ENDS = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def post(api: httpx.Client, path: str, content: dict[str, Any] | None = None) -> Any:
    """Ask Prefect's API."""
    answer = api.post(path, json=content or {})
    answer.raise_for_status()
    return answer.json()


def until(look: Callable[[], Any], enough: Callable[[Any], bool]) -> Any:
    """Look again and again until it is as it should be."""
    pause = threading.Event()
    for _ in range(PATIENCE * 4):
        seen = look()
        if enough(seen):
            return seen
        pause.wait(0.25)
    raise AssertionError(f"after {PATIENCE} s it still is {seen}")
