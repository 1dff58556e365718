"""Directions of outcomes, against Evidence Inference (Lehman 2019), development split, which trains nothing here.

Sentence and outcome are given; the tagger says of the outcome's first word piece whether it rose, fell or did not differ. An
outcome that the sentence does not give in the words of the question is looked for at the longest stretch that both share. (In the
file that this was written on, the splits `test` and `devtest` hold offsets in place of words, and one direction only.)
"""

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

from spacy.language import Language

from nlp.components.tagger import TaggerComponent, read_windows
from nlp.errors import PipelineError
from nlp.extensions import Sentence
from nlp.pipeline import load_pipeline
from nlp.tagging.labels import GROUPS
from nlp.yardsticks.records import every

DIRECTIONS = ("increased", "decreased", "no_difference")
SPLIT = "dev"
SHARED = 5
"""Letters from which a stretch that outcome and sentence share is taken for the outcome's place."""

Verdict = tuple[str, str]
"""What is annotated, and what we say."""


def score(path: Path, pipeline: str) -> dict[str, int | float]:
    """Give macro-F1 over the three directions, of all rows and of those whose sentence gives the outcome in its own words."""
    nlp = load_pipeline(pipeline)
    if "tagger" not in nlp.pipe_names:
        raise PipelineError(
            f"The pipeline {pipeline!r} has no tagger, which reads the direction: use findings."
        )
    told: list[tuple[bool, Verdict]] = []
    for row in every(path, ("split", "outcome", "evidence", "direction")):
        if row["split"] == SPLIT:
            sentence, outcome = row["evidence"], row["outcome"]
            verbatim = outcome.lower() in sentence.lower()
            told.append((verbatim, (row["direction"], direction(nlp, sentence, outcome))))
    everything, named = [pair for _, pair in told], [pair for verbatim, pair in told if verbatim]
    return {
        "rows": len(everything),
        "macro_f1": macro_f1(everything),
        "accuracy": round(sum(a == b for a, b in everything) / max(1, len(everything)), 4),
        **{f"{d}_f1": round(f1(everything, d), 4) for d in DIRECTIONS},
        "rows_in_own_words": len(named),
        "macro_f1_in_own_words": macro_f1(named),
    }


def direction(nlp: Language, sentence: str, outcome: str) -> str:
    """Give the direction that the tagger reads of an outcome in a sentence that stands alone."""
    tagger: TaggerComponent = nlp.get_pipe("tagger")  # type: ignore[assignment]
    doc = nlp.make_doc(sentence)
    doc._.sentences, doc._.drugs = (Sentence(0, len(sentence), None, "results"),), ()
    place = place_of(sentence, outcome)
    surest, said = -1.0, DIRECTIONS[2]
    for part in read_windows(doc, tagger.tagger):
        pieces = part.pieces(*place) if place else range(1, len(part.window.ids) - 1)
        begins = part.shares("outcome")[:, 1]
        best = pieces[0] if place and pieces else max(pieces, key=lambda i: begins[i], default=None)
        if best is not None and begins[best] > surest:
            shares = dict(zip(GROUPS["direction"], part.shares("direction")[best], strict=True))
            surest, said = begins[best], max(DIRECTIONS, key=lambda name: shares[name])
    return said


def place_of(sentence: str, outcome: str) -> tuple[int, int] | None:
    """Find an outcome in a sentence: as it is asked for, else the longest stretch of letters that both share, if it is long.

    >>> place_of("Pain scores fell.", "postoperative pain score")
    (0, 10)
    """
    text, words = sentence.lower(), outcome.lower().strip()
    match = SequenceMatcher(None, text, words, autojunk=False).find_longest_match()
    start, end = match.a, match.a + match.size
    shared = text[start:end]
    if sum(c.isalnum() for c in shared) < SHARED:
        return None
    return start + len(shared) - len(shared.lstrip()), start + len(shared.rstrip())


def macro_f1(pairs: Sequence[Verdict]) -> float:
    """Give the mean of the directions' F1."""
    return round(sum(f1(pairs, d) for d in DIRECTIONS) / len(DIRECTIONS), 4)


def f1(pairs: Sequence[Verdict], wanted: str) -> float:
    """Give F1 of one direction.

    >>> f1([("increased", "increased"), ("increased", "decreased"), ("decreased", "decreased")], "decreased")
    0.6666666666666666
    """
    counted = Counter((a == wanted, b == wanted) for a, b in pairs)
    right = counted[True, True]
    return 2 * right / max(1, 2 * right + counted[True, False] + counted[False, True])
