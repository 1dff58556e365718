"""The trained tagger as files that need no torch: fp32 ONNX, quantised to int8, and how far both keep its answers."""

import copy
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from onnxruntime import InferenceSession
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from tokenizers import Tokenizer
from transformers import BertForTokenClassification

from nlp.tagging.labels import SLICES
from nlp.tagging.model import POINTERS, WEIGHTS
from nlp.tagging.pieces import LONGEST, Window
from nlp.training.pointers import Pointers
from nlp.training.tagger_graph import join

TOKENIZER = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": LONGEST + 2}
"""What transformers must know to load tokenizer.json."""


class Parity(NamedTuple):
    """How far an export keeps torch's answers: greatest difference of a score, share of pieces labelled the same."""

    fp32_difference: float
    int8_same_labels: float


class _Scores(torch.nn.Module):
    """The tagger as a function of three tensors, for the exporter: scores, and what the encoder made of the pieces."""

    def __init__(self, model: BertForTokenClassification) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        read = self.model.bert(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return self.model.classifier(read), read


def export(
    model: BertForTokenClassification, tokenizer: Tokenizer, folder: Path, check: Sequence[Window]
) -> Parity:
    """Write a folder of Hugging Face's shape, with model.safetensors (fp16) and model.onnx (int8); give the parity on `check`."""
    folder.mkdir(parents=True, exist_ok=True)
    model.eval()
    model.set_attn_implementation("eager")
    with tempfile.TemporaryDirectory() as scratch:
        full, ready = Path(scratch) / "fp32.onnx", Path(scratch) / "ready.onnx"
        # three tensors: the exporter takes one tensor that is given twice for one input
        ids, types = torch.randint(1000, 2000, (1, 24)), torch.randint(0, 3, (1, 24))
        axes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
        torch.onnx.export(
            _Scores(model).eval(),
            (ids, torch.ones_like(ids), types),
            str(full),
            input_names=["input_ids", "attention_mask", "token_type_ids"],
            output_names=["scores", "hidden"],
            dynamo=True,  # the older exporter gives wrong scores with transformers 5, and says nothing
            external_data=False,
            dynamic_shapes=(axes, axes, axes),
            opset_version=18,
        )
        quant_pre_process(str(full), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(
            str(ready),
            str(folder / WEIGHTS),
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )
        export_pointers(model.pointers, folder / POINTERS)
        join(folder / WEIGHTS, model.config.num_attention_heads)
        parity = measure(model, full, folder / WEIGHTS, check)
    copy.deepcopy(model).half().save_pretrained(folder)
    # the checkpoint is fp16 to be small; whoever loads it gets fp32 unless they ask
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(TOKENIZER, indent=2) + "\n", encoding="utf-8")
    return parity


def export_pointers(head: Pointers, path: Path) -> None:
    """Write the pointers, in fp32: they are small."""
    hidden, anchors = torch.randn(24, head.queries.in_features), torch.tensor([3, 7])
    torch.onnx.export(
        head.eval(),
        (hidden, anchors),
        str(path),
        input_names=["hidden", "anchors"],
        output_names=["scores"],
        dynamo=True,
        external_data=False,
        dynamic_shapes=({0: torch.export.Dim.DYNAMIC}, {0: torch.export.Dim.DYNAMIC}),
        opset_version=18,
    )


def measure(model: BertForTokenClassification, full: Path, small: Path, check: Sequence[Window]) -> Parity:
    """Compare both exports with torch, piece by piece."""
    sessions = [InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (full, small)]
    worst, same, pieces = 0.0, 0, 0
    for window in check:
        inputs = {
            "input_ids": np.array([window.ids]),
            "attention_mask": np.ones((1, len(window.ids)), dtype=np.int64),
            "token_type_ids": np.array([window.types]),
        }
        with torch.no_grad():
            expected = model(**{k: torch.from_numpy(v) for k, v in inputs.items()}).logits[0].numpy()
        fp32, int8 = (session.run(None, inputs)[0][0] for session in sessions)
        worst = max(worst, float(np.abs(fp32 - expected).max()))
        groups = [SLICES[name] for name in ("outcome", "event")]
        alike = [int8[:, part].argmax(1) == expected[:, part].argmax(1) for part in groups]
        same += int(np.logical_and(*alike).sum())
        pieces += len(window.ids)
    return Parity(worst, same / pieces)
