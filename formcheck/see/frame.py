"""One picture with its time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture from a camera, a video or a browser.

    Attributes:
        time: seconds since the start of the recording, or on the capture clock.
        image: (height, width, 3) uint8, **RGB**, upright (rotation metadata applied), not mirrored.
    """

    time: float
    image: NDArray[np.uint8]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.image.shape[1], self.image.shape[0]
