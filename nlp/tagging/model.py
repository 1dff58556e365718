"""The tagger's weights in onnxruntime: windows in, scores out. The folder has Hugging Face's shape."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from nlp.errors import PipelineError
from nlp.tagging.decode import Read
from nlp.tagging.labels import WIDTH
from nlp.tagging.pieces import Window
from nlp.tagging.pointing import Words, pointed

WEIGHTS = "model.onnx"
POINTERS = "pointers.onnx"

SLOWER = "SkipLayerNormFusion"
"""What onnxruntime does to a graph unasked and should not: its joined step takes ten times as long as the two that it joins."""


class Tagger:
    """A loaded model folder: `tokenizer.json`, `model.onnx` (int8), and `pointers.onnx` (fp32), its second head."""

    def __init__(self, folder: Path) -> None:
        """Load the folder; PipelineError names what is missing."""
        import onnxruntime

        for name in ("tokenizer.json", WEIGHTS, POINTERS):
            if not (folder / name).is_file():
                raise PipelineError(
                    f"{folder / name}: the model's file is missing; is ketmine installed whole?"
                )
        options = onnxruntime.SessionOptions()
        # processes share the work (--jobs); a second thread in one slows both
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session, self._pointers = (
            onnxruntime.InferenceSession(
                str(folder / name), options, providers=["CPUExecutionProvider"], disabled_optimizers=[SLOWER]
            )
            for name in (WEIGHTS, POINTERS)
        )
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def read(self, window: Window) -> Read:
        """Run the encoder over a window and score its pieces."""
        ids = np.array([window.ids], dtype=np.int64)
        scores, hidden = self._session.run(
            None,
            {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.array([window.types], dtype=np.int64),
            },
        )
        if scores.shape[-1] != WIDTH:
            raise PipelineError(f"the tagger gives {scores.shape[-1]} scores a piece and {WIDTH} are read")
        return Read(window, scores[0], hidden[0])

    def pointed(self, text: str, read: Read, anchors: Sequence[int]) -> list[Mapping[str, Words]]:
        """Read the fields of the anchors that begin at some pieces of a window."""
        if not anchors:
            return []
        (scores,) = self._pointers.run(
            None, {"hidden": read.hidden, "anchors": np.array(anchors, dtype=np.int64)}
        )
        return [pointed(text, read.window, anchor) for anchor in scores]
