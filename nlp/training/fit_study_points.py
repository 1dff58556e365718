"""Fit the points of study cues and condition features to annotated abstracts, and write them as tables.

Run it as `python -m nlp.training.fit_study_points TRAIN.jsonl`. It prints the accuracy of ten-fold cross-
validation and writes nlp/resources/study_points.tsv and condition_points.tsv. Logistic regression with the
same penalty throughout; no word of the abstracts enters the tables, only the weight of each cue.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict

from nlp.article import Document
from nlp.components.conditions import Conditions, fullness, grouped
from nlp.components.study_cues import Cues
from nlp.pipeline import annotate, load_pipeline
from nlp.vocabulary import RESOURCES, read_table

PENALTY = 0.3
THRESHOLD = 0.40  # of a condition's probability, where precision and recall balance


def main(path: str) -> None:
    """Fit both tables."""
    records = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    nlp = load_pipeline("rules")
    nlp.select_pipes(enable=["sections"])
    docs = [annotate(nlp, Document(id=record["id"], text=record["text"])) for record in records]
    fit_design(records, docs)
    fit_conditions(records, docs)


def fit_design(records: list[dict[str, Any]], docs: list[Any]) -> None:
    """Write study_points.tsv: a column for each design, and one for having no subjects."""
    table = read_table("study_cues.tsv")
    cues = Cues(table)
    names = [row["cue"] for row in table]
    found = [cues.find(doc._.folded, doc._.sections, doc._.sentences) for doc in docs]
    x = np.array([[name in cues_ for name in names] for cues_ in found], dtype=float)
    design = np.array([record["study"]["design"] for record in records])
    none = np.array([record["study"]["species"] == "none" for record in records])
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    columns: dict[str, np.ndarray] = {}
    for target in (design, none):
        model = LogisticRegression(C=PENALTY, max_iter=3000)
        print("accuracy", (cross_val_predict(model, x, target, cv=folds) == target).mean().round(4))
        model.fit(x, target)
        values = list(model.classes_) if len(model.classes_) > 2 else ["no_subjects"]
        for value, weights, bias in zip(values, model.coef_, model.intercept_, strict=True):
            columns[value] = np.array([bias, *weights])
    lines = ["\t".join(["cue", *columns])]
    for number, name in enumerate(["bias", *names]):
        lines.append("\t".join([name, *(f"{column[number]:.2f}" for column in columns.values())]))
    note = "# Points of each cue for each design, and for having no subjects (above 0: none).\n"
    (RESOURCES / "study_points.tsv").write_text(note + "\n".join(lines) + "\n", encoding="utf-8")


def fit_conditions(records: list[dict[str, Any]], docs: list[Any]) -> None:
    """Write condition_points.tsv: the features of a class of conditions that is studied."""
    conditions = Conditions(read_table("condition_words.tsv"))
    rows, hits, groups = [], [], []
    for number, (record, doc) in enumerate(zip(records, docs, strict=True)):
        spans = [tuple(condition["span"]) for condition in record["study"]["conditions"]]
        folded = doc._.folded
        names = {folded[start:end] for start, end in spans}
        for _, same, features in grouped(conditions.find(folded, doc._.sentences), folded):
            best = max(same, key=lambda m: (fullness(folded, m, same), -m.start))
            rows.append(features)
            hits.append(folded[best.start : best.end] in names or any(_overlap(best[:2], s) for s in spans))
            groups.append(number)
    names = sorted({name for row in rows for name in row})
    x = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    y = np.array(hits)
    model = LogisticRegression(C=PENALTY, max_iter=3000)
    folds = GroupKFold(10)
    chance = cross_val_predict(model, x, y, groups=np.array(groups), cv=folds, method="predict_proba")[:, 1]
    total = sum(len(record["study"]["conditions"]) for record in records)
    kept = chance >= THRESHOLD
    print("precision", y[kept].mean().round(4), "recall", round(y[kept].sum() / total, 4))
    model.fit(x, y)
    bias = model.intercept_[0] - np.log(THRESHOLD / (1 - THRESHOLD))
    lines = ["feature\tpoints", f"bias\t{bias:.2f}"]
    lines += [
        f"{name}\t{weight:.2f}"
        for name, weight in zip(names, model.coef_[0], strict=True)
        if abs(weight) >= 0.05
    ]
    note = "# Points of what speaks for a condition's being studied; above 0 it is.\n"
    (RESOURCES / "condition_points.tsv").write_text(note + "\n".join(lines) + "\n", encoding="utf-8")


def _overlap(a: Any, b: Any) -> bool:
    common = min(a[1], b[1]) - max(a[0], b[0])
    return common > 0 and common / (max(a[1], b[1]) - min(a[0], b[0])) >= 0.3


if __name__ == "__main__":
    main(sys.argv[1])
