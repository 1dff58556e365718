"""Fit the points of study cues and condition features to annotated abstracts, and write them as tables.

Run it as `python -m nlp.training.fit_study_points TRAIN.jsonl MORE.jsonl …`. It prints the figures of ten-fold
cross-validation over all files together, for each file, and writes nlp/resources/study_points.tsv and
condition_points.tsv. Logistic regression with the same penalty throughout; no word of the abstracts enters the
tables, only the weight of each cue.
"""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from nlp.article import Document
from nlp.components.condition_mentions import Conditions
from nlp.components.conditions import Features, grouped, named, naming, points_of
from nlp.components.study_cues import Cues
from nlp.pipeline import annotate, load_pipeline
from nlp.vocabulary import RESOURCES, read_table

PENALTY = 0.3
THRESHOLD = 0.35  # of a condition's probability, where F1 is best in cross-validation
LEAST = 0.03  # points below this are not written
FOLDS = 5  # of the cross-validation of conditions, by abstract


def main(*paths: str) -> None:
    """Fit both tables to the annotated abstracts of all files together."""
    records = [
        json.loads(line) | {"file": Path(path).name}
        for path in paths
        for line in Path(path).read_text(encoding="utf-8").splitlines()
    ]
    nlp = load_pipeline("rules")
    nlp.select_pipes(enable=["sections"])
    docs = [annotate(nlp, Document(id=record["id"], text=record["text"])) for record in records]
    fit_design(records, docs)
    fit_conditions(records, docs)


def fit_design(records: list[dict[str, Any]], docs: list[Any]) -> None:
    """Write study_points.tsv: a column for each design, and one for having no subjects."""
    table = read_table("study_cues.tsv")
    cues = Cues(table)
    names = [row["cue"] for row in table if row["where"] != "words"]
    found = [cues.find(doc._.folded, doc._.sections, doc._.sentences) for doc in docs]
    x = np.array([[name in cues_ for name in names] for cues_ in found], dtype=float)
    design = np.array([record["study"]["design"] for record in records])
    none = np.array([record["study"]["species"] == "none" for record in records])
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    columns: dict[str, np.ndarray] = {}
    for target in (design, none):
        model = LogisticRegression(C=PENALTY, max_iter=3000)
        right = cross_val_predict(model, x, target, cv=folds) == target
        for file in dict.fromkeys(record["file"] for record in records):
            own = np.array([record["file"] == file for record in records])
            print("accuracy", file, right[own].mean().round(4))
        model.fit(x, target)
        values = list(model.classes_) if len(model.classes_) > 2 else ["no_subjects"]
        for value, weights, bias in zip(values, model.coef_, model.intercept_, strict=True):
            columns[value] = np.array([bias, *weights])
    lines = ["\t".join(["cue", *columns])]
    for number, name in enumerate(["bias", *names]):
        lines.append("\t".join([name, *(f"{column[number]:.2f}" for column in columns.values())]))
    note = "# Points of each cue for each design, and for having no subjects (above 0: none).\n"
    (RESOURCES / "study_points.tsv").write_text(note + "\n".join(lines) + "\n", encoding="utf-8")


class Group(NamedTuple):
    """The mentions of one class in one abstract with their features, and which of them are annotated."""

    abstract: int
    features: Features
    mentions: list[Features]
    right: list[bool]


def fit_conditions(records: list[dict[str, Any]], docs: list[Any]) -> None:
    """Write condition_points.tsv: what names a class of conditions, and which classes are studied."""
    conditions = Conditions(read_table("condition_words.tsv"), read_table("condition_signs.tsv"))
    groups = []
    for number, (record, doc) in enumerate(zip(records, docs, strict=True)):
        folded = doc._.folded
        spans = [tuple(condition["span"]) for condition in record["study"]["conditions"]]
        names = {folded[start:end] for start, end in spans}
        for _, same, features in grouped(conditions.find(folded, doc._.sentences), folded):
            right = [folded[m.start : m.end] in names or any(_overlap(m[:2], s) for s in spans) for m in same]
            groups.append(Group(number, features, [naming(m, same, folded) for m in same], right))
    fold = np.array([group.abstract % FOLDS for group in groups])
    right, kept = np.zeros(len(groups), bool), np.zeros(len(groups), bool)
    for held in range(FOLDS):
        points = condition_points([g for g, own in zip(groups, fold != held, strict=True) if own])
        for place in np.flatnonzero(fold == held):
            right[place] = groups[place].right[_best(groups[place], points)]
            kept[place] = points["bias"] + points_of(_features(groups[place], points), points) > 0
    for file in dict.fromkeys(record["file"] for record in records):
        own = np.array([records[group.abstract]["file"] == file for group in groups])
        total = sum(len(r["study"]["conditions"]) for r in records if r["file"] == file)
        precision, recall = right[own & kept].mean(), right[own & kept].sum() / total
        print("conditions", file, "precision", precision.round(4), "recall", recall.round(4))
    points = condition_points(groups)
    lines = ["feature\tpoints", f"bias\t{points.pop('bias'):.2f}"]
    lines += [f"{name}\t{points[name]:.2f}" for name in sorted(points) if abs(points[name]) >= LEAST]
    note = "# Points of what speaks for a condition's being studied (above 0 it is), and, `as-`, for a mention's naming it.\n"
    (RESOURCES / "condition_points.tsv").write_text(note + "\n".join(lines) + "\n", encoding="utf-8")


def condition_points(groups: list[Group]) -> Features:
    """Fit the points of mentions by pairs of a right and a wrong one, then those of classes by their best mention."""
    vectorizer = DictVectorizer(sparse=False)
    vectorizer.fit([mention for group in groups for mention in group.mentions])
    gaps, weights = [], []
    for group in groups:
        if any(group.right) and not all(group.right):
            table, right = vectorizer.transform(group.mentions), np.array(group.right)
            gap = (table[right][:, None] - table[~right][None]).reshape(-1, table.shape[1])
            gaps.append(gap)
            weights.append(np.full(len(gap), 1 / len(gap)))
    x, weight = np.concatenate(gaps), np.concatenate(weights)
    ranker = LogisticRegression(C=PENALTY, fit_intercept=False, max_iter=3000)
    ranker.fit(np.r_[x, -x], np.r_[np.ones(len(x)), np.zeros(len(x))], np.r_[weight, weight])
    points = _named(vectorizer, ranker)
    target = [group.right[_best(group, points)] for group in groups]
    vectorizer = DictVectorizer(sparse=False)
    model = LogisticRegression(C=PENALTY, solver="liblinear", max_iter=3000)
    model.fit(vectorizer.fit_transform([_features(group, points) for group in groups]), target)
    bias = float(model.intercept_[0] - np.log(THRESHOLD / (1 - THRESHOLD)))
    return {**points, **_named(vectorizer, model), "bias": bias}


def _named(vectorizer: DictVectorizer, model: LogisticRegression) -> Features:
    return dict(zip(vectorizer.get_feature_names_out(), map(float, model.coef_[0]), strict=True))


def _best(group: Group, points: Features) -> int:
    return max(range(len(group.mentions)), key=lambda n: (points_of(group.mentions[n], points), -n))


def _features(group: Group, points: Features) -> Features:
    return {**group.features, **named(group.mentions[_best(group, points)])}


def _overlap(a: Any, b: Any) -> bool:
    common = min(a[1], b[1]) - max(a[0], b[0])
    return common > 0 and common / (max(a[1], b[1]) - min(a[0], b[0])) >= 0.3


if __name__ == "__main__":
    main(*sys.argv[1:])
