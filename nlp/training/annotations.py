"""Our own annotations of abstracts that the project does not hold: offsets without words, joined to their texts in training.

`annotations.jsonl` beside this file holds one abstract a line: its id among the unlabelled abstracts of the corpora, the SHA-256
of its text, and study and findings as the exchange format has them, with offsets in place of words. A language model read each
abstract twice under the guidelines of the annotated sets, blind to the first reading, and a third time where the two differed in
an outcome or adverse event (doses and study were read once); they are no clinician's.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nlp.training.corpora import rows

ANNOTATIONS = Path(__file__).with_suffix(".jsonl")
CORPUS = "ketamine_abstracts_unlabelled"


def text_of(row: Mapping[str, Any]) -> str:
    r"""Give an unlabelled abstract as the exchange format has it: title, newline, each labelled section on its own line.

    >>> text_of({"title": "A title", "abstract": "One. Two.", "sections": [["AIM", "One."], [None, "Two."]]})
    'A title.\nAIM: One.\nTwo.'
    """
    title = " ".join((row["title"] or "").split())
    if title and title[-1] not in ".?!]":
        title += "."
    parts = row["sections"] or [[None, row["abstract"] or ""]]
    lines = ((label, " ".join(words.split())) for label, words in parts)
    return "\n".join([title, *(f"{label}: {words}" if label else words for label, words in lines)])


def annotated(folder: Path, path: Path = ANNOTATIONS) -> Iterator[dict[str, Any]]:
    """Join the annotations to the texts of a folder of corpora; what has another text there, or none, is left out."""
    texts = {row["id"]: text_of(row) for row in rows(folder, CORPUS)}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        text = texts.get(record["id"], "")
        if hashlib.sha256(text.encode()).hexdigest() == record.pop("sha256"):
            yield {**record, **_with_words(text, record), "text": text}


def _with_words(text: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Put words in place of their offsets."""
    conditions = [{"text": text[a:b], "span": [a, b]} for a, b in record["study"]["conditions"]]
    return {
        "study": {**record["study"], "conditions": conditions},
        "findings": [
            {name: _words(text, name, value) for name, value in finding.items()}
            for finding in record["findings"]
        ],
    }


def _words(text: str, name: str, value: Any) -> Any:
    if isinstance(value, list) and name not in ("anchor", "evidence"):
        return text[value[0] : value[1]]
    return value


def without_words(record: Mapping[str, Any]) -> dict[str, Any]:
    """Turn an annotated abstract into a line of `annotations.jsonl`; a word that is not in the text raises ValueError."""
    text = record["text"]
    study = {**record["study"], "conditions": [c["span"] for c in record["study"]["conditions"]]}
    return {
        "id": record["id"],
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "study": study,
        "findings": [_offsets(text, finding) for finding in record["findings"]],
    }


QUOTED = ("comparator", "timepoint", "value", "comparator_value", "ci", "rate")


def _offsets(text: str, finding: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(finding)
    low, high = finding["evidence"]
    for name in QUOTED:
        words = finding.get(name)
        if words and words != "baseline":
            at = text.find(words, low, high)
            at = at if at >= 0 else text.index(words)
            out[name] = [at, at + len(words)]
    return out
