"""Weigh what tagger and rules propose: fit the points of `ketmine_tagger` on abstracts that the tagger has not read.

Logistic regression by type. Where chances are calibrated, F1 is greatest when all is kept whose chance is at least half of
the F1 that is reached (Lipton et al. 2014), so the chance to keep from is not searched for. Figures are cross-validated over
abstracts.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from nlp.article import Document
from nlp.components.context import context_of
from nlp.components.pointed import NEVER
from nlp.components.tagger import POINTS, read_windows
from nlp.components.weighing import TYPES, candidates, chosen
from nlp.extensions import Mention
from nlp.pipeline import annotate, load_pipeline
from nlp.tagging.model import Tagger
from nlp.training.fit_confidence import CORE, calibration, right
from nlp.training.pointed_fit import fitted as fit_field
from nlp.training.pointed_fit import readings

PENALTIES = {"outcome": 0.1, "adverse_event": 1.0}
"""Type → what large weights cost less by, chosen by cross-validation."""
ROUNDS = 5
NOTE = (
    "# What each thing seen of a candidate counts: the sum is the logarithm of the odds that its core is right.\n"
    "# `least` is the chance from which a candidate is kept, `pointed x` the share from which the tagger's x stands.\n"
)


class Row(NamedTuple):
    """A candidate, what is seen of it, whether it is right on its own, and the number of its abstract."""

    mention: Mention
    things: dict[str, float]
    right: bool
    abstract: int


class Fitted(NamedTuple):
    """What a fit came to: the chance to keep from, cross-validated core F1, precision and recall, calibration error."""

    least: float
    f1: float
    precision: float
    recall: float
    error: float


Gold = Sequence[Sequence[Mapping[str, Any]]]


def rows(
    records: Sequence[Mapping[str, Any]], folder: Path, begin: float
) -> dict[str, tuple[list[Row], Gold]]:
    """Give the candidates of annotated abstracts by group, and the annotated findings of each abstract."""
    nlp, tagger = load_pipeline("rules"), Tagger(folder)
    out: dict[str, tuple[list[Row], list[list[Any]]]] = {group: ([], []) for group in TYPES}
    for number, record in enumerate(records):
        doc = annotate(nlp, Document(id=record["id"], text=record["text"]))
        context = context_of(doc.text, doc._.folded, doc._.sentences, doc._.drugs, doc._.short_forms)
        read = read_windows(doc, tagger) if context else []
        for group, kind in TYPES.items():
            found, gold = out[group]
            annotated = [f for f in record["findings"] if f["type"] == kind]
            gold.append(annotated)
            for mention, things in candidates(doc, read, context, group, begin) if context else ():
                alone = any(right([mention], [finding], CORE[kind])[0] for finding in annotated)
                found.append(Row(mention, things, alone, number))
    return {group: (found, gold) for group, (found, gold) in out.items()}


def fit(records: Sequence[Mapping[str, Any]], folder: Path, begin: float = 0.05) -> dict[str, Fitted]:
    """Fit, and write the points into the model's folder; give what it came to by group."""
    lines, fitted = ["type\tseen\tpoints"], {}
    fields = {place: fit_field(found) for place, found in readings(records, folder, begin).items()}
    for group, (found, gold) in rows(records, folder, begin).items():
        kind = TYPES[group]
        vectors = DictVectorizer(sparse=False)
        x = vectors.fit_transform([row.things for row in found])
        y, numbers = np.array([row.right for row in found]), np.array([row.abstract for row in found])
        model = LogisticRegression(C=PENALTIES[kind], max_iter=5000, fit_intercept=False)
        split = GroupKFold(8)
        chances = cross_val_predict(model, x, y, groups=numbers, cv=split, method="predict_proba")[:, 1]
        model.fit(x, y)
        least = 0.3
        for _ in range(ROUNDS):
            f1, precision, recall = core_f1(found, chances, gold, kind, least)
            least = round(f1 / 2, 2)
        fitted[group] = Fitted(least, f1, precision, recall, calibration(chances, y)[0])
        lines.append(f"{kind}\tleast\t{least:.2f}")
        lines += [
            f"{kind}\tpointed {name}\t{field.least:.2f}"
            for (of, name), field in fields.items()
            if of == group and field.least < NEVER
        ]
        lines += [
            f"{kind}\t{name}\t{weight:.3f}"
            for name, weight in zip(vectors.get_feature_names_out(), model.coef_[0], strict=True)
        ]
    (folder / POINTS).write_text(NOTE + "\n".join(lines) + "\n", encoding="utf-8")
    return fitted


def core_f1(
    found: Sequence[Row], chances: Any, gold: Gold, kind: str, least: float
) -> tuple[float, float, float]:
    """Give F1, precision and recall of cores when candidates are kept from a chance on."""
    sure: dict[int, list[Any]] = {}
    for row, chance in zip(found, chances, strict=True):
        sure.setdefault(row.abstract, []).append((row.mention, float(chance)))
    hits = kept = 0
    for number, pairs in sure.items():
        mentions = chosen(pairs, least)
        kept += len(mentions)
        hits += sum(right(mentions, [dict(f) for f in gold[number]], CORE[kind]))
    precision, recall = hits / max(kept, 1), hits / max(sum(map(len, gold)), 1)
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall
