"""No text that measures may have trained: which abstracts of a measuring set share sentences with training texts."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

LONG = 60
"""Letters and digits from which a sentence is not shared by chance."""
_STOP = re.compile(r"[.!?;:]\s|\n")


def sentences(text: str) -> Iterator[str]:
    """Give the long sentences of a text, letters and digits alone, in lower case."""
    for part in _STOP.split(text.lower()):
        plain = "".join(c for c in part if c.isalnum())
        if len(plain) >= LONG:
            yield plain


def leaks(measured: Iterable[Mapping[str, Any]], trained: Iterable[str], least: int = 2) -> dict[str, int]:
    """Give the ids of measured records that share at least so many long sentences with training texts, and how many.

    One sentence alone may be a form of words that several papers of a group use.

    >>> same = "In this trial forty adults with depression received ketamine or midazolam once."
    >>> leaks([{"id": "a", "text": same}, {"id": "b", "text": "Short."}], [f"Title. {same}"], least=1)
    {'a': 1}
    """
    owner = {part: record["id"] for record in measured for part in sentences(record["text"])}
    found: dict[str, int] = {}
    for part in {part for text in trained for part in sentences(text)} & owner.keys():
        found[owner[part]] = found.get(owner[part], 0) + 1
    return {name: count for name, count in found.items() if count >= least}
