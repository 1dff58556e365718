"""Annotated abstracts as examples for the tagger: each window with one label of each group for each word piece."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tokenizers import Tokenizer

from nlp.article import Document
from nlp.pipeline import annotate, load_pipeline
from nlp.tagging.labels import FIELDS, GROUPS, SPANS
from nlp.tagging.pieces import Window, windows

UNSAID = -100
"""A label that no loss counts: what torch's cross-entropy ignores."""


class Pointed(NamedTuple):
    """What the anchor that begins at a piece points at: field → first pieces and last pieces of which each is right."""

    anchor: int
    fields: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]


class Sample(NamedTuple):
    """One window, for each group that its source speaks of the label of each piece (or UNSAID), and where anchors point."""

    id: str
    window: Window
    labels: dict[str, list[int]]
    pointed: tuple[Pointed, ...] = ()


def gold(path: Path) -> list[dict[str, Any]]:
    """Read annotated abstracts from JSON Lines."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def samples(records: Sequence[Mapping[str, Any]], tokenizer: Tokenizer) -> list[Sample]:
    """Turn annotated abstracts into samples; sentences, roles and drugs are the rules pipeline's."""
    nlp = load_pipeline("rules")
    for name in list(nlp.pipe_names):
        if name not in ("sections", "abbreviations", "drugs"):
            nlp.remove_pipe(name)
    out = []
    for record in records:
        doc = annotate(nlp, Document(id=record["id"], text=record["text"]))
        spans = list(labelled_spans(record))
        for window in windows(tokenizer, record["text"], doc._.sentences, doc._.drugs):
            pointed = tuple(points(record["text"], window, record["findings"]))
            out.append(Sample(record["id"], window, label(window, spans), pointed))
    return out


def labelled_spans(record: Mapping[str, Any]) -> Iterator[tuple[str, int, int, dict[str, str]]]:
    """Give what an annotated abstract says: group, offsets, and the labels of its first piece in other groups."""
    for finding in record["findings"]:
        start, end = finding["anchor"]
        if finding["type"] == "outcome":
            against = finding["comparator"]
            yield (
                "outcome",
                start,
                end,
                {
                    "member": finding["drug"],
                    "direction": finding["direction"] or "none",
                    "effect": finding["effect"],
                    "against": "nothing"
                    if against is None
                    else "baseline"
                    if against == "baseline"
                    else "named",
                },
            )
        elif finding["type"] == "adverse_event":
            yield (
                "event",
                start,
                end,
                {
                    "member": finding["drug"],
                    "assertion": finding["assertion"],
                    "comparison": finding["comparison"] or "none",
                    "transient": "yes" if finding["transient"] else "no",
                    "serious": "yes" if finding["serious"] else "no",
                },
            )


NOTHING = ((0,), (0,))
"""Where a field points that is not said: at the frame."""


def points(text: str, window: Window, findings: Sequence[Mapping[str, Any]]) -> Iterator[Pointed]:
    """Say where the anchors in a window point; a field whose words are not in the window is left open."""
    for finding in findings:
        start, end = finding["anchor"]
        first = next((i for i, (a, b) in enumerate(window.offsets) if a < end and start < b and b > a), None)
        if first is None or finding["type"] == "dose":
            continue
        fields = {}
        for field in FIELDS:
            if field not in finding or (field == "comparator" and finding[field] in (None, "baseline")):
                continue
            words = finding[field]
            places = _pieces_of(text, window, field, words, finding["evidence"]) if words else NOTHING
            if places:
                fields[field] = places
        yield Pointed(first, fields)


def _pieces_of(
    text: str, window: Window, field: str, words: str, evidence: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Find the words of a field: everywhere for a comparator, else in the evidence, else everywhere."""
    folded = text.lower()
    whole = (0, len(text))
    for low, high in (whole,) if field == "comparator" else ((evidence[0], evidence[1]), whole):
        ends = [_ends(window, start, end) for start, end in _places(folded, _forms(field, words), low, high)]
        found = [pair for pair in ends if pair]
        if found:
            return tuple(sorted({a for a, _ in found})), tuple(sorted({b for _, b in found}))
    return None


def _forms(field: str, words: str) -> tuple[str, ...]:
    """Give the ways in which a field may be written; a p-value is annotated without what stands before its sign."""
    lower = words.lower()
    if field != "p_value":
        return (lower,)
    bare = lower.lstrip("=").strip()
    return (bare, bare.replace("<", "< "), bare.replace("<", " < "), bare.lstrip("<>≤≥ "))


def _places(folded: str, forms: Sequence[str], low: int, high: int) -> list[tuple[int, int]]:
    """Find the places of the first form that is there, as whole words."""
    for form in forms:
        pattern = re.compile(rf"(?<!\w){re.escape(form)}(?!\w)")
        found = [m.span() for m in pattern.finditer(folded, low, high)] if form else []
        if found:
            return found
    return []


def _ends(window: Window, start: int, end: int) -> tuple[int, int] | None:
    """Give the first and the last piece of a range of characters."""
    inside = [i for i, (a, b) in enumerate(window.offsets) if a < end and start < b and b > a]
    return (inside[0], inside[-1]) if inside else None


def tags(window: Window, spans: Sequence[tuple[int, int, str]], labels: Sequence[str]) -> list[int]:
    """Say of each piece whether it begins or lies in a span of some kind; of two that overlap the first counts."""
    out = [0] * len(window.ids)
    out[0] = out[-1] = UNSAID
    for start, end, kind in spans:
        inside = [i for i, (a, b) in enumerate(window.offsets) if a < end and start < b and b > a]
        if inside and not any(out[i] for i in inside):
            for nth, i in enumerate(inside):
                out[i] = labels.index(f"{'I' if nth else 'B'}-{kind}")
    return out


def label(window: Window, spans: Sequence[tuple[str, int, int, dict[str, str]]]) -> dict[str, list[int]]:
    """Label the pieces of a window; groups that only the first piece of an anchor carries are unsaid elsewhere."""
    size = len(window.ids)
    labels = {group: [0 if group in SPANS else UNSAID] * size for group in GROUPS}
    for place in (0, size - 1):
        for group in GROUPS:
            labels[group][place] = UNSAID
    for group, start, end, more in spans:
        inside = [i for i, (a, b) in enumerate(window.offsets) if a < end and start < b and b > a]
        for nth, i in enumerate(inside):
            if labels[group][i] in (0, UNSAID) or not nth:
                labels[group][i] = GROUPS[group].index("I" if nth else "B")
            for other, said in more.items():
                if labels[other][i] == UNSAID:
                    labels[other][i] = GROUPS[other].index(said)
    return labels
