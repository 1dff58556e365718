"""Whether something is said to be there, not there, or possible, and how it compares.

Cues and their reach follow ConText (Harkema et al. 2009, J Biomed Inform 42:839): a cue governs what
follows it, or what precedes it, up to the end of its clause. The cues are the table `assertion_cues.tsv`.
"""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from nlp.finding import Assertion, Comparison
from nlp.vocabulary import read_table


class Cue(NamedTuple):
    """Words that change the reading of what stands near them, with their offsets in the sentence."""

    start: int
    end: int
    reading: str
    side: str


_BREAK = re.compile(
    r";|:\s|,? (?:but(?! not)|whereas|while|however|although|though|except(?: for)?|apart from|other than"
    r"|yet)\b"
    r"|,(?: and)? (?:an? )?(?:increased|higher|more|minimal|mild|some|only|transient)\b"
    r"|, and (?=[a-z' -]{3,60}\b(?:was|were|is|are|had|did|occurred|resolved|developed|experienced"
    r"|reported|showed)\b)"
)
_VERB = re.compile(
    r"\b(?:was|were|is|are|had|has|have|did|occurred|resolved|developed|experienced|reported|showed"
    r"|induced|produced)\b"
)
_READINGS = ("absent", "possible", "similar", "more", "less")
_CUES = [
    (reading, side, re.compile("|".join(row["cue"] for row in rows)))
    for reading in _READINGS
    for side in ("before", "after", "both")
    if (rows := [r for r in read_table("assertion_cues.tsv") if (r["reading"], r["side"]) == (reading, side)])
]


def clauses(sentence: str) -> list[tuple[int, int]]:
    """Cut a folded sentence into the stretches that a cue can govern; they cover it in order."""
    cuts = [0]
    for m in _BREAK.finditer(sentence):
        # `, and` parts two clauses only where the first has its verb; else it ends a list
        if not m[0].startswith(", and ") or _VERB.search(sentence, cuts[-1], m.start()):
            cuts.append(m.start())
    cuts.append(len(sentence))
    return [(a, b) for a, b in pairwise(cuts) if a < b]


def cues(sentence: str) -> list[Cue]:
    """Find every cue of a folded sentence."""
    return [
        Cue(m.start(), m.end(), reading, side) for reading, side, cue in _CUES for m in cue.finditer(sentence)
    ]


def governing(found: Iterable[Cue], clause: tuple[int, int], start: int, end: int) -> set[str]:
    """Give the readings that cues of a clause lend to the words at `start:end`."""
    low, high = clause
    return {
        cue.reading
        for cue in found
        if low <= cue.start
        and cue.end <= high
        and (
            (cue.side in ("before", "both") and cue.end <= start)
            or (cue.side in ("after", "both") and cue.start >= end)
            or (cue.start <= start and end <= cue.end)
        )
    }


def read_assertion(readings: set[str]) -> tuple[Assertion, Comparison | None]:
    """Turn the readings of the governing cues into an assertion and a comparison."""
    if "similar" in readings:
        return Assertion.ABSENT, Comparison.SIMILAR
    comparison = Comparison.LESS if "less" in readings else Comparison.MORE if "more" in readings else None
    if "absent" in readings:
        return Assertion.ABSENT, None
    if "possible" in readings and comparison is None:
        return Assertion.POSSIBLE, None
    return Assertion.PRESENT, comparison
