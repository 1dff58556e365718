"""Fit the points of confidence to annotated abstracts, and say how well they are calibrated.

`python -m nlp.training.fit_confidence TRAIN.jsonl [HELD_OUT.jsonl]` prints, by type, the expected calibration error over ten
bins of equal width, first of ten-fold cross-validation over abstracts, then on the held-out file, and writes
nlp/resources/confidence_points.tsv. Logistic regression with one penalty throughout; a finding is right when it is
paired with an annotated one by overlap and the core fields are equal.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from nlp.article import Document
from nlp.components.confidence import GROUPS, seen
from nlp.pipeline import annotate, load_pipeline
from nlp.training.tagger_data import gold
from nlp.vocabulary import RESOURCES

PENALTY = 0.3
SAME = 0.3  # share of the union of two anchors from which they may be one
CORE = {
    "dose": ("drug", "low", "high", "unit"),
    "adverse_event": ("drug", "assertion"),
    "outcome": ("drug", "direction"),
}

Sample = tuple[dict[str, float], bool, int]


def right(mentions: Sequence[Any], annotated: Sequence[Mapping[str, Any]], core: Sequence[str]) -> list[bool]:
    """Say which mentions are right: paired one to one, those with an equal core and the largest overlap first."""
    pairs = sorted(
        (
            (_equal(mention, finding, core), _share((mention.start, mention.end), finding["anchor"]), i, j)
            for i, mention in enumerate(mentions)
            for j, finding in enumerate(annotated)
            if _share((mention.start, mention.end), finding["anchor"]) >= SAME
        ),
        reverse=True,
    )
    taken: set[int] = set()
    verdict: dict[int, bool] = {}
    for equal, _, i, j in pairs:
        if i not in verdict and j not in taken:
            taken.add(j)
            verdict[i] = equal
    return [verdict.get(i, False) for i in range(len(mentions))]


def _equal(mention: Any, finding: Mapping[str, Any], core: Sequence[str]) -> bool:
    return all(getattr(mention, name) == finding[name] for name in core)


def _share(a: tuple[int, int], b: Any) -> float:
    common = max(0, min(a[1], b[1]) - max(a[0], b[0]))
    return float(common / (a[1] - a[0] + b[1] - b[0] - common))


def samples(records: Sequence[Mapping[str, Any]]) -> dict[str, list[Sample]]:
    """Read annotated abstracts with the pipeline: type → what is seen of each finding, whether it is right, and its abstract."""
    nlp = load_pipeline("rules")
    found: dict[str, list[Sample]] = {kind: [] for kind in CORE}
    for number, record in enumerate(records):
        doc = annotate(nlp, Document(id=record["id"], text=record["text"]))
        for group, kind in GROUPS.items():
            mentions = list(getattr(doc._, group))
            annotated = [finding for finding in record["findings"] if finding["type"] == kind]
            for mention, verdict in zip(mentions, right(mentions, annotated, CORE[kind]), strict=True):
                found[kind].append((dict.fromkeys(seen(doc, mention), 1.0), verdict, number))
    return found


def calibration(chances: Any, verdicts: Any) -> tuple[float, list[tuple[int, float, float]]]:
    """Give the expected calibration error, and (findings, mean chance, share right) of each bin that is not empty."""
    bins = np.minimum((chances * 10).astype(int), 9)
    rows = [
        (int((bins == i).sum()), float(chances[bins == i].mean()), float(verdicts[bins == i].mean()))
        for i in range(10)
        if (bins == i).any()
    ]
    return sum(n * abs(sure - share) for n, sure, share in rows) / len(chances), rows


def main(train: str, *held_out: str) -> None:
    """Fit, report, write."""
    fitted, tested = samples(gold(Path(train))), [samples(gold(Path(path))) for path in held_out]
    lines = ["type\tseen\tpoints"]
    for kind, rows in fitted.items():
        vectors = DictVectorizer(sparse=False)
        x = vectors.fit_transform([row[0] for row in rows])
        y, groups = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
        model = LogisticRegression(C=PENALTY, max_iter=5000, fit_intercept=False)
        chances = cross_val_predict(model, x, y, groups=groups, cv=GroupKFold(10), method="predict_proba")[
            :, 1
        ]
        report(f"{kind}, cross-validation", chances, y)
        model.fit(x, y)
        for other in tested:
            held = vectors.transform([row[0] for row in other[kind]])
            report(
                f"{kind}, held out",
                model.predict_proba(held)[:, 1],
                np.array([row[1] for row in other[kind]]),
            )
        lines += [
            f"{kind}\t{name}\t{weight:.2f}"
            for name, weight in zip(vectors.get_feature_names_out(), model.coef_[0], strict=True)
            if abs(weight) >= 0.005
        ]
    note = "# Points of what is seen around a finding: their sum is the logarithm of the odds that its core is right.\n"
    (RESOURCES / "confidence_points.tsv").write_text(note + "\n".join(lines) + "\n", encoding="utf-8")


def report(name: str, chances: Any, verdicts: Any) -> None:
    """Print the calibration of a set of findings."""
    error, rows = calibration(chances, verdicts)
    print(
        f"{name}: {len(chances)} findings, {verdicts.mean():.3f} right, expected calibration error {error:.3f}"
    )
    for count, sure, share in rows:
        print(f"  {count:5}  said {sure:.2f}  right {share:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
