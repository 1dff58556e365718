"""The notebooks run from the first cell to the last on the sample, and keep no output."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_keeps_no_output(path: Path) -> None:
    assert not any(cell.get("outputs") for cell in cells(path))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that has read the sample, by the default pipeline."""
    folder = tmp_path_factory.mktemp("notebooks")
    for verb in (["db", "upgrade"], ["nightly", "--source", str(ROOT / "examples" / "sample.xml")]):
        python(folder, "-m", "flows", *verb).check_returncode()
    return folder


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("KETMINE_")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=own | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.xdist_group("notebooks")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_the_sample(path: Path, place: Path) -> None:
    code = "\n".join("".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "code")
    ran = python(place, "-c", code)
    assert ran.returncode == 0, ran.stderr
    assert "PMID 99" in ran.stdout
