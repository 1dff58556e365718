"""`python -m benchmarks.fidelity GOLD.jsonl SCORE.py`: what speed costs in accuracy.

The default pipeline beside itself with nothing spared: every sentence is read by the tagger, in fp32 by torch, and no cache keeps
anything. Both are scored by the scorer that comes with the annotated abstracts. Needs torch.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.sides import forgetting
from flows.exchange import json_line
from nlp.evaluate import gold_documents
from nlp.pipeline import MODELS, load_pipeline, read
from nlp.tagging import pieces
from nlp.tagging.pieces import Window

TYPES = ("dose", "outcome", "adverse_event")


class InFull:
    """The tagger's weights in torch, fp32."""

    def __init__(self, tokenizer: Any) -> None:
        """Load them."""
        import torch
        from transformers import BertForTokenClassification

        torch.set_num_threads(1)
        self.torch, self.tokenizer = torch, tokenizer
        self.network = BertForTokenClassification.from_pretrained(
            MODELS / "tagger", use_safetensors=True, dtype=torch.float32
        ).eval()

    def scores(self, window: Window) -> np.ndarray:
        """Give the scores of a window's pieces."""
        with self.torch.inference_mode():
            found = self.network(
                input_ids=self.torch.tensor([window.ids]), token_type_ids=self.torch.tensor([window.types])
            )
        return np.asarray(found.logits[0])


def predicted(gold: Path, out: Path, *, in_full: bool) -> Path:
    """Read the gold abstracts as the pipeline does, or with nothing spared."""
    nlp = load_pipeline("findings")
    gate = pieces.is_read
    if in_full:
        component: Any = nlp.get_pipe("tagger")
        component.tagger = InFull(component.tagger.tokenizer)
        pieces.is_read = lambda sentence, drugs: True
    try:
        documents = list(gold_documents(gold))
        readings = read(nlp, forgetting(documents) if in_full else documents)
        out.write_bytes(b"".join(map(json_line, readings)))
    finally:
        pieces.is_read = gate
    return out


def core_f1(gold: Path, scorer: Path, predictions: Path) -> dict[str, float]:
    """Score predictions: F1 of the core, by type."""
    command = [sys.executable, str(scorer), str(gold), str(predictions), "--json"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {kind: told[kind]["core"]["f1"] for kind in TYPES}


def compare(gold: Path, scorer: Path) -> dict[str, tuple[float, float]]:
    """Give the core F1 of the pipeline and of its full self, by type."""
    with tempfile.TemporaryDirectory() as folder:
        both = [
            core_f1(gold, scorer, predicted(gold, Path(folder) / f"{in_full}.jsonl", in_full=in_full))
            for in_full in (False, True)
        ]
    return {kind: (both[0][kind], both[1][kind]) for kind in TYPES}


if __name__ == "__main__":
    for kind, (ours, full) in compare(Path(sys.argv[1]), Path(sys.argv[2])).items():
        print(f"{kind:15} {ours:.4f}, in full {full:.4f}: {ours - full:+.4f}")
