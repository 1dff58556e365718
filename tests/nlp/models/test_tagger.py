"""The shipped tagger says of fifty invented sentences what it said when it was made.

`python -m tests.nlp.models.test_tagger` writes the record anew after a new model.
"""

import json
from pathlib import Path

import pytest

from nlp.article import Document
from nlp.components.tagger import read_windows
from nlp.pipeline import MODELS, annotate, load_pipeline
from nlp.tagging.decode import anchors
from nlp.tagging.labels import names
from nlp.tagging.model import Tagger

HERE = Path(__file__).parent
SENTENCES = (HERE / "sentences.txt").read_text(encoding="utf-8").splitlines()
RECORD = HERE / "recorded.jsonl"
FOLDER = MODELS / "tagger"
SURE = 0.02
"""How far a share may move with the processor that int8 is computed on."""


def said() -> list[list[dict[str, object]]]:
    """Give the anchors of each sentence, with their labels and how sure the tagger is of them."""
    nlp, tagger = load_pipeline("rules"), Tagger(FOLDER)
    out = []
    for sentence in SENTENCES:
        text = f"Ketamine and esketamine.\nRESULTS: {sentence}"
        doc = annotate(nlp, Document(id="invented", text=text))
        found = [t for read in read_windows(doc, tagger) for t in anchors(text, read, 0.3)]
        out.append(
            [
                {"anchor": text[t.start : t.end], "group": t.group, "sure": round(t.sure, 3), **t.labels}
                for t in found
            ]
        )
    return out


def test_it_says_what_was_recorded() -> None:
    recorded = [json.loads(line) for line in RECORD.read_text(encoding="utf-8").splitlines()]
    assert len(recorded) == len(SENTENCES) == 50
    for sentence, before, now in zip(SENTENCES, recorded, said(), strict=True):
        # what stands at the threshold may fall to either side of it
        firm = [[a for a in found if abs(a["sure"] - 0.3) > SURE] for found in (before, now)]
        shares = [[a.pop("sure") for a in found] for found in firm]
        assert firm[0] == firm[1], sentence
        assert shares[1] == pytest.approx(shares[0], abs=SURE), sentence


def test_the_folder_has_hugging_faces_shape_and_fits() -> None:
    config = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))
    assert [config["id2label"][str(i)] for i in range(len(config["id2label"]))] == list(names())
    assert sum(path.stat().st_size for path in MODELS.rglob("*")) < 60e6
    assert not [path for path in MODELS.rglob("*") if path.suffix in (".bin", ".pt", ".pkl", ".joblib")]


def test_transformers_loads_config_and_tokenizer() -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    config = transformers.AutoConfig.from_pretrained(FOLDER)
    tokenizer = transformers.AutoTokenizer.from_pretrained(FOLDER)
    assert config.vocab_size == len(tokenizer)
    ids = tokenizer("Ketamine reduced pain.", add_special_tokens=False)["input_ids"]
    assert ids == Tagger(FOLDER).tokenizer.encode("Ketamine reduced pain.", add_special_tokens=False).ids


def test_the_fp16_weights_are_the_onnx_models() -> None:
    from safetensors import safe_open

    with safe_open(FOLDER / "model.safetensors", framework="numpy") as weights:
        shapes = {name: weights.get_slice(name).get_shape() for name in weights.keys()}  # noqa: SIM118
    tokenizer = Tagger(FOLDER).tokenizer
    assert shapes["bert.embeddings.word_embeddings.weight"][0] == tokenizer.get_vocab_size()
    assert shapes["classifier.weight"][0] == len(list(names()))


if __name__ == "__main__":
    RECORD.write_text("".join(json.dumps(found) + "\n" for found in said()), encoding="utf-8")
