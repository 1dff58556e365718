"""What a user would pick instead, of the same shape and size, with weights that were never trained.

How fast a network reads does not depend on what its weights say, but for a parser's few decisions. Nothing here needs a hub.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nlp.pipeline import MODELS
from nlp.tagging.model import SLOWER, WEIGHTS

Reader = Callable[[Sequence[str]], int]
"""Reads texts, and gives how many things it marked."""

TOKENIZER = MODELS / "tagger" / "tokenizer.json"
"""BERT's word pieces, less those that no text of the training corpora holds: a rival never has more pieces than with its own."""

LABELS = 7
LONGEST = 512
PIECES = 284
"""Of the window that the network is given as a yardstick."""

TAGS = ("NN", "NNS", "NNP", "JJ", "IN", "DT", "VB", "VBD", "VBN", "VBG", "RB", "CD", "CC", ".", ",", "-LRB-")
LINKS = ("nsubj", "obj", "obl", "nmod", "amod", "compound", "case", "det", "advmod", "conj", "cc", "punct")

_TOK2VEC = {
    "@architectures": "spacy.Tok2Vec.v2",
    "encode": {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": 96,
        "depth": 4,
        "window_size": 1,
        "maxout_pieces": 3,
    },
}
_PARSER = {
    "@architectures": "spacy.TransitionBasedParser.v2",
    "extra_state_tokens": False,
    "hidden_width": 128,
    "maxout_pieces": 3,
    "use_upper": True,
}


def _embedding(attributes: Sequence[str], rows: Sequence[int]) -> dict[str, Any]:
    return {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": 96,
        "attrs": list(attributes),
        "rows": list(rows),
        "include_static_vectors": False,
    }


def make_spacy(folder: Path) -> None:
    """Make a pipeline of the shape of scispaCy's `en_core_sci_sm`, after its published configs.

    tok2vec of 96 × 4 shared by tagger and parser, one of its own for the entities; attribute ruler and rule lemmatizer stand in
    their places with empty tables, which favours it.
    """
    import numpy as np
    import spacy
    from spacy.lookups import Lookups
    from spacy.training import Example
    from thinc.api import fix_random_seed

    fix_random_seed(0)
    nlp = spacy.blank("en")
    wide = _embedding(
        ("NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"), (5000, 1000, 2500, 2500, 50, 50)
    )
    narrow = _embedding(("NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY"), (5000, 2500, 2500, 2500, 100))
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96, "upstream": "*"}
    nlp.add_pipe("tok2vec", config={"model": {**_TOK2VEC, "embed": wide}})
    tagger: Any = nlp.add_pipe(
        "tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": listener}}
    )
    nlp.add_pipe("attribute_ruler")
    lemmatizer: Any = nlp.add_pipe("lemmatizer", config={"mode": "rule"})
    parser: Any = nlp.add_pipe(
        "parser", config={"model": {**_PARSER, "state_type": "parser", "tok2vec": listener}}
    )
    ner: Any = nlp.add_pipe(
        "ner", config={"model": {**_PARSER, "state_type": "ner", "tok2vec": {**_TOK2VEC, "embed": narrow}}}
    )
    for tag in TAGS:
        tagger.add_label(tag)
    for link in LINKS:
        parser.add_label(link)
    ner.add_label("ENTITY")
    tables = Lookups()
    for name in ("lemma_rules", "lemma_exc", "lemma_index"):
        tables.add_table(name, {})
    lemmatizer.initialize(lookups=tables)
    example = Example.from_dict(
        nlp.make_doc("Ketamine was given ."), {"words": ["Ketamine", "was", "given", "."]}
    )
    with nlp.select_pipes(disable=["lemmatizer"]):
        nlp.initialize(lambda: [example])
    draw = np.random.default_rng(0)
    for pipe in (parser, ner):  # spaCy begins with zeros there, and zeros decide nothing
        for layer in pipe.model.walk():
            if layer.has_param("W") and layer.get_param("W").ndim == 2 and not layer.get_param("W").any():
                layer.set_param("W", draw.normal(0, 0.1, layer.get_param("W").shape).astype("float32"))
    nlp.to_disk(folder)


def load_spacy(folder: Path) -> Reader:
    """Load what `make_spacy` made."""
    import spacy

    nlp = spacy.load(folder)
    return lambda texts: sum(len(doc.ents) for doc in nlp.pipe(texts, batch_size=64))


def _bert() -> Any:
    import torch
    from transformers import BertConfig, BertForTokenClassification

    torch.manual_seed(0)
    shape: dict[str, Any] = {"num_labels": LABELS}
    return BertForTokenClassification(BertConfig(**shape)).eval()


def load_bert(folder: Path) -> Reader:
    """Make a token classifier of BERT-base's shape (12 layers, 768 wide, 110 million weights) in torch, fp32."""
    import torch
    from transformers import PreTrainedTokenizerFast

    torch.set_num_threads(1)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(TOKENIZER), pad_token="[PAD]", model_max_length=LONGEST
    )
    network = _bert()

    def read(texts: Sequence[str]) -> int:
        marked = 0
        with torch.inference_mode():
            for text in texts:  # one at a time: on a core nothing is gained by padding to the longest
                given = tokenizer(text, return_tensors="pt", truncation=True)
                marked += int((network(**given).logits.argmax(-1) > 0).sum())
        return marked

    return read


def make_onnx(folder: Path) -> None:
    """Write the same token classifier as int8 ONNX: dynamic quantisation, a scale for each channel."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Scores(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = _bert()
            self.model.set_attn_implementation("eager")

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            return self.model(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).logits

    folder.mkdir(parents=True, exist_ok=True)
    full, ready = folder / "fp32.onnx", folder / "ready.onnx"
    ids = torch.randint(1000, 2000, (1, 24))
    axes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    torch.onnx.export(
        Scores().eval(),
        (ids, torch.ones_like(ids), torch.zeros_like(ids)),
        str(full),
        input_names=["input_ids", "attention_mask", "token_type_ids"],
        output_names=["scores"],
        dynamo=True,
        external_data=False,
        dynamic_shapes=(axes, axes, axes),
        opset_version=18,
    )
    quant_pre_process(str(full), str(ready), skip_symbolic_shape=True)
    quantize_dynamic(
        str(ready),
        str(folder / "model.onnx"),
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
    )
    full.unlink()
    ready.unlink()
    (folder / "shape.json").write_text(json.dumps({"labels": LABELS, "longest": LONGEST}), encoding="utf-8")


def load_network(_: Path) -> Reader:
    """Load the tagger's weights in onnxruntime alone, which reads the same pieces for each text: a yardstick, no rival."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session: Any = onnxruntime.InferenceSession(
        str(MODELS / "tagger" / WEIGHTS),
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=[SLOWER],
    )
    ids = np.arange(1000, 1000 + PIECES, dtype=np.int64)[None]
    given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}

    def read(texts: Sequence[str]) -> int:
        for _ in texts:
            session.run(None, given)
        return 0

    return read


def load_onnx(folder: Path) -> Reader:
    """Load what `make_onnx` made, on one thread."""
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session: Any = onnxruntime.InferenceSession(
        str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    tokenizer.enable_truncation(LONGEST)

    def read(texts: Sequence[str]) -> int:
        marked = 0
        for text in texts:
            ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
            given = {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.zeros_like(ids),
            }
            marked += int((session.run(None, given)[0].argmax(-1) > 0).sum())
        return marked

    return read
