"""Doses as PsyNamic annotates them (Bernhard 2024-25), validation split, texts that name ketamine.

PsyNamic marks every mention of a dose, a list as one span, whichever drug is studied. A dose finding is the first mention
of a regimen of the ketamine family, in a list one for each amount. So a marked dose counts once in a text, however often it
is repeated there, and is met by any anchor of ours that it overlaps at any of its places; an anchor is right that overlaps
a marked dose. `exact` wants the very same offsets.
"""

import re
from pathlib import Path
from typing import NamedTuple

from nlp.article import Document
from nlp.finding import Dose, Offsets
from nlp.folding import fold
from nlp.pipeline import load_pipeline, read
from nlp.yardsticks.records import records

_SEPARATOR = "^\\n"  # the corpus parts title, abstract and fields by these three characters
_SUBJECT = re.compile("ketamin", re.IGNORECASE)


class Counts(NamedTuple):
    """What one text adds: doses marked, anchors given, how many of each meet, and how many are the same."""

    marked: int
    given: int
    marked_met: int
    given_met: int
    same: int


def compare(text: str, marked: list[Offsets], given: list[Offsets]) -> Counts:
    """Count the marked doses of a text, alike ones once, and the anchors given, that overlap one another."""
    alike: dict[str, list[Offsets]] = {}
    for start, end in marked:
        alike.setdefault(re.sub(r"\s", "", fold(text[start:end])), []).append((start, end))
    met = sum(any(_overlap(spot, anchor) for spot in spots for anchor in given) for spots in alike.values())
    right = sum(any(_overlap(spot, anchor) for spot in marked) for anchor in given)
    same = sum(any(spot in given for spot in spots) for spots in alike.values())
    return Counts(len(alike), len(given), met, right, same)


def _overlap(a: Offsets, b: Offsets) -> bool:
    return min(a[1], b[1]) > max(a[0], b[0])


def score(path: Path, pipeline: str = "rules") -> dict[str, int | float]:
    """Give precision, recall and F1 by overlap, and F1 of exact spans."""
    texts = {r["id"]: r for r in records(path, "val") if _SUBJECT.search(r["text"])}
    documents = [
        Document(id=id_, text=r["text"].replace(_SEPARATOR, "\n" + " " * (len(_SEPARATOR) - 1)))
        for id_, r in texts.items()
    ]
    counts = []
    for reading in read(load_pipeline(pipeline), documents):
        marked = [(start, end) for start, end, label in texts[reading.id]["entities"] if label == "Dosage"]
        given = [finding.anchor for finding in reading.findings if isinstance(finding, Dose)]
        counts.append(compare(reading.text, marked, given))
    total = (
        Counts(*(sum(column) for column in zip(*counts, strict=True))) if counts else Counts(0, 0, 0, 0, 0)
    )
    precision = total.given_met / max(1, total.given)
    recall = total.marked_met / max(1, total.marked)
    return {
        "texts": len(texts),
        "marked": total.marked,
        "given": total.given,
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(1e-9, precision + recall), 4),
        "exact_f1": round(2 * total.same / max(1, total.marked + total.given), 4),
    }
