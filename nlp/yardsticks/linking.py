"""Linking of disorders to MeSH, against BC5CDR (Li 2016), test split.

Every annotated disease mention is linked, its abbreviation spelled out, wherever it stands. A mention annotated with
several concepts counts when ours is one of them.
"""

from collections import Counter
from pathlib import Path

from nlp.article import Document
from nlp.concepts import link
from nlp.pipeline import annotate, load_pipeline
from nlp.yardsticks.records import records


def compare(path: Path, pipeline: str, split: str = "test") -> Counter[tuple[str, bool]]:
    """Count mentions by (how they were linked, whether rightly); `none` is without a concept."""
    nlp = load_pipeline(pipeline)
    nlp.select_pipes(enable=["sections", "abbreviations"])
    counted: Counter[tuple[str, bool]] = Counter()
    for record in records(path, split):
        text = record["text"]
        doc = annotate(nlp, Document(id=record["id"], text=text))
        long = {text[a.start : a.end]: text[a.long_start : a.long_end] for a in doc._.short_forms}
        for (start, end, kind), ids in zip(record["entities"], record["entity_ids"], strict=True):
            if kind == "Disease":
                name = text[start:end]
                found = link(long.get(name, name))
                right = found is not None and found.concept.curie.removeprefix("MESH:") in str(ids)
                counted[found.how if found else "none", right] += 1
    return counted


def score(path: Path, pipeline: str = "rules") -> dict[str, int | float]:
    """Give the mentions, how many get a concept, and the share right of those and of all."""
    counted = compare(path, pipeline)
    total = counted.total()
    linked = sum(count for (how, _), count in counted.items() if how != "none")
    right = sum(count for (_, hit), count in counted.items() if hit)
    figures: dict[str, int | float] = {
        "mentions": total,
        "linked": linked,
        "accuracy_of_linked": round(right / max(1, linked), 4),
        "accuracy_of_all": round(right / max(1, total), 4),
    }
    for how in sorted({how for how, _ in counted} - {"none"}):
        figures[f"{how}_right"] = counted[how, True]
        figures[f"{how}_wrong"] = counted[how, False]
    return figures
