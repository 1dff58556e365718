"""Somebody else's model in the pipeline: a Hugging Face token classifier, or a spaCy package such as scispaCy's.

`model` names a folder, a model of a hub that the machine has or can reach, or an installed spaCy package
(`en_core_sci_sm`, `en_ner_bc5cdr_md`). What it marks stands in `doc.spans[spans_key]` under the finding type that `labels`
gives to its label; labels that are not there are left out. A folder with `model.onnx` needs no torch.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup
from tokenizers import Tokenizer

from nlp.errors import PipelineError
from nlp.finding import Offsets

LONGEST = 512
"""Word pieces in a window, unless the model's configuration has fewer; windows overlap by `OVERLAP`."""
OVERLAP = 64


class Marked(NamedTuple):
    """A stretch of text with the model's own label, without `B-` and `I-`."""

    start: int
    end: int
    label: str


Reader = Callable[[str], list[Marked]]


@Language.factory(
    "ketmine_token_classifier",
    default_config={"spans_key": "borrowed", "labels": {}},
    assigns=["doc.spans"],
)
def create_token_classifier(
    nlp: Language, name: str, model: str, spans_key: str, labels: Mapping[str, str]
) -> "TokenClassifier":
    """Make the component from a model's folder or name and a table label → finding type."""
    return TokenClassifier(load_reader(model), spans_key, labels)


class TokenClassifier:
    """Write `doc.spans[spans_key]`."""

    def __init__(self, reader: Reader, spans_key: str, labels: Mapping[str, str]) -> None:
        """Take the loaded model and where its marks go."""
        self.reader, self.spans_key, self.labels = reader, spans_key, labels

    def __call__(self, doc: Doc) -> Doc:
        """Annotate the document."""
        spans = [
            doc.char_span(mark.start, mark.end, label=self.labels[mark.label], alignment_mode="expand")
            for mark in (self.reader(doc.text) if doc.text.strip() else [])
            if mark.label in self.labels
        ]
        doc.spans[self.spans_key] = SpanGroup(doc, spans=[span for span in spans if span is not None])
        return doc


def load_reader(model: str) -> Reader:
    """Load a model; PipelineError says what is missing and how to get it."""
    folder = Path(model)
    if (folder / "config.cfg").is_file() or (not folder.exists() and "/" not in model and find_spec(model)):
        return _spacy_reader(model)
    if model.startswith("en_"):
        raise PipelineError(
            f"the spaCy package {model!r} is not installed: install the release that its makers name, "
            "for scispaCy's models the address in its README, with pip."
        )
    return _hugging_face_reader(_folder_of(model))


def _spacy_reader(model: str) -> Reader:
    import spacy

    try:
        other = spacy.load(model)
    except (OSError, ValueError) as error:
        raise PipelineError(f"spaCy cannot load {model!r}: {error}") from error
    return lambda text: [Marked(ent.start_char, ent.end_char, ent.label_) for ent in other(text).ents]


def _folder_of(model: str) -> Path:
    """Give the folder of a model: itself, or where the hub's client keeps or puts it."""
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, allow_patterns=["*.json", "*.txt", "*.onnx", "*.safetensors"]))
    except Exception as error:  # the client's errors have no common parent
        raise PipelineError(
            f"the model {model!r} is no folder here, and the hub does not give it ({type(error).__name__}): "
            "download it where there is a network, and name its folder."
        ) from error


def _hugging_face_reader(folder: Path) -> Reader:
    config = _config(folder)
    tokenizer = _tokenizer(folder)
    names = {int(number): label for number, label in config["id2label"].items()}
    longest = min(LONGEST, config.get("max_position_embeddings") or LONGEST)
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest, stride=min(OVERLAP, longest // 4))
    scores = scorer(folder)

    def read(text: str) -> list[Marked]:
        pieces: dict[Offsets, str] = {}
        encoded = tokenizer.encode(text)
        for window in (encoded, *encoded.overflowing):
            given = {
                "input_ids": window.ids,
                "attention_mask": window.attention_mask,
                "token_type_ids": window.type_ids,
            }
            for (start, end), label in zip(window.offsets, scores(given).argmax(axis=-1), strict=True):
                if end > start:  # special pieces have no text; where windows overlap, the earlier one speaks
                    pieces.setdefault((start, end), names[int(label)])
        return list(joined(sorted(pieces.items())))

    return read


def _config(folder: Path) -> dict[str, Any]:
    """Read `config.json` of a token classifier."""
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        config["id2label"]
    except (OSError, ValueError, KeyError) as error:
        raise PipelineError(
            f"{folder}: no token classifier of Hugging Face's shape, with config.json and its id2label: {error}"
        ) from error
    return config


def _tokenizer(folder: Path) -> Tokenizer:
    """Load the fast tokenizer, or have transformers make it from the files of the slow one."""
    if (folder / "tokenizer.json").is_file():
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    from transformers import AutoTokenizer

    try:
        made: Tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=True).backend_tokenizer
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise PipelineError(
            f"{folder}: no token classifier with a tokenizer that gives offsets: {error}"
        ) from error
    return made


def joined(pieces: Sequence[tuple[tuple[int, int], str]]) -> Iterator[Marked]:
    """Join word pieces to marks: `B-` begins one, `I-` and plain labels go on; the first piece of a word speaks for it.

    >>> list(joined([((0, 4), "B-DRUG"), ((4, 8), "O"), ((9, 13), "I-DRUG"), ((14, 16), "O")]))
    [Marked(start=0, end=13, label='DRUG')]
    """
    current: Marked | None = None
    last_end = -1
    for (start, end), label in pieces:
        kind = label[2:] if label[:2] in ("B-", "I-") else label
        if start == last_end and (current is None or current.end == last_end):
            current = current._replace(end=end) if current else None
        elif current and kind == current.label and not label.startswith("B-"):
            current = current._replace(end=end)
        else:
            if current:
                yield current
            current = None if label == "O" else Marked(start, end, kind)
        last_end = end
    if current:
        yield current


def scorer(folder: Path) -> Callable[[Mapping[str, Sequence[int]]], np.ndarray]:
    """Give what turns a window's ids into scores of (pieces, labels): onnxruntime, else torch."""
    weights = next((p for p in (folder / "model.onnx", folder / "onnx" / "model.onnx") if p.is_file()), None)
    if weights is None:
        return _torch_scorer(folder)
    import onnxruntime

    session: Any = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    wanted = {given.name for given in session.get_inputs()}

    def scores(window: Mapping[str, Sequence[int]]) -> np.ndarray:
        given = {name: np.array([ids], dtype=np.int64) for name, ids in window.items() if name in wanted}
        return np.asarray(session.run(None, given)[0][0])

    return scores


def _torch_scorer(folder: Path) -> Callable[[Mapping[str, Sequence[int]]], np.ndarray]:
    if find_spec("torch") is None:
        raise PipelineError(
            f"{folder}: no model.onnx, and torch is not installed: export the model to ONNX, or install the train extra."
        )
    import torch
    from transformers import AutoModelForTokenClassification

    network = AutoModelForTokenClassification.from_pretrained(folder, use_safetensors=True).eval()

    def scores(window: Mapping[str, Sequence[int]]) -> np.ndarray:
        with torch.no_grad():
            logits = network(**{name: torch.tensor([ids]) for name, ids in window.items()}).logits
        return np.asarray(logits[0])

    return scores
