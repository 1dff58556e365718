"""`python -m benchmarks.verbs [PUBMED.xml.gz …] [--rounds N]`: what the verbs of the command line cost on this machine.

Each line is measured in processes of their own, several times in turn: the median, the range, and the peak memory.
Without a file, the bundled sample is read; its 55 records say more of starting than of reading.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.environment import ENVIRONMENT
from benchmarks.peak import used

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "examples" / "sample.xml"

PARSE = """
import gzip, sys
from flows.pubmed import read_records
path = sys.argv[1]
with (gzip.open if path.endswith('.gz') else open)(path, 'rb') as stream:
    print(sum(1 for _ in read_records(stream, path)), 'records')
"""


class Measured(NamedTuple):
    """One process: seconds on the clock, peak resident memory in MB, the last line that it printed, CPU-seconds."""

    seconds: float
    megabytes: float
    said: str
    cpu: float


def measure(command: Sequence[str], place: Path, settings: Mapping[str, str] | None = None) -> Measured:
    """Run a command in a folder, and wait for it.

    Raises:
        SystemExit: the command failed; its error output is shown.
    """
    environment = ENVIRONMENT | {"PYTHONPATH": str(ROOT), "KETMINE_VAR": str(place / "var")}
    environment |= settings or {}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        done = used(command, cwd=place, env=environment, stdout=out, stderr=err)
        out.seek(0)
        err.seek(0)
        if done.status not in (0, 1):  # 1: done, with records that could not be read
            raise SystemExit(f"{' '.join(command)} failed:\n{err.read().decode()}")
        lines = out.read().decode().split("\n")
    said = next((line for line in reversed(lines) if line), "")
    return Measured(done.seconds, done.peak, said, done.cpu)


def stages(source: Path) -> dict[str, list[str]]:
    """Give what is measured of one source, by name; the second night finds nothing new."""
    python = sys.executable
    ketmine = [python, "-m", "flows"]
    return {
        "start: ketmine --help": [*ketmine, "--help"],
        "parse": [python, "-c", PARSE, str(source)],
        "extract": [*ketmine, "extract", str(source), "--output", "findings.jsonl"],
        "new database": [*ketmine, "db", "upgrade"],
        "first night": [*ketmine, "nightly", "--source", str(source)],
        "second night": [*ketmine, "nightly", "--source", str(source)],
        "query": [*ketmine, "query", "--type", "outcome", "--limit", "50", "--json"],
    }


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.verbs", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("sources", nargs="*", type=Path, default=[SAMPLE])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for source in arguments.sources:
        path = source.resolve()
        found: dict[str, list[Measured]] = {name: [] for name in stages(path)}
        for _ in range(arguments.rounds):
            with tempfile.TemporaryDirectory() as folder:
                for name, command in stages(path).items():
                    found[name].append(measure(command, Path(folder)))
        print(f"{path.name}, {arguments.rounds} rounds")
        for name, runs in found.items():
            seconds = [run.seconds for run in runs]
            peak = max(run.megabytes for run in runs)
            spread = f"{min(seconds):6.2f} to {max(seconds):6.2f}"
            print(f"  {name:24}{statistics.median(seconds):8.2f} s  ({spread})  {peak:6.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
