"""Make nlp/models/tagger from corpora and annotated abstracts: train, average, export, weigh against the rules, write the card.

`ketmine train TRAIN.jsonl CORPORA` with the extra `train`. One abstract in five is held out of all training by the hash of its
id: on those the points that weigh tagger against rules are fitted, and what is measured there holds for the shipped weights.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import BertForTokenClassification

from nlp.errors import PipelineError
from nlp.tagging.labels import GROUPS
from nlp.training import corpora, pointers, tagger
from nlp.training.annotations import annotated
from nlp.training.held_out import held_out
from nlp.training.leaks import leaks
from nlp.training.tagger import averaged, base, base_tokenizer, cut, new_model, train
from nlp.training.tagger_card import card
from nlp.training.tagger_data import Sample, gold, samples
from nlp.training.tagger_export import export
from nlp.training.tagger_fit import fit
from nlp.training.tagger_vocabulary import pruned_model, pruned_tokenizer, used

RATE = 3e-4


class Draw(NamedTuple):
    """An epoch over the public corpora, of which those with more rows than are read give others for every seed."""

    seed: int
    rate: float
    hidden: float


DRAWS = (Draw(7, 3e-4, 0.0), Draw(23, 2e-4, 0.05))


class Round(NamedTuple):
    """A fine-tuning on the annotated abstracts: seed, epochs, share of the pieces hidden, share in the average."""

    seed: int
    epochs: int
    hidden: float
    share: float


ROUNDS = (Round(7, 6, 0.2, 0.7), Round(8, 4, 0.0, 0.3))
"""The first begins from the common start, each other where the one before it ended; what is made is their average."""


class Material(NamedTuple):
    """All annotated abstracts and how many of them are ours, those held out, and samples of the others, which train."""

    records: list[Any]
    own: int
    kept: list[Any]
    read: list[Sample]
    tokenizer: Tokenizer


def material(path: Path, folder: Path) -> Material:
    """Read annotated abstracts and corpora."""
    own, tokenizer = list(annotated(folder)), base_tokenizer()
    records = [*gold(path), *own]
    kept = [record for record in records if held_out(record)]
    read = samples([record for record in records if not held_out(record)], tokenizer)
    return Material(records, len(own), kept, read, tokenizer)


def main(path: Path, folder: Path, out: Path, measured: Path | None, work: Path) -> None:
    """Make the files of the model: `path` holds annotated abstracts, `folder` the public corpora.

    Each draw and each round is kept in `work` under the digest of what it was made from, and not made again.
    PipelineError when an abstract of `measured`, the set that will measure the model, is among what trains.
    """
    torch.set_num_threads(1)  # two cores are shared, and an encoder this small gains little from the second
    torch.set_flush_denormal(True)
    given = material(path, folder)
    if measured and (shared := leaks(gold(measured), texts(given.records, folder))):
        raise PipelineError(
            f"{measured}: these abstracts are in the training data too: {', '.join(sorted(shared))}"
        )
    start, models = cut(common_start(given, folder, work)), []
    for r in ROUNDS:
        start = fine_tuned(r, given, start, work)
        models.append(start)
    counts = (len(given.records) - given.own, given.own)
    finish(models, given.tokenizer, texts(given.records, folder), out, given.kept, counts)


def common_start(given: Material, folder: Path, work: Path) -> BertForTokenClassification:
    """Read the public corpora and the annotated abstracts together, a draw after another."""
    start = None
    for draw in DRAWS:
        data = [*corpora.samples(folder, given.tokenizer, draw.seed), *given.read]
        start = stage(
            work,
            data,
            scheme=corpora.SCHEME,
            start=start,
            log=str(draw),
            epochs=1,
            seed=draw.seed,
            rate=draw.rate,
            pieces=1500,
            hidden=draw.hidden,
        )
    assert start is not None
    return start


def fine_tuned(
    r: Round, given: Material, start: BertForTokenClassification, work: Path
) -> BertForTokenClassification:
    """Fine-tune on the annotated abstracts."""
    return stage(
        work,
        given.read,
        start=start,
        log=str(r),
        epochs=r.epochs,
        seed=r.seed,
        rate=RATE,
        hidden=r.hidden,
    )


def stage(
    work: Path, data: Sequence[Sample], *, start: BertForTokenClassification | None, log: str, **settings: Any
) -> BertForTokenClassification:
    """Train, or take what was trained before from the same start on the same samples in the same way."""
    digest = hashlib.sha256(repr((data, sorted(settings.items()))).encode())
    for source in (tagger.__file__, pointers.__file__, base() / "model.safetensors"):
        digest.update(Path(source).read_bytes())
    for name, tensor in sorted(start.state_dict().items()) if start else ():
        digest.update(name.encode() + tensor.numpy().tobytes())
    held = work / f"{digest.hexdigest()[:16]}.safetensors"
    if not held.exists():
        model = train(data, start=start, log=log, **settings)
        work.mkdir(parents=True, exist_ok=True)
        part = held.with_suffix(".part")
        save_file(model.state_dict(), part)
        part.replace(held)
    model = new_model(settings.get("scheme", GROUPS))
    model.load_state_dict(load_file(held))
    return model.eval()


def texts(records: Sequence[Mapping[str, Any]], folder: Path) -> Iterator[str]:
    """Give every text whose words the vocabulary keeps: annotated abstracts and all corpora."""
    yield from (record["text"] for record in records)
    for path in sorted(folder.glob("*.jsonl.gz")):
        stem = path.name.removesuffix(".jsonl.gz")
        if stem.startswith("psynamic"):  # for evaluation only
            continue
        yield from (str(row.get("text") or row.get("evidence") or "") for row in corpora.rows(folder, stem))


def finish(
    models: Sequence[BertForTokenClassification],
    tokenizer: Tokenizer,
    words: Iterator[str],
    folder: Path,
    kept: list[Any],
    counts: tuple[int, int],
) -> None:
    """Average and export trained rounds, fit the points on the abstracts held out, write the card."""
    pieces = used(tokenizer, words)
    small = pruned_tokenizer(tokenizer, pieces)
    check = [sample.window for sample in samples(kept[:50], small)]
    parity = export(
        pruned_model(averaged(models, [r.share for r in ROUNDS]), tokenizer, pieces), small, folder, check
    )
    fitted = fit(kept, folder)
    (folder / "README.md").write_text(
        card(parity, counts, len(kept), fitted, DRAWS, ROUNDS), encoding="utf-8"
    )
    print(json.dumps({"parity": parity._asdict(), **{g: f._asdict() for g, f in fitted.items()}}))
