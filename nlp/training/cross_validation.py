"""Readings of annotated abstracts by points that have not seen them: what confidence and the accept lane are measured on.

The points of each fold are fitted on the other folds and put into the real pipeline, which then reads the fold. The tagger's
weights must not have read the abstracts either: `folder` holds those of the rounds that hold out, which `ketmine train` keeps.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, NamedTuple

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from spacy.language import Language

from nlp.article import Document
from nlp.assemble import assemble
from nlp.components.confidence import Points
from nlp.components.tagger import POINTS
from nlp.components.weighing import TYPES
from nlp.finding import Finding, Provenance, Reading
from nlp.pipeline import CONFIGS, annotate, load_pipeline
from nlp.training import fit_confidence, tagger_fit
from nlp.vocabulary import Row, read_table

FOLDS = 10

Records = Sequence[Mapping[str, Any]]
Seen = tuple[Mapping[str, float], bool, int]
"""What is seen of a finding or a candidate, whether its core is right, and the number of its abstract."""


class Judged(NamedTuple):
    """A finding that the pipeline gives: its type, its confidence, whether its core is right, whether it is flagged, its fold."""

    type: str
    chance: float
    right: bool
    flagged: bool
    fold: int


def doses(records: Records) -> Iterator[tuple[Mapping[str, Any], Reading]]:
    """Read abstracts with points for doses that have not seen them; doses are the same in every pipeline."""
    nlp = load_pipeline("rules")
    component: Any = nlp.get_pipe("confidence")
    seen = {"dose": fit_confidence.samples(records)["dose"]}

    def learn(rows: Sequence[Row]) -> None:
        component.points = Points(rows)

    return _read(nlp, records, seen, (), {"dose": fit_confidence.PENALTY}, learn)


def results(records: Records, folder: Path) -> Iterator[tuple[Mapping[str, Any], Reading]]:
    """Read abstracts that the weights in a folder have not read, with points that have not seen them either."""
    nlp = with_weights(folder)
    component: Any = nlp.get_pipe("tagger")
    seen = {
        TYPES[group]: [(row.things, row.right, row.abstract) for row in found]
        for group, (found, _) in tagger_fit.rows(records, folder, component.begin).items()
    }
    kept = [
        row
        for row in read_table(str(folder.resolve() / POINTS))
        if row["seen"].split()[0] in ("least", "pointed")
    ]

    def learn(rows: Sequence[Row]) -> None:
        component.points = Points(rows)

    return _read(nlp, records, seen, kept, tagger_fit.PENALTIES, learn)


def with_weights(folder: Path) -> Language:
    """Load the default pipeline with the tagger of a folder."""
    config = (CONFIGS / "findings.cfg").read_text(encoding="utf-8")
    with TemporaryDirectory() as place:
        path = Path(place) / "findings.cfg"
        path.write_text(config.replace('model = "tagger"', f'model = "{folder.resolve()}"'), encoding="utf-8")
        return load_pipeline(str(path))


def _read(
    nlp: Language,
    records: Records,
    seen: Mapping[str, Sequence[Seen]],
    kept: Sequence[Row],
    penalties: Mapping[str, float],
    learn: Callable[[Sequence[Row]], None],
) -> Iterator[tuple[Mapping[str, Any], Reading]]:
    for fold in range(FOLDS):
        others = {kind: [row for row in rows if row[2] % FOLDS != fold] for kind, rows in seen.items()}
        learn([*kept, *(row for kind, rows in others.items() for row in points(kind, rows, penalties[kind]))])
        for record in records[fold::FOLDS]:
            document = Document(id=record["id"], text=record["text"])
            provenance = Provenance(
                document_hash=document.hash, pipeline="cross-validation", version=str(fold)
            )
            yield record, assemble(annotate(nlp, document), document, provenance)


def points(kind: str, rows: Sequence[Seen], penalty: float) -> list[Row]:
    """Fit the points of a type, as rows of their table."""
    if len({right for _, right, _ in rows}) < 2:
        raise ValueError(f"{kind}: of {len(rows)} findings all are right, or none: there is nothing to fit")
    vectors = DictVectorizer(sparse=False)
    x = vectors.fit_transform([dict(things) for things, _, _ in rows])
    model = LogisticRegression(C=penalty, max_iter=5000, fit_intercept=False)
    model.fit(x, [right for _, right, _ in rows])
    return [
        {"type": kind, "seen": name, "points": str(weight)}
        for name, weight in zip(vectors.get_feature_names_out(), model.coef_[0], strict=True)
    ]


def judged(kind: str, readings: Sequence[tuple[Mapping[str, Any], Reading]]) -> list[Judged]:
    """Hold the findings of a type against the annotated ones."""
    core = fit_confidence.CORE[kind]
    out = []
    for record, reading in readings:
        found = [finding for finding in reading.findings if finding.type == kind]
        gold = [finding for finding in record["findings"] if finding["type"] == kind]
        fold = int(reading.provenance.version)
        verdicts = fit_confidence.right([_mention(f, core) for f in found], gold, core)
        out += [
            Judged(kind, finding.confidence or 0.0, right, bool(finding.flags), fold)
            for finding, right in zip(found, verdicts, strict=True)
        ]
    return out


def _mention(finding: Finding, core: Sequence[str]) -> Any:
    start, end = finding.anchor
    return SimpleNamespace(start=start, end=end, **{name: getattr(finding, name) for name in core})
