"""Write what people settled for training: the gold format and spaCy's DocBin, each as train and test."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from nlp.errors import KetmineError

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from store.curation.training import Reviewed

SPANS: Final = "reviewed"
"""The span group of a Doc in the DocBin; labels are the types, `doc.user_data["findings"]` has every field."""

SIDES: Final = ("train", "test")


class Written(NamedTuple):
    """How many abstracts and findings went to each side."""

    abstracts: dict[str, int]
    findings: dict[str, int]


def write_training_data(folder: Path, abstracts: Iterable["Reviewed"]) -> Written:
    """Write `train` and `test` as `.jsonl` and `.spacy` into a folder; a file gets its name when it is whole.

    Raises:
        KetmineError: the folder cannot be written to.
    """
    import spacy
    from spacy.tokens import DocBin

    from nlp.components.tokenizer import create_tokenizer

    cut = create_tokenizer()(spacy.blank("en"))
    bins = {side: DocBin(store_user_data=True) for side in SIDES}
    told = Written(dict.fromkeys(SIDES, 0), dict.fromkeys(SIDES, 0))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = {side: (folder / f"{side}.jsonl.part").open("w", encoding="utf-8") for side in SIDES}
        try:
            for abstract in abstracts:
                files[abstract.split].write(abstract.model_dump_json() + "\n")
                bins[abstract.split].add(marked(cut(abstract.text), abstract))
                told.abstracts[abstract.split] += 1
                told.findings[abstract.split] += len(abstract.findings)
        finally:
            for file in files.values():
                file.close()
        for side in SIDES:
            bins[side].to_disk(folder / f"{side}.spacy.part")
            for ending in ("jsonl", "spacy"):
                (folder / f"{side}.{ending}.part").replace(folder / f"{side}.{ending}")
    except OSError as error:
        raise KetmineError(f"Cannot write into {folder}: {error.strerror}. Give another --output.") from None
    return told


def marked(doc: "Doc", abstract: "Reviewed") -> "Doc":
    """Mark the findings' mentions on a Doc, widened to whole tokens; the exact offsets stay in its user data."""
    spans = [
        doc.char_span(start, end, label=finding["type"], alignment_mode="expand")
        for finding in abstract.findings
        for start, end in [finding["anchor"]]
    ]
    doc.spans[SPANS] = [span for span in spans if span is not None]
    doc.user_data = {
        "id": abstract.id,
        "complete": abstract.complete,
        "study": abstract.study,
        "findings": list(abstract.findings),
    }
    return doc
