"""The exported tagger's graph with fewer, larger steps: what onnxruntime does not join by itself in a quantised BERT.

Per layer: attention becomes one step, and so does GELU; the mask of padding goes, since a window is read alone and has none. What
is computed stays the same but for the order of rounding. `python -m nlp.training.tagger_graph FOLDER` does it to a model that was
exported before.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import onnx
from onnx import helper

from nlp.tagging.model import WEIGHTS

JOINED = "com.microsoft"
"""Domain of onnxruntime's own operators."""


def join(path: Path, heads: int) -> None:
    """Rewrite a model's file.

    Raises:
        ValueError: its attention or its GELU is not written as transformers' BERT exports them.
    """
    model = onnx.load(str(path))
    graph = model.graph
    made_by = {output: node for node in graph.node for output in node.output}
    used_by: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for given in node.input:
            used_by.setdefault(given, []).append(node)
    joined = [_attention(node, made_by, used_by, heads) for node in _of(graph, "Softmax")]
    joined += [_gelu(node, made_by, used_by) for node in _of(graph, "Erf")]
    new = {node.output[0]: node for node in joined}
    kept = [new.pop(node.output[0], node) for node in graph.node]
    if new or not joined:
        raise ValueError(f"{path}: {len(joined)} steps were to be joined, and {len(new)} have no place")
    _replace(graph, _needed(kept, [output.name for output in graph.output]))
    if JOINED not in {one.domain for one in model.opset_import}:
        model.opset_import.append(helper.make_opsetid(JOINED, 1))
    onnx.save(model, str(path))


def _attention(
    softmax: onnx.NodeProto,
    made_by: dict[str, onnx.NodeProto],
    used_by: dict[str, list[onnx.NodeProto]],
    heads: int,
) -> onnx.NodeProto:
    """Join everything from three projections to the heads side by side again."""
    masked = _before(made_by, softmax, "Add")
    scaled = _before(made_by, masked, "Mul")
    product = _before(made_by, scaled, "MatMul")
    query, key = (
        _before(made_by, _made(made_by, given, "Transpose"), "Reshape").input[0] for given in product.input
    )
    weighted = _after(used_by, softmax, "MatMul")
    value = _before(made_by, _made(made_by, weighted.input[1], "Transpose"), "Reshape").input[0]
    aside = _after(used_by, _after(used_by, weighted, "Transpose"), "Reshape")
    return helper.make_node(
        "MultiHeadAttention",
        [query, key, value],
        [aside.output[0]],
        name=f"{softmax.name}_attention",
        domain=JOINED,
        num_heads=heads,
    )


def _gelu(
    erf: onnx.NodeProto, made_by: dict[str, onnx.NodeProto], used_by: dict[str, list[onnx.NodeProto]]
) -> onnx.NodeProto:
    """Join x/√2, erf, + 1, · ½, · x."""
    divided = _before(made_by, erf, "Div")
    last = _after(used_by, _after(used_by, _after(used_by, erf, "Add"), "Mul"), "Mul")
    if divided.input[0] not in last.input:
        raise ValueError(f"{erf.name}: not GELU as BERT has it")
    return helper.make_node(
        "Gelu", [divided.input[0]], [last.output[0]], name=f"{erf.name}_gelu", domain=JOINED
    )


def _of(graph: onnx.GraphProto, kind: str) -> list[onnx.NodeProto]:
    return [node for node in graph.node if node.op_type == kind]


def _made(made_by: dict[str, onnx.NodeProto], name: str, kind: str) -> onnx.NodeProto:
    node = made_by.get(name)
    if node is None or node.op_type != kind:
        raise ValueError(f"{name}: made by {node.op_type if node else 'nothing'}, and {kind} was expected")
    return node


def _before(made_by: dict[str, onnx.NodeProto], node: onnx.NodeProto, kind: str) -> onnx.NodeProto:
    return _made(made_by, node.input[0], kind)


def _after(used_by: dict[str, list[onnx.NodeProto]], node: onnx.NodeProto, kind: str) -> onnx.NodeProto:
    users = used_by.get(node.output[0], [])
    if len(users) != 1 or users[0].op_type != kind:
        raise ValueError(f"{node.name}: used by {[user.op_type for user in users]}, and {kind} was expected")
    return users[0]


def _needed(nodes: Iterable[onnx.NodeProto], outputs: Iterable[str]) -> list[onnx.NodeProto]:
    """Keep the steps that an output needs, in their order."""
    wanted, kept = set(outputs), []
    for node in reversed(list(nodes)):
        if wanted & set(node.output):
            kept.append(node)
            wanted.update(node.input)
    return kept[::-1]


def _replace(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    """Give a graph these steps, and leave out the constants that none of them takes."""
    taken = {given for node in nodes for given in node.input}
    constants = [one for one in graph.initializer if one.name in taken]
    for field, new in ((graph.node, nodes), (graph.initializer, constants)):
        copies = [type(one).FromString(one.SerializeToString()) for one in new]
        del field[:]
        field.extend(copies)


if __name__ == "__main__":
    given = Path(sys.argv[1])
    join(
        given / WEIGHTS,
        json.loads((given / "config.json").read_text(encoding="utf-8"))["num_attention_heads"],
    )
