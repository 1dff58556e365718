"""The exported graph with its steps joined gives the scores that it gave before."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from nlp.pipeline import MODELS
from nlp.tagging.labels import WIDTH
from nlp.tagging.model import WEIGHTS

onnx = pytest.importorskip("onnx", reason="needs the extra `train`")


def test_joined_steps_change_no_more_than_rounding_does(tmp_path: Path) -> None:
    from onnxruntime import InferenceSession

    from nlp.training.tagger_graph import join

    path = tmp_path / WEIGHTS
    shutil.copy(MODELS / "tagger" / WEIGHTS, path)
    if any(node.op_type == "MultiHeadAttention" for node in onnx.load(str(path)).graph.node):
        pytest.skip("the shipped model's steps are joined")
    before = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    join(path, heads=12)
    after = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    ids = np.array([[2, *range(1000, 1100), 3]])
    given = {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "token_type_ids": np.full_like(ids, 4),
    }
    old, new = before.run(None, given)[0][0], after.run(None, given)[0][0]
    assert new.shape == (ids.size, WIDTH)
    # int8 rounds at every layer, so that a last digit of fp32 may move a score by some hundredths
    assert np.abs(new - old).mean() < 0.1
    with pytest.raises(ValueError, match="were to be joined"):
        join(path, heads=12)
