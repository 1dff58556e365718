"""The tables of nlp/resources, as rows; configs name them, components get them read."""

import csv
import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from nlp.errors import PipelineError

RESOURCES = Path(__file__).parent / "resources"

Row = dict[str, str]


@lru_cache(maxsize=64)
def read_table(name: str) -> tuple[Row, ...]:
    """Read a tab-separated table of nlp/resources (or of a path); lines that begin with `#` are comments."""
    path = RESOURCES / name
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise PipelineError(
            f"{path}: the table cannot be read ({error}); is ketmine installed whole?"
        ) from error
    rows = csv.DictReader((line for line in lines if line and not line.startswith("#")), delimiter="\t")
    return tuple({key: (value or "").strip() for key, value in row.items() if key} for row in rows)


def digest(*places: Path) -> str:
    """Give 10 hexadecimal digits over files and over all files in folders: of those the names too, in their order."""
    total = hashlib.sha256()
    for place in places:
        files = [place] if place.is_file() else (path for path in place.rglob("*") if path.is_file())
        for path in sorted(path for path in files if "__pycache__" not in path.parts):
            total.update(path.relative_to(place).as_posix().encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:10]


def any_of(terms: Iterable[str]) -> str:
    """Give a regular expression for any of the terms (folded), longest first, that never backtracks far.

    It shares common beginnings, so hundreds of terms cost little. A hyphen in a term stands for a hyphen, a
    space or nothing; a space for a space or a hyphen.
    """
    root: dict[str, Any] = {}
    for term in terms:
        node = root
        for character in term.lower():
            node = node.setdefault(_LOOSE.get(character) or re.escape(character), {})
        node[""] = {}
    return _alternatives(root)


_LOOSE = {"-": r"[\s-]?", " ": r"[\s-]"}


def _alternatives(node: dict[str, Any]) -> str:
    branches = [key + _alternatives(below) for key, below in sorted(node.items(), reverse=True) if key]
    if not branches:
        return ""
    return f"(?:{'|'.join(branches)}){'?' if '' in node else ''}"
