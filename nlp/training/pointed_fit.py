"""From which share on a field is read by the tagger and not by the rules, fitted on abstracts that the tagger has not read.

Of every candidate whose core is right, both readings of each field are held against the annotated one; the share that makes
most right is taken, and none where that makes no more right than the rules alone when it is cross-validated over abstracts.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nlp.article import Document
from nlp.components.context import context_of
from nlp.components.pointed import FIELDS, LABELLED, NEVER, said_of
from nlp.components.tagger import read_windows
from nlp.components.weighing import CORES, TYPES, candidates, overlaps
from nlp.extensions import Mention
from nlp.pipeline import annotate, load_pipeline
from nlp.tagging.model import Tagger

SHARES = np.round(np.concatenate(([0.01], np.arange(0.05, 1.0, 0.05), [NEVER])), 2)
FOLDS = 5


class Reading(NamedTuple):
    """One field of one finding: whether the rules and the pointers read it as annotated, the pointers' share, the abstract."""

    ruled: bool
    pointed: bool
    share: float
    abstract: int


class Field(NamedTuple):
    """What a fit came to: the share, how many readings, and the shares of right ones: rules, pointers, both together."""

    least: float
    number: int
    ruled: float
    pointed: float
    both: float


def readings(
    records: Sequence[Mapping[str, Any]], folder: Path, begin: float = 0.05
) -> dict[tuple[str, str], list[Reading]]:
    """Give the readings of every field, by group and field."""
    nlp, tagger = load_pipeline("rules"), Tagger(folder)
    out: dict[tuple[str, str], list[Reading]] = {
        (group, name): [] for group in FIELDS for name in (*FIELDS[group], *LABELLED[group])
    }
    for number, record in enumerate(records):
        doc = annotate(nlp, Document(id=record["id"], text=record["text"]))
        context = context_of(doc.text, doc._.folded, doc._.sentences, doc._.drugs, doc._.short_forms)
        if not context:
            continue
        read = read_windows(doc, tagger)
        for group, kind in TYPES.items():
            mentions = [m for m, _ in candidates(doc, read, context, group, begin)]
            annotated = [f for f in record["findings"] if f["type"] == kind]
            for i, fields in said_of(doc.text, group, mentions, read, tagger):
                finding = next((f for f in annotated if _is_of(mentions[i], f, CORES[group])), None)
                for name, said in fields.items() if finding else ():
                    true = plain(finding[name]) if finding else ""
                    ruled = plain(getattr(mentions[i], name)) == true
                    out[group, name].append(Reading(ruled, plain(said.value) == true, said.share, number))
    return out


def _is_of(mention: Mention, finding: Mapping[str, Any], core: str) -> bool:
    start, end = finding["anchor"]
    same = getattr(mention, core) == finding[core] and mention.drug == finding["drug"]
    return same and overlaps(mention, mention.model_copy(update={"start": start, "end": end}))


def plain(value: object) -> str:
    """Give a field as it is compared: no case, no spacing, one dash.

    >>> plain("24 Hours") == plain("24hours"), plain(None)
    (True, '')
    """
    return re.sub(r"[−‐‑‒–—]", "-", re.sub(r"\s+", "", "" if value is None else str(value).lower()))


def fitted(found: Sequence[Reading]) -> Field:
    """Choose the share for one field, and say what rules, pointers and both come to."""
    rows = np.array([(r.ruled, r.pointed, r.share, r.abstract) for r in found], dtype=float).reshape(-1, 4)
    total = both = 0
    for fold in range(FOLDS):
        out = rows[:, 3] % FOLDS == fold
        both += _right(rows[out], _best(rows[~out]))
        total += int(out.sum())
    share = 1 / max(total, 1)
    ruled, by_pointers = float(rows[:, 0].sum()), float(rows[:, 1].sum())
    least = _best(rows) if both > ruled else NEVER
    return Field(least, total, ruled * share, by_pointers * share, both * share)


def _best(rows: np.ndarray) -> float:
    """Give the greatest share of those that make most right."""
    return float(max(SHARES, key=lambda least: (_right(rows, least), least)))


def _right(rows: np.ndarray, least: float) -> int:
    return int(np.where(rows[:, 2] >= least, rows[:, 1], rows[:, 0]).sum())
