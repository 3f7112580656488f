"""One of BlazePose's two neural networks, run by LiteRT."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.see.blazepose import quiet
from formcheck.see.region import Region


class Unsupported(Exception):  # noqa: N818 (a finding, not a failure)
    """LiteRT is not there, or the network is not the one that is expected."""


class Network:
    """A network that looks at a square picture.

    It is computed in one thread: a second one would take more CPU time altogether, and here the picture of a camera is
    waited for longer than the network.

    Args:
        model: a TFLite file.
        mean: subtracted from the pixels.
        deviation: by which they are divided then.
        outputs: the shapes of those that are wanted.

    Raises:
        Unsupported: see there.
    """

    def __init__(self, model: bytes, mean: float, deviation: float, outputs: tuple[tuple[int, ...], ...]) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter

            with quiet():
                self._interpreter: Any = Interpreter(model_content=model, num_threads=1)
                self._interpreter.allocate_tensors()
        except (ImportError, OSError, ValueError, RuntimeError) as error:
            raise Unsupported(str(error)) from error
        given = {tuple(map(int, each["shape"])): each["index"] for each in self._interpreter.get_output_details()}
        taken = self._interpreter.get_input_details()
        shape = tuple(map(int, taken[0]["shape"]))
        if len(taken) != 1 or len(shape) != 4 or shape[1] != shape[2] or shape[3] != 3:
            raise Unsupported(f"the network takes {shape}")
        if any(wanted not in given for wanted in outputs):
            raise Unsupported(f"the network gives {sorted(given)}")
        self.side = shape[1]
        """Pixels of its picture's side."""
        self._input = taken[0]["index"]
        self._outputs = [given[wanted] for wanted in outputs]
        self._scale, self._offset = np.float32(1 / deviation), np.float32(-mean / deviation)

    def look(
        self, image: NDArray[np.uint8], region: Region, border: int = cv2.BORDER_REPLICATE
    ) -> list[NDArray[np.float32]]:
        """What it says of a region of an RGB picture: its outputs, which are valid until it looks again."""
        pixels = self._interpreter.tensor(self._input)()[0]
        np.multiply(region.crop(image, self.side, border), self._scale, out=pixels)
        if self._offset:
            pixels += self._offset
        del pixels  # LiteRT does not run while somebody may look at its memory
        self._interpreter.invoke()
        return [self._interpreter.tensor(index)()[0] for index in self._outputs]


def sigmoid(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """1 / (1 + e⁻ˣ), of numbers that may be large."""
    answer: NDArray[np.floating] = 1 / (1 + np.exp(-np.maximum(values, -80)))
    return answer
