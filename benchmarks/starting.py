"""How long `ketmine serve` takes from its start to its first page."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from benchmarks.environment import ENVIRONMENT

PACKAGES = tuple(str(Path(__file__).resolve().parents[1] / name) for name in ("flows", "nlp", "store"))


class Started(NamedTuple):
    """Seconds on the clock until the first page was there, and of CPU until the server was stopped after it."""

    wall: float
    cpu: float


def starting(url: str, page: str = "findings") -> Started:
    """Start the web process over a store, ask for a page, and stop it: as it starts a second time, its bytecode written.

    Raises:
        SystemExit: it said no address.
    """
    subprocess.run([sys.executable, "-m", "compileall", "-q", *PACKAGES], check=True, env=ENVIRONMENT)
    with tempfile.TemporaryDirectory(prefix="ketmine-bench-") as folder:
        settings = {"KETMINE_DATABASE_URL": url, "KETMINE_VAR": folder, "KETMINE_HOST": "127.0.0.1"}
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "flows", "serve", "--port", "0"],
            env=ENVIRONMENT | settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        said = process.stderr.readline() if process.stderr else ""
        address = re.search(r"http://\S+/", said)
        if address:
            with urlopen(address[0] + page) as answer:
                answer.read()
        wall = time.perf_counter() - began
        process.terminate()
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    if not address:
        raise SystemExit(f"ketmine serve said no address but {said!r}")
    return Started(wall, used.ru_utime + used.ru_stime)
