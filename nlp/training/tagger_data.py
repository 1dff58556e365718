"""Annotated abstracts as examples for the tagger: each window with one label of each group for each word piece."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tokenizers import Tokenizer

from nlp.article import Document
from nlp.pipeline import annotate, load_pipeline
from nlp.tagging.labels import FIELDS, GROUPS
from nlp.tagging.pieces import Window, windows

UNSAID = -100
"""A label that no loss counts: what torch's cross-entropy ignores."""


class Sample(NamedTuple):
    """One window, and for each group that its source speaks of the label of each piece (or UNSAID)."""

    id: str
    window: Window
    labels: dict[str, list[int]]


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
            out.append(Sample(record["id"], window, label(window, spans)))
    return out


def labelled_spans(record: Mapping[str, Any]) -> Iterator[tuple[str, int, int, dict[str, str]]]:
    """Give what an annotated abstract says: group, offsets, and the labels of its first piece in other groups."""
    text = record["text"]
    for finding in record["findings"]:
        start, end = finding["anchor"]
        if finding["type"] == "outcome":
            against = finding["comparator"]
            yield (
                "outcome",
                start,
                end,
                {
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
                    "assertion": finding["assertion"],
                    "comparison": finding["comparison"] or "none",
                    "transient": "yes" if finding["transient"] else "no",
                    "serious": "yes" if finding["serious"] else "no",
                },
            )
        else:
            continue
        low, high = finding["evidence"]
        for field in FIELDS:
            words = finding.get(field)
            if words and words != "baseline":
                place = _place(text, words, low, high, start, field)
                if place:
                    yield f"field:{field}", *place, {}


def _place(text: str, words: str, low: int, high: int, anchor: int, field: str) -> tuple[int, int] | None:
    """Find the words of a field in the evidence: the first place after the anchor, else the last before it."""
    sentence = text[low:high].lower()
    needle = words.lower().lstrip("=").strip() if field == "p_value" else words.lower()
    for form in (needle, needle.replace("<", "< "), needle.replace("<", " < "), needle.lstrip("<>≤≥ ")):
        at = sentence.find(form, max(0, anchor - low))
        at = at if at >= 0 else sentence.rfind(form, 0, max(0, anchor - low))
        if form and at >= 0:
            return low + at, low + at + len(form)
    return None


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
    labels = {group: [0 if group in ("outcome", "event", "field") else UNSAID] * size for group in GROUPS}
    for place in (0, size - 1):
        for group in GROUPS:
            labels[group][place] = UNSAID
    for kind, start, end, more in spans:
        group, _, field = kind.partition(":")
        inside = [i for i, (a, b) in enumerate(window.offsets) if a < end and start < b and b > a]
        for nth, i in enumerate(inside):
            tag = "I" if nth else "B"
            value = GROUPS[group].index(f"{tag}-{field}" if field else tag)
            if labels[group][i] in (0, UNSAID) or not nth:
                labels[group][i] = value
            for other, said in more.items():
                if labels[other][i] == UNSAID:
                    labels[other][i] = GROUPS[other].index(said)
    return labels
