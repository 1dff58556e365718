"""An ONNX token classifier of one node, which looks the label of a piece up by its id, written by hand: `onnx` is not installed."""

import struct
from collections.abc import Sequence


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def field(number: int, value: int | bytes | str) -> bytes:
    """Write a field of a protocol buffer: a number, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def lookup_model(best: Sequence[int], labels: int) -> bytes:
    """Give the bytes of a model that scores, for each id, one of so many labels highest (see onnx.proto)."""
    rows = [[float(label == column) for column in range(labels)] for label in best]
    raw = b"".join(struct.pack(f"<{len(row)}f", *row) for row in rows)
    table = field(1, len(rows)) + field(1, labels) + field(2, 1) + field(8, "table") + field(9, raw)
    node = field(1, "table") + field(1, "input_ids") + field(2, "logits") + field(4, "Gather")

    def tensor(name: str, kind: int, *sizes: str) -> bytes:
        shape = b"".join(field(1, field(2, size)) for size in sizes)
        return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))

    graph = (
        field(1, node)
        + field(2, "lookup")
        + field(5, table)
        + field(11, tensor("input_ids", 7, "batch", "pieces"))
        + field(12, tensor("logits", 1, "batch", "pieces", "labels"))
    )
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))
