"""A tiny TensorFlow Lite network with the five outputs of BlazePose's landmark network. It is only ever read."""

from __future__ import annotations

from typing import Any

import flatbuffers  # type: ignore[import-untyped, unused-ignore]
import numpy as np

from formcheck.see.blazepose import flatbuffer_schemas

SHAPES = {
    "landmarks": (1, 195),
    "presence": (1, 1),
    "mask": (1, 8, 8, 1),
    "heatmap": (1, 4, 4, 39),
    "world": (1, 117),
}
"""The outputs, in their order."""


def build(*, masks: int = 1, world_needs_mask: bool = False) -> bytes:
    """The network, whose only constants are named vectors of bytes: "weights of landmarks" and so on.

    Args:
        masks: outputs that look like the mask; 0 makes it twice as large as the input.
        world_needs_mask: whether the world landmarks are computed from the mask.
    """
    tflite: Any = flatbuffer_schemas()[0]
    model, graph = tflite.ModelT(), tflite.SubGraphT()
    model.version, model.subgraphs, model.operatorCodes = 3, [graph], [tflite.OperatorCodeT()]
    model.buffers = [tflite.BufferT()]
    graph.tensors, graph.operators, graph.outputs = [], [], []

    def tensor(name: str, shape: tuple[int, ...], constant: bytes | None = None) -> int:
        made = tflite.TensorT()
        made.name, made.shape, made.type, made.buffer = name, list(shape), tflite.TensorType.FLOAT32, 0
        if constant is not None:
            buffer = tflite.BufferT()
            buffer.data = np.frombuffer(constant, dtype=np.uint8)
            model.buffers.append(buffer)
            made.buffer = len(model.buffers) - 1
        graph.tensors.append(made)
        return len(graph.tensors) - 1

    def operator(name: str, shape: tuple[int, ...], *sources: int) -> int:
        weights = tensor(f"weights of {name}", (1,), f"weights of {name}".encode())
        made = tflite.OperatorT()
        made.inputs, made.outputs = [*sources, weights, -1], [tensor(name, shape)]
        graph.operators.append(made)
        return int(made.outputs[0])

    picture = tensor("picture", (1, 8, 8, 3))
    graph.inputs = [picture]
    features = operator("features", (1, 4, 4, 16), picture)
    before_mask = operator("before the mask", (1, 8, 8, 2), features)
    size = 8 if masks else 16
    mask = operator("mask", (1, size, size, 1), before_mask)
    outputs = {"mask": mask}
    for name, shape in SHAPES.items():
        if name != "mask":
            outputs[name] = operator(name, shape, mask if world_needs_mask and name == "world" else features)
    if masks == 2:
        outputs["presence"] = operator("second mask", (1, 8, 8, 1), features)
    graph.outputs = [outputs[name] for name in SHAPES]

    note, buffer = tflite.MetadataT(), tflite.BufferT()
    buffer.data = np.frombuffer(b"1.5.0", dtype=np.uint8)
    model.buffers.append(buffer)
    note.name, note.buffer = "min_runtime_version", len(model.buffers) - 1
    model.metadata = [note]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
