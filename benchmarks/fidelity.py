"""`python -m benchmarks.fidelity GOLD.jsonl SCORE.py`: what speed costs in accuracy.

The default pipeline beside itself in fp32 by torch, and with nothing spared: every sentence is read by the tagger as well, and no
cache keeps anything. All are scored by the scorer that comes with the annotated abstracts. Needs torch.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.sides import forgetting
from flows.exchange import json_line
from nlp.errors import PipelineError
from nlp.evaluate import gold_documents
from nlp.pipeline import MODELS, load_pipeline, read
from nlp.tagging import pieces
from nlp.tagging.decode import Read
from nlp.tagging.model import Tagger
from nlp.tagging.pieces import Window

TYPES = ("dose", "outcome", "adverse_event")


class InFull(Tagger):
    """The tagger's weights in torch, fp32; its second head is fp32 as it is shipped."""

    def __init__(self, folder: Path) -> None:
        """Load them."""
        import torch
        from transformers import BertForTokenClassification

        super().__init__(folder)
        torch.set_num_threads(1)
        self._torch = torch
        self._network = BertForTokenClassification.from_pretrained(
            folder, use_safetensors=True, dtype=torch.float32
        ).eval()

    def read(self, window: Window) -> Read:
        """Run the encoder over a window and score its pieces."""
        with self._torch.inference_mode():
            hidden = self._network.bert(
                input_ids=self._torch.tensor([window.ids]), token_type_ids=self._torch.tensor([window.types])
            ).last_hidden_state
            return Read(window, np.asarray(self._network.classifier(hidden)[0]), np.asarray(hidden[0]))


class Spared(NamedTuple):
    """What a reading spares: digits of the weights, and sentences that can hold no finding."""

    digits: bool
    sentences: bool


READINGS = (Spared(True, True), Spared(False, True), Spared(False, False))
"""As the default pipeline reads, the same in fp32, and with nothing spared; only the first may use caches."""


def predicted(gold: Path, out: Path, spared: Spared) -> Path:
    """Read the gold abstracts."""
    nlp = load_pipeline("findings")
    gate = pieces.is_read
    if not spared.digits:
        component: Any = nlp.get_pipe("tagger")
        component.tagger = InFull(MODELS / "tagger")
    if not spared.sentences:
        pieces.is_read = lambda sentence, drugs: True
    try:
        documents = list(gold_documents(gold))
        readings = list(read(nlp if spared.digits else forgetting(nlp), documents))
        if failed := [f"{r.id}: {flag.reason}" for r in readings for flag in r.flags]:
            raise PipelineError(f"{len(failed)} abstracts were not read, the first {failed[0]}")
        out.write_bytes(b"".join(map(json_line, readings)))
    finally:
        pieces.is_read = gate
    return out


def core_f1(gold: Path, scorer: Path, predictions: Path) -> dict[str, float]:
    """Score predictions: F1 of the core, by type."""
    command = [sys.executable, str(scorer), str(gold), str(predictions), "--json"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {kind: told[kind]["core"]["f1"] for kind in TYPES}


def compare(gold: Path, scorer: Path) -> dict[str, tuple[float, ...]]:
    """Give the core F1 of each of READINGS, by type."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "read.jsonl"
        all_ = [core_f1(gold, scorer, predicted(gold, out, spared)) for spared in READINGS]
    return {kind: tuple(each[kind] for each in all_) for kind in TYPES}


if __name__ == "__main__":
    for kind, (ours, fp32, full) in compare(Path(sys.argv[1]), Path(sys.argv[2])).items():
        print(f"{kind:15} {ours:.4f}, in fp32 {fp32:.4f}, with nothing spared {full:.4f}: {ours - full:+.4f}")
