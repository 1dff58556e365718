"""The records of a corpus: JSON Lines, plain or gzipped, with `split`, `text` and `entities` as [start, end, label]."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nlp.errors import PipelineError


def records(path: Path, split: str) -> Iterator[dict[str, Any]]:
    """Give the records of one split; PipelineError says which line is none."""
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8") as lines
        ):
            for number, line in enumerate(lines, 1):
                try:
                    record = json.loads(line)
                    wanted = record["split"] == split
                    record["text"], record["entities"]
                except (ValueError, KeyError, TypeError) as error:
                    raise PipelineError(
                        f"{path}, line {number}: no record with split, text and entities ({type(error).__name__}: {error})."
                    ) from error
                if wanted:
                    yield record
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise PipelineError(f"Cannot read {path}: {error}.") from error
