"""Linking of disorders to MeSH, against the BC5CDR corpus.

`python -m benchmarks.linking BC5CDR.jsonl.gz [--split test]` links every annotated disease mention, its abbreviation
spelled out, and prints how many get a concept, how many of those are the annotators', and by what way they were found.
A mention annotated with several concepts counts when ours is one of them.
"""

import argparse
import gzip
import json
import sys
from collections import Counter
from pathlib import Path

from nlp.article import Document
from nlp.concepts import link
from nlp.pipeline import annotate, load_pipeline


def compare(path: Path, split: str) -> Counter[tuple[str, bool]]:
    """Count mentions by (how they were linked, whether rightly); `none` is without a concept."""
    nlp = load_pipeline("rules")
    nlp.select_pipes(enable=["sections", "abbreviations"])
    counted: Counter[tuple[str, bool]] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if record["split"] != split:
                continue
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


def main() -> int:
    """Print the shares."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.linking", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--split", default="test")
    arguments = parser.parse_args()
    counted = compare(arguments.corpus, arguments.split)
    total = counted.total()
    linked = sum(count for (how, _), count in counted.items() if how != "none")
    right = sum(count for (_, hit), count in counted.items() if hit)
    print(
        f"{total} mentions, {linked} linked ({linked / total:.3f}), of them right {right / max(1, linked):.3f}"
    )
    print(f"right of all mentions {right / total:.3f}")
    for how in sorted({how for how, _ in counted}):
        print(f"  {how:10}{counted[how, True]:6} right {counted[how, False]:6} not")
    return 0


if __name__ == "__main__":
    sys.exit(main())
