"""What is measured on annotated abstracts that nothing has seen: calibration, the accept lane, each further field.

`python -m benchmarks.held_out TRAIN.jsonl CORPORA WEIGHTS [--scorer score.py] [--write]` reads, by nlp.training.cross_validation,
doses of all abstracts of TRAIN.jsonl, and outcomes and adverse events of those, and of our own annotated ones, that the weights
in the folder WEIGHTS have not read. It prints the tables of each type; the fields need the scorer of the annotated sets. With
`--write` it puts them into docs/confidence.md and docs/extraction.md, and writes docs/pictures/reliability.svg and
store/curation/lane.tsv, the thresholds that a lane begins with.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import fields, lane, reliability
from flows.docs import between_markers
from nlp.training.annotations import annotated
from nlp.training.cross_validation import doses, judged, results
from nlp.training.held_out import held_out
from nlp.training.tagger_data import gold

ROOT = Path(__file__).resolve().parents[1]
TABLES = {
    ROOT / "docs" / "confidence.md": ("calibration", "lane", "curve"),
    ROOT / "docs" / "extraction.md": ("fields",),
}
"""File → the tables between its markers."""
PICTURE = ROOT / "docs" / "pictures" / "reliability.svg"
LANE = ROOT / "store" / "curation" / "lane.tsv"


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.held_out", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("train", type=Path)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--scorer", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(arguments)
    records = gold(asked.train)
    of_doses = list(doses(records))
    unread = [record for record in (*records, *annotated(asked.corpora)) if held_out(record)]
    of_results = list(results(unread, asked.weights))
    found = [
        *judged("dose", of_doses),
        *(one for kind in ("adverse_event", "outcome") for one in judged(kind, of_results)),
    ]
    lanes = lane.lanes(found)
    tables = {
        "calibration": reliability.error_table(found, tuple(lane.WANTED)),
        "lane": lane.lane_table(lanes),
        "curve": lane.curve_table(found),
    }
    if asked.scorer:
        score = fields.scorer(asked.scorer)
        counts = fields.count(of_doses, ("dose",), score)
        counts |= fields.count(of_results, ("adverse_event", "outcome"), score)
        tables["fields"] = fields.table(counts)
    print("\n\n".join(tables.values()))
    if asked.write:
        write(tables)
        LANE.write_text(lane.lane_rows(lanes), encoding="utf-8")
        PICTURE.write_text(reliability.draw(found, tuple(lane.WANTED)), encoding="utf-8")
    return 0


def write(tables: Mapping[str, str], files: Mapping[Path, Sequence[str]] = TABLES) -> None:
    """Put tables between their markers."""
    for path, names in files.items():
        text = path.read_text(encoding="utf-8")
        for name in names:
            text = between_markers(text, name, tables[name]) if name in tables else text
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
