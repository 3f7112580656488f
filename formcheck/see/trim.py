"""Surgery on the pose model's two TensorFlow Lite networks, with the schema modules of MediaPipe's own wheel.

A TFLite file is a FlatBuffer: a list of operators over numbered tensors, whose constants sit in numbered buffers [1]_.

* `without_segmentation`: the landmark network also computes a 256×256 mask of the person. Nobody here looks at it, and
  it is 40 % of the work. The mask's tensor becomes a constant, and the operators that only fed it are removed. The
  network keeps its five outputs, and the operators of the other four are left as they are.
* `with_normalization`: MediaPipe's task reads from the file how pixels are scaled for the network. The networks inside
  the old mediapipe wheels carry the same weights without that note.

.. [1] https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import flatbuffers  # type: ignore[import-untyped, unused-ignore]
import numpy as np

from formcheck.see.blazepose import flatbuffer_schemas

DETECTOR = "pose_detector.tflite"
"""The network that finds the person, as it is called inside a bundle."""
LANDMARKS = "pose_landmarks_detector.tflite"
"""The network that places the landmarks, as it is called inside a bundle."""

NORMALIZATION = {DETECTOR: (127.5, 127.5), LANDMARKS: (0.0, 255.0)}
"""(mean, standard deviation) by which each network's RGB input is scaled: (value - mean) / deviation."""

LARGEST_BUNDLE = 256 * 2**20
"""Bytes, packed or not: the largest official bundle has 31 million."""

_METADATA = "TFLITE_METADATA"
_ALIGNMENT = 16
"""Bytes. TFLite copies constants that are not aligned, and XNNPACK reads some of them 16 bytes at a time."""


class TrimError(Exception):
    """The network is not built as this surgery expects; the stock one is to be used."""


def without_segmentation(network: bytes) -> bytes:
    """The landmark network without the operators that only compute the segmentation mask.

    Raises:
        TrimError: there is no such output, or it cannot be removed.
    """
    model = _unpack(network)
    if len(model.subgraphs) != 1:
        raise TrimError(f"the network has {len(model.subgraphs)} subgraphs, not one")
    graph = model.subgraphs[0]
    mask = graph.tensors[_mask(graph)]
    if mask.type != _tflite().TensorType.FLOAT32:
        raise TrimError("the segmentation mask is not of 32-bit floats")
    constant = _tflite().BufferT()
    constant.data = np.zeros(int(np.prod(mask.shape)) * 4, dtype=np.uint8)
    model.buffers.append(constant)
    mask.buffer = len(model.buffers) - 1

    _drop_operators(graph, frozen=_mask(graph))
    _drop_tensors(graph)
    _drop_buffers(model)
    return _pack(model)


def with_normalization(network: bytes, mean: float, deviation: float) -> bytes:
    """The network with a note how its RGB input is scaled; unchanged if it has one."""
    model = _unpack(network)
    notes = model.metadata or []
    if any(_text(note.name) == _METADATA for note in notes):
        return network
    buffer = _tflite().BufferT()
    buffer.data = np.frombuffer(_normalization_note(mean, deviation), dtype=np.uint8)
    model.buffers.append(buffer)
    note = _tflite().MetadataT()
    note.name = _METADATA
    note.buffer = len(model.buffers) - 1
    model.metadata = [*notes, note]
    return _pack(model)


def networks(bundle: bytes) -> dict[str, bytes]:
    """The two networks of a bundle, by name.

    Raises:
        TrimError: it is no such bundle.
    """
    try:
        if len(bundle) > LARGEST_BUNDLE:
            raise TrimError(f"it is larger than {LARGEST_BUNDLE // 2**20} MB")
        with zipfile.ZipFile(io.BytesIO(bundle)) as file:
            if sum(file.getinfo(name).file_size for name in (DETECTOR, LANDMARKS)) > LARGEST_BUNDLE:
                raise TrimError(f"unpacked it is larger than {LARGEST_BUNDLE // 2**20} MB")
            return {name: file.read(name) for name in (DETECTOR, LANDMARKS)}
    # What zipfile raises on damaged or hostile files; RuntimeError and NotImplementedError: encrypted or packed oddly.
    except (zipfile.BadZipFile, KeyError, ValueError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise TrimError(f"it is no bundle of {DETECTOR} and {LANDMARKS}") from error


def bundle(networks: dict[str, bytes]) -> bytes:
    """A bundle of networks: a zip, not compressed, in which each network starts at a multiple of 64 bytes.

    MediaPipe uses the networks where they lie in the bundle, so that another offset would spoil their alignment. The
    same networks always give the same bytes.
    """
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as file:
        for name, network in networks.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            header = 30 + len(name) + 4  # of the entry, and of the extra field that fills up
            gap = -(data.tell() + header) % 64
            entry.extra = struct.pack("<HH", 0xD935, gap) + bytes(gap)  # the field that Android's zipalign uses
            file.writestr(entry, network)
    return data.getvalue()


def _mask(graph: Any) -> int:
    """The output of the same height and width as the input picture and with one channel."""
    _, height, width, _ = graph.tensors[graph.inputs[0]].shape
    found = [int(t) for t in graph.outputs if list(graph.tensors[t].shape) == [1, height, width, 1]]
    if len(found) != 1:
        raise TrimError(f"the network has {len(found)} outputs that could be the segmentation mask, not one")
    return found[0]


def _drop_operators(graph: Any, frozen: int) -> None:
    """Keeps the operators that some output needs, when the tensor `frozen` needs none."""
    needed = {int(t) for t in graph.outputs} - {frozen}
    kept = []
    for operator in reversed(graph.operators):  # they are in order of execution
        if needed.intersection(map(int, operator.outputs)):
            kept.append(operator)
            needed.update(int(t) for t in operator.inputs if t >= 0)
    if frozen in needed:
        raise TrimError("the landmarks depend on the segmentation mask")
    if len(kept) == len(graph.operators):
        raise TrimError("no operator serves the segmentation mask alone")
    graph.operators = kept[::-1]


def _drop_tensors(graph: Any) -> None:
    lists = [graph, *graph.operators]
    used = sorted({int(t) for owner in lists for t in (*owner.inputs, *owner.outputs) if t >= 0})
    number = {old: new for new, old in enumerate(used)} | {-1: -1}  # -1: an optional input that is not given
    graph.tensors = [graph.tensors[old] for old in used]
    for owner in lists:
        owner.inputs = [number[int(t)] for t in owner.inputs]
        owner.outputs = [number[int(t)] for t in owner.outputs]
        if getattr(owner, "intermediates", None) is not None and len(owner.intermediates):
            raise TrimError("an operator has intermediate tensors")


def _drop_buffers(model: Any) -> None:
    tensors = model.subgraphs[0].tensors
    notes = model.metadata or []
    listed = [] if model.metadataBuffer is None else [int(b) for b in model.metadataBuffer]
    # Buffer 0 is empty by convention: tensors without constants point to it.
    used = sorted({0, *listed, *(int(owner.buffer) for owner in (*tensors, *notes))})
    number = {old: new for new, old in enumerate(used)}
    model.buffers = [model.buffers[old] for old in used]
    for owner in (*tensors, *notes):
        owner.buffer = number[int(owner.buffer)]
    if listed:
        model.metadataBuffer = [number[b] for b in listed]


def _normalization_note(mean: float, deviation: float) -> bytes:
    schema = flatbuffer_schemas()[1]
    scale = schema.NormalizationOptionsT()
    scale.mean, scale.std = [mean], [deviation]
    unit = schema.ProcessUnitT()
    unit.optionsType, unit.options = schema.ProcessUnitOptions.NormalizationOptions, scale
    picture = schema.ImagePropertiesT()
    picture.colorSpace = schema.ColorSpaceType.RGB
    content = schema.ContentT()
    content.contentPropertiesType, content.contentProperties = schema.ContentProperties.ImageProperties, picture
    tensor = schema.TensorMetadataT()
    tensor.name, tensor.content, tensor.processUnits = "image", content, [unit]
    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [tensor]
    note = schema.ModelMetadataT()
    note.subgraphMetadata = [graph]
    builder = flatbuffers.Builder(0)
    builder.Finish(note.Pack(builder), b"M001")
    return bytes(builder.Output())


class _AlignedBuilder(flatbuffers.Builder):  # type: ignore[misc, unused-ignore]
    """The Python builder forgets that the schema asks for aligned constants (``force_align: 16``)."""

    def StartVector(self, elemSize: int, numElems: int, alignment: int) -> Any:  # noqa: N802, N803
        return super().StartVector(elemSize, numElems, _ALIGNMENT if elemSize == 1 else alignment)


def _unpack(network: bytes) -> Any:
    schema = _tflite()
    if not schema.Model.ModelBufferHasIdentifier(network, 0):
        raise TrimError("this is no TensorFlow Lite network")
    try:
        return schema.ModelT.InitFromObj(schema.Model.GetRootAs(network, 0))
    except (struct.error, ValueError, IndexError, TypeError) as error:
        raise TrimError(f"the network cannot be read: {error}") from error


def _pack(model: Any) -> bytes:
    builder = _AlignedBuilder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tflite() -> Any:
    return flatbuffer_schemas()[0]


def _text(name: bytes | str | None) -> str:
    return name.decode() if isinstance(name, bytes) else name or ""
