from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tiny_network

from formcheck.see import trim
from formcheck.see.blazepose import flatbuffer_schemas


def read(data: bytes) -> Any:
    tflite = flatbuffer_schemas()[0]
    return tflite.ModelT.InitFromObj(tflite.Model.GetRootAs(data, 0))


def constant(model: Any, tensor: Any) -> bytes:
    data = model.buffers[tensor.buffer].data
    return b"" if data is None else bytes(data)


def structure(data: bytes) -> dict[str, list[tuple[str, bytes]]]:
    """For each operator, by the name of what it computes: the names and constants of what it computes it from."""
    model = read(data)
    graph = model.subgraphs[0]
    return {
        graph.tensors[operator.outputs[0]].name.decode(): [
            (graph.tensors[t].name.decode(), constant(model, graph.tensors[t])) if t >= 0 else ("nothing", b"")
            for t in operator.inputs
        ]
        for operator in graph.operators
    }


def test_the_operators_that_only_fed_the_mask_are_gone_and_the_others_are_as_they_were() -> None:
    stock = tiny_network.build()
    before, after = structure(stock), structure(trim.without_segmentation(stock))
    assert set(before) - set(after) == {"before the mask", "mask"}
    assert after == {name: sources for name, sources in before.items() if name in after}
    assert list(after) == [name for name in before if name in after]  # still in order of execution


def test_all_outputs_keep_their_place_and_shape_and_the_mask_is_constant() -> None:
    model = read(trim.without_segmentation(tiny_network.build()))
    graph = model.subgraphs[0]
    outputs = [graph.tensors[t] for t in graph.outputs]
    assert [tuple(t.shape) for t in outputs] == list(tiny_network.SHAPES.values())
    assert [t.name.decode() for t in outputs] == list(tiny_network.SHAPES)
    assert constant(model, outputs[2]) == bytes(8 * 8 * 4)


def test_constants_that_nobody_uses_are_dropped_and_notes_keep_theirs() -> None:
    model = read(trim.without_segmentation(tiny_network.build()))
    constants = {bytes(b.data) for b in model.buffers if b.data is not None}
    assert b"weights of mask" not in constants
    assert b"weights of before the mask" not in constants
    assert b"weights of heatmap" in constants
    assert model.buffers[0].data is None
    assert [(n.name, bytes(model.buffers[n.buffer].data)) for n in model.metadata] == [
        (b"min_runtime_version", b"1.5.0")
    ]


def test_constants_are_aligned() -> None:
    data = trim.without_segmentation(tiny_network.build())
    model = flatbuffer_schemas()[0].Model.GetRootAs(data, 0)
    start = np.frombuffer(data, dtype=np.uint8).ctypes.data
    buffers = [model.Buffers(i) for i in range(model.BuffersLength())]
    offsets = [b.DataAsNumpy().ctypes.data - start for b in buffers if b.DataLength()]
    assert len(offsets) > 4
    assert [offset % 16 for offset in offsets] == [0] * len(offsets)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (lambda: tiny_network.build(masks=0), "0 outputs that could be the segmentation mask"),
        (lambda: tiny_network.build(masks=2), "2 outputs that could be the segmentation mask"),
        (lambda: tiny_network.build(world_needs_mask=True), "the landmarks depend on the segmentation mask"),
        (lambda: trim.without_segmentation(tiny_network.build()), "no operator serves the segmentation mask alone"),
        (lambda: b"<html>no network</html>", "no TensorFlow Lite network"),
        (lambda: b"", "no TensorFlow Lite network"),
        (lambda: tiny_network.build()[:100], "cannot be read"),
    ],
)
def test_a_network_that_is_built_otherwise_is_refused(data: Any, reason: str) -> None:
    with pytest.raises(trim.TrimError, match=reason):
        trim.without_segmentation(data())


def test_the_note_on_normalization_is_added_once_and_says_what_mediapipe_needs() -> None:
    noted = trim.with_normalization(tiny_network.build(), mean=0.0, deviation=255.0)
    assert trim.with_normalization(noted, mean=1.0, deviation=2.0) == noted
    assert structure(noted) == structure(tiny_network.build())

    model = read(noted)
    assert [note.name for note in model.metadata] == [b"min_runtime_version", b"TFLITE_METADATA"]
    data = bytes(model.buffers[model.metadata[1].buffer].data)
    schema = flatbuffer_schemas()[1]
    assert schema.ModelMetadata.ModelMetadataBufferHasIdentifier(data, 0)
    note = schema.ModelMetadataT.InitFromObj(schema.ModelMetadata.GetRootAs(data, 0))
    (picture,) = note.subgraphMetadata[0].inputTensorMetadata
    assert picture.content.contentProperties.colorSpace == schema.ColorSpaceType.RGB
    (unit,) = picture.processUnits
    assert unit.optionsType == schema.ProcessUnitOptions.NormalizationOptions
    assert (list(unit.options.mean), list(unit.options.std)) == ([0.0], [255.0])


def test_the_note_survives_the_trimming() -> None:
    noted = trim.with_normalization(tiny_network.build(), mean=0.0, deviation=255.0)
    assert trim.with_normalization(trim.without_segmentation(noted), 0.0, 255.0) == trim.without_segmentation(noted)


def test_a_bundle_holds_its_networks_uncompressed_and_aligned() -> None:
    networks = {trim.DETECTOR: b"detector" * 101, trim.LANDMARKS: tiny_network.build()}
    bundle = trim.bundle(networks)
    assert trim.networks(bundle) == networks
    assert [bundle.index(data) % 64 for data in networks.values()] == [0, 0]
    assert trim.bundle(networks) == bundle


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken off", trim.bundle({trim.DETECTOR: b"alone"})])
def test_what_is_no_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(trim.TrimError, match="no bundle"):
        trim.networks(data)
