"""The records of a corpus: JSON Lines, plain or gzipped, with `split`, `text` and `entities` as [start, end, label]."""

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nlp.errors import PipelineError


def records(path: Path, split: str) -> Iterator[dict[str, Any]]:
    """Give the records of one split; PipelineError says which line is none."""
    return (record for record in every(path) if record["split"] == split)


def every(path: Path, needed: Sequence[str] = ("split", "text", "entities")) -> Iterator[dict[str, Any]]:
    """Give all records; PipelineError says which line lacks something that is needed."""
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8") as lines
        ):
            for number, line in enumerate(lines, 1):
                try:
                    record = json.loads(line)
                    for name in needed:
                        record[name]
                except (ValueError, KeyError, TypeError) as error:
                    raise PipelineError(
                        f"{path}, line {number}: no record with {', '.join(needed)} ({type(error).__name__}: {error})."
                    ) from error
                yield record
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise PipelineError(f"Cannot read {path}: {error}.") from error
