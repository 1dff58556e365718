"""A whole run on a store with `--jobs N`, from a cold start: unread articles are read, and their findings written."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.verbs import Measured, measure
from benchmarks.whole import EVERYTHING, records_of
from nlp.article import Document

KETMINE = (sys.executable, "-m", "flows")


@contextmanager
def ingested(documents: Sequence[Document]) -> Iterator[Path]:
    """Give a folder with a store that holds documents, none of them read."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "new.xml").write_bytes(records_of(documents))
        measure([*KETMINE, "db", "upgrade"], place)
        measure([*KETMINE, "ingest", "--source", "new.xml"], place, EVERYTHING)
        yield place


def read_with(jobs: int, store: Path, articles: int) -> Measured:
    """Read a copy of a store in so many processes.

    Raises:
        SystemExit: not every article was read.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shutil.copytree(store / "var", place / "var")
        done = measure([*KETMINE, "extract-stored", "--json"], place, {"KETMINE_JOBS": str(jobs)})
    if json.loads(done.said)["read"] != articles:
        raise SystemExit(f"of {articles} articles: {done.said}")
    return done
