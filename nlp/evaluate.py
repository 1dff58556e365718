"""Findings against gold: read a gold-format file with a pipeline and write predictions for the scorer.

The scorer of record compares files in the exchange format; this module only makes the file. Run it as
`python -m nlp.evaluate GOLD.jsonl --pipeline rules --out predicted.jsonl`.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

from nlp.article import Document
from nlp.pipeline import load_pipeline, pipeline_identity, read


def gold_documents(path: Path) -> Iterator[Document]:
    """Give the documents of a file in the exchange format, without their annotations."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                record = json.loads(line)
                yield Document(id=record["id"], text=record["text"])


def evaluate(gold: Path, out: Path, pipeline: str = "rules", jobs: int = 1) -> tuple[int, float]:
    """Read the documents of `gold` and write one reading a line to `out`; give how many, and the seconds."""
    nlp = load_pipeline(pipeline)
    documents = list(gold_documents(gold))
    started = time.perf_counter()
    with out.open("w", encoding="utf-8") as lines:
        for reading in read(nlp, documents, jobs=jobs):
            lines.write(json.dumps(reading.model_dump(mode="json"), ensure_ascii=True) + "\n")
    return len(documents), time.perf_counter() - started


def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m nlp.evaluate", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("gold", type=Path)
    parser.add_argument("--pipeline", default="rules")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=1)
    args = parser.parse_args(arguments)
    count, seconds = evaluate(args.gold, args.out, args.pipeline, args.jobs)
    name, version = pipeline_identity(load_pipeline(args.pipeline))
    print(f"{name} {version}: {count} abstracts in {seconds:.1f} s → {args.out}")  # noqa: T201


if __name__ == "__main__":
    main()
