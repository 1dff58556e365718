"""Train the tagger's encoder on one public corpus of sentences, to be measured on that corpus' test part alone.

`ketmine evaluate phee` and `ketmine evaluate ade` run it, with the extra `train`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from nlp.training.corpora import SCHEME, examples
from nlp.training.make_tagger import RATE
from nlp.training.tagger import base_tokenizer, train
from nlp.training.tagger_export import export

EPOCHS = 4
"""As many as eight minutes of one core allow; fixed before any test sentence was read."""


def make(group: str, rows: Sequence[Mapping[str, Any]], folder: Path, epochs: int = EPOCHS) -> None:
    """Fine-tune the base encoder on the rows of a corpus, and write it as int8 ONNX into a folder."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    tokenizer = base_tokenizer()
    data = [sample for row in rows for sample in examples(row, tokenizer, group)]
    model = train(data, epochs=epochs, scheme=SCHEME, rate=RATE, log=group)
    export(model, tokenizer, folder, [data[0].window])
