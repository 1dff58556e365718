"""The tagger's weights in onnxruntime: windows in, scores out. The folder has Hugging Face's shape."""

from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from nlp.errors import PipelineError
from nlp.tagging.labels import WIDTH
from nlp.tagging.pieces import Window

WEIGHTS = "model.onnx"

SLOWER = "SkipLayerNormFusion"
"""What onnxruntime does to a graph unasked and should not: its joined step takes ten times as long as the two that it joins."""


class Tagger:
    """A loaded model folder: `tokenizer.json` and `model.onnx` (int8)."""

    def __init__(self, folder: Path) -> None:
        """Load the folder; PipelineError names what is missing."""
        import onnxruntime

        for name in ("tokenizer.json", WEIGHTS):
            if not (folder / name).is_file():
                raise PipelineError(
                    f"{folder / name}: the model's file is missing; is ketmine installed whole?"
                )
        options = onnxruntime.SessionOptions()
        # processes share the work (--jobs); a second thread in one slows both
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(folder / WEIGHTS), options, providers=["CPUExecutionProvider"], disabled_optimizers=[SLOWER]
        )
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def scores(self, window: Window) -> np.ndarray:
        """Give the scores of a window's pieces: float32 of (pieces, WIDTH)."""
        ids = np.array([window.ids], dtype=np.int64)
        (scores,) = self._session.run(
            None,
            {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.array([window.types], dtype=np.int64),
            },
        )
        if scores.shape[-1] != WIDTH:
            raise PipelineError(f"the tagger gives {scores.shape[-1]} scores a piece and {WIDTH} are read")
        return np.asarray(scores[0])
