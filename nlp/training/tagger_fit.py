"""Weigh what tagger and rules say: fit the points of `ketmine_tagger` on abstracts that the tagger has not read.

Logistic regression by type; the chance from which a candidate is kept is the one with the best F1 of cores, and both are
cross-validated over the abstracts.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from nlp.article import Document
from nlp.components.context import context_of
from nlp.components.tagger import TYPES, candidates, chosen, tag
from nlp.pipeline import annotate, load_pipeline
from nlp.tagging.model import Tagger
from nlp.training.fit_confidence import CORE, calibration, right
from nlp.vocabulary import RESOURCES

PENALTY = 1.0


def fit(records: Sequence[Mapping[str, Any]], folder: Path, begin: float = 0.15) -> dict[str, float]:
    """Fit, print the figures, write nlp/resources/tagger_points.tsv; give the least chance of each group."""
    nlp, tagger = load_pipeline("rules"), Tagger(folder)
    lines, least = ["type\tseen\tpoints"], {}
    read = []
    for record in records:
        doc = annotate(nlp, Document(id=record["id"], text=record["text"]))
        context = context_of(doc.text, doc._.folded, doc._.sentences, doc._.drugs, doc._.short_forms)
        read.append((record, doc, context, tag(doc, tagger, begin) if context else []))
    for group, kind in TYPES.items():
        rows: list[tuple[Any, dict[str, float], bool, int]] = []
        gold = [[f for f in record["findings"] if f["type"] == kind] for record, *_ in read]
        for number, (_, doc, context, tagged) in enumerate(read):
            if context is None:
                continue
            found = candidates(doc, tagged, context, group)
            for (mention, seen), verdict in zip(
                found, right([m for m, _ in found], gold[number], CORE[kind]), strict=True
            ):
                rows.append((mention, seen, verdict, number))
        vectors = DictVectorizer(sparse=False)
        x = vectors.fit_transform([row[1] for row in rows])
        y, groups = np.array([row[2] for row in rows]), np.array([row[3] for row in rows])
        model = LogisticRegression(C=PENALTY, max_iter=5000, fit_intercept=False)
        chances = cross_val_predict(model, x, y, groups=groups, cv=GroupKFold(5), method="predict_proba")[
            :, 1
        ]
        model.fit(x, y)
        total = sum(map(len, gold))
        scored = [(core_f1(rows, chances, gold, kind, t / 100), t / 100) for t in range(10, 70, 2)]
        (f1, precision, recall), best = max(scored)
        error, _ = calibration(chances, y)
        print(
            f"{kind}: {total} annotated, best core F1 {f1:.3f} (P {precision:.3f} R {recall:.3f}) from {best}; ECE {error:.3f}"
        )
        least[group] = best
        lines += [
            f"{kind}\t{name}\t{weight:.3f}"
            for name, weight in zip(vectors.get_feature_names_out(), model.coef_[0], strict=True)
        ]
        for line in lines[-7:]:
            print("  ", line)
    note = "# What each thing seen of a candidate counts: the sum is the logarithm of the odds that its core is right.\n"
    (RESOURCES / "tagger_points.tsv").write_text(note + "\n".join(lines) + "\n", encoding="utf-8")
    return least


def core_f1(
    rows: Sequence[Any], chances: Any, gold: Sequence[Sequence[Any]], kind: str, least: float
) -> tuple[float, float, float]:
    """Give F1, precision and recall of cores when candidates are kept from a chance on."""
    by_abstract: dict[int, list[Any]] = {}
    for row, chance in zip(rows, chances, strict=True):
        by_abstract.setdefault(row[3], []).append((row[0], float(chance)))
    hits = kept = 0
    for number, sure in by_abstract.items():
        mentions = chosen(sure, least)
        kept += len(mentions)
        hits += sum(right(mentions, list(gold[number]), CORE[kind]))
    precision, recall = hits / max(kept, 1), hits / max(sum(map(len, gold)), 1)
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall
