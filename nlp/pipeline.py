"""The spaCy object: load it by name, read documents with it, and say which one it was."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_config, load_model_from_config

from nlp.article import Document
from nlp.assemble import assemble
from nlp.errors import PipelineError
from nlp.extensions import with_text
from nlp.finding import Flag, Provenance, Reading
from nlp.folding import fold
from nlp.vocabulary import RESOURCES, digest

CONFIGS = Path(__file__).parent / "configs"
MODELS = Path(__file__).parent / "models"
# surrogates cannot be written as UTF-8, and spaCy keeps its strings so; each becomes one replacement
# character
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "�")

TOGETHER = 8
"""Documents that go through each component together: its tables then stay in the processor's cache for all of them."""

log = logging.getLogger(__name__)


def load_pipeline(name: str = "rules") -> Language:
    """Load a pipeline by the name of a config in nlp/configs, or by the path of a config file.

    Raises PipelineError when there is no such config, or a component, table or model of it is missing.
    """
    path = Path(name) if name.endswith(".cfg") else CONFIGS / f"{name}.cfg"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in CONFIGS.glob("*.cfg")))
        raise PipelineError(f"no pipeline {name!r}: give one of {known}, or the path of a .cfg file")
    try:
        config = load_config(path)
        import_module("nlp.components.tokenizer")
        for component in config["components"].values():
            _import_factory(component.get("factory", ""))
        nlp = load_model_from_config(config, auto_fill=True)
    except (ValueError, KeyError, OSError, ImportError) as error:
        raise PipelineError(f"{path}: the pipeline cannot be loaded: {error}") from error
    nlp.max_length = 100_000_000  # spaCy's limit protects parsers, and there is none here
    nlp.meta.update(name=path.stem, version=_version(path, config), source=str(path.resolve()))
    return nlp


def pipeline_identity(nlp: Language) -> tuple[str, str]:
    """Give the pipeline's name and version; the version changes with config, tables and models."""
    return nlp.meta["name"], nlp.meta["version"]


def read(
    nlp: Language, documents: Iterable[Document], *, batch_size: int = 64, jobs: int = 1
) -> Iterator[Reading]:
    """Read documents in order, in `jobs` processes; one reading each, never raising for a document.

    A component that fails on a document is logged and flagged in its reading; the other components have
    their say.
    """
    source = iter(documents)
    if jobs == 1:
        yield from read_together(nlp, list(islice(source, 1)))  # the first finding does not wait for others
        while batch := list(islice(source, TOGETHER)):
            yield from read_together(nlp, batch)
    else:
        from nlp.processes import read_in_processes

        batches = iter(lambda: list(islice(source, batch_size)), [])
        yield from read_in_processes(nlp.meta["source"], batches, jobs)


def annotate(nlp: Language, document: Document) -> Doc:
    """Give the annotated Doc of a document; what a component raises is kept in `doc._.failures`."""
    return _annotate_together(nlp, [document])[0]


def _annotate_together(nlp: Language, documents: Sequence[Document]) -> list[Doc]:
    docs = [_begun(nlp, document) for document in documents]
    # not nlp.pipe: it drops a document on which a component fails, and takes each through all components in turn
    for name, component in nlp.pipeline:
        for i, document in enumerate(documents):
            try:
                docs[i] = component(docs[i])
            except Exception as error:
                reason = f"{name} failed: {type(error).__name__}: {error}"
                log.warning("%s: %s", document.id, reason, exc_info=True)
                docs[i]._.failures = (*docs[i]._.failures, Flag(code="component_failed", reason=reason))
    return docs


def _begun(nlp: Language, document: Document) -> Doc:
    """Give the Doc that the first component gets."""
    text = document.text.translate(_SURROGATES)
    doc = with_text(nlp.make_doc(text), text)
    doc._.folded = fold(text)
    doc._.publication_types = document.publication_types
    return doc


def _import_factory(factory: str) -> None:
    if factory.startswith("ketmine_"):
        import_module(f"nlp.components.{factory.removeprefix('ketmine_')}")


def _version(path: Path, config: dict[str, Any]) -> str:
    try:
        release = version("ketmine")
    except PackageNotFoundError:
        release = "0"
    models = sorted({MODELS / part for part in _strings(config) if part and (MODELS / part).is_dir()})
    return f"{release}+{digest(path, RESOURCES, *models)}"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part)


def read_together(nlp: Language, documents: Sequence[Document]) -> Iterator[Reading]:
    """Read documents, all of them through one component after the other."""
    name, version_ = pipeline_identity(nlp)
    for doc, document in zip(_annotate_together(nlp, documents), documents, strict=True):
        provenance = Provenance(document_hash=document.hash, pipeline=name, version=version_)
        yield assemble(doc, document, provenance)
