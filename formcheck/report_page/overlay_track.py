"""What the overlay shows at every moment of a set, kept small, so that a page can draw it again over the video.

The geometry comes from the same `Protractor` and `Skeleton` as the annotated video's: the page only draws it.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formcheck.judge.moment import Moment, Reading
from formcheck.judge.template import Template
from formcheck.pose import LANDMARKS
from formcheck.show.joints import Joints
from formcheck.show.label import steady
from formcheck.show.message import Prompter
from formcheck.show.overlay import SEEN, label_cap, line_width
from formcheck.show.protractor import Protractor
from formcheck.show.skeleton import BONES, FAINT_CLEAR, Skeleton

MOST_MOMENTS = 40_000
"""Of a longer recording every second, third … moment is kept: 10 minutes at 60 pictures a second are kept whole."""

_ANGLE = ("vertex_x", "vertex_y", "radius", "from", "to", "least", "most", "limb_x", "limb_y")
_LABEL = ("anchor_x", "anchor_y", "reach", "outward")
_GEOMETRY = _ANGLE + _LABEL
_QUALITY = {"untargeted": 1, "good": 2, "off": 3}
_NUMBERED, _ARC, _BAND, _LIMB = 4, 8, 16, 32
"""What of an angle is drawn, added to its quality: one number a moment."""

_PHASES = ("setup", "rest", "moving", "peak", "returning", "hold", "paused")
_SIDES = (None, "left", "right")

Values = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class _Row:
    """One moment: numbers as they are, texts as their number in a list."""

    points: NDArray[np.float32]
    states: NDArray[np.uint8]
    angles: NDArray[np.float32]
    values: NDArray[np.float64]
    facts: tuple[float, ...]


class OverlayTrack:
    """Takes every moment of a set and gives, in the end, what a page needs to draw them.

    Args:
        template: the exercise that the moments are of.
        size: (width, height) of the pictures that the page shows, in pixels; that of the poses by default.
    """

    def __init__(self, template: Template, size: tuple[int, int] | None = None) -> None:
        self._template = template
        self._size = size
        self._joints = Joints(template)
        self._skeleton = Skeleton(template, self._joints)
        self._prompter = Prompter()
        self._drawn = {name: m for name, m in template.measures.items() if m.label and m.at}
        self._protractors: dict[str, Protractor] = {}
        self._shown: dict[str, float] = {}
        self._texts: dict[tuple[str, str], int] = {}
        self._words: dict[str, int] = {}
        self._rows: list[_Row] = []
        self._stride = 1
        self._count = 0

    def update(self, moment: Moment, frame: object = None) -> None:
        """Keeps the next moment."""
        size = self._size = self._size or moment.pose.size
        if not self._protractors:
            line = line_width(size)
            self._protractors = {name: Protractor(m, self._joints, line) for name, m in self._drawn.items()}
        message = self._prompter.update(moment)
        self._count += 1
        if (self._count - 1) % self._stride:
            return
        if len(self._rows) >= MOST_MOMENTS:
            self._rows = self._rows[::2]
            self._stride *= 2
            if (self._count - 1) % self._stride:
                return
        pose = moment.pose
        points = np.where(pose.visibility[:, None] >= SEEN, pose.points * np.divide(size, pose.size), np.nan)
        seen = ~np.isnan(points[:, 0])
        readings = moment.readings
        states = seen.astype(np.uint8) + (seen & (pose.visibility >= FAINT_CLEAR))
        states[[i for i in self._skeleton.judged(moment, readings) if seen[i]]] |= 4
        said = self._texts.setdefault((message.kind, message.text), len(self._texts)) if message else -1
        hold, counts = moment.hold, moment.counts
        facts = (
            moment.time,
            said,
            self._words.setdefault(moment.phase_word, len(self._words)),
            _PHASES.index(moment.phase),
            _SIDES.index(moment.side),
            int(moment.readiness.ready),
            counts.total,
            counts.left,
            counts.right,
            counts.partial,
            hold.in_form if hold else 0.0,
            hold.held if hold else 0.0,
        )
        read = {reading.name: reading for reading in readings}  # of nobody nothing is read
        angles = np.array([self._angle(name, read.get(name), moment, points) for name in self._drawn], np.float32)
        self._rows.append(_Row(points.astype(np.float32), states, angles, np.array(moment.values), facts))

    def _angle(
        self, name: str, reading: Reading | None, moment: Moment, points: NDArray[np.float64]
    ) -> tuple[float, ...]:
        """(state, shown value, geometry …); the state is 0 where nothing is drawn."""
        on = moment.readiness.ready or moment.phase not in ("setup", "rest")
        seen = reading is not None and reading.value == reading.value and reading.quality != "unseen"
        angle = self._protractors[name].place(reading, moment, points) if reading and on and seen else None
        if reading is None or angle is None:
            self._shown.pop(name, None)
            return (0.0, np.nan, *([np.nan] * len(_GEOMETRY)))
        shown = self._shown[name] = steady(self._shown.get(name, np.nan), reading.value, reading.unit)
        nothing = (np.nan, np.nan)
        state = _QUALITY[reading.quality] + _NUMBERED * angle.numbered
        state += _ARC * (angle.arc is not None) + _BAND * (angle.band is not None) + _LIMB * (angle.limb is not None)
        return (
            float(state), shown, *angle.vertex, angle.radius, *(angle.arc or nothing), *(angle.band or nothing),
            *(angle.limb or nothing), *angle.anchor, angle.reach, angle.outward,
        )  # fmt: skip

    # What a page gets -------------------------------------------------------------------------------------------

    @property
    def times(self) -> NDArray[np.float64]:
        """(n,) seconds of the moments that were kept."""
        return np.array([row.facts[0] for row in self._rows], dtype=np.float64)

    @property
    def values(self) -> Values:
        """Each measure of the template at `times`, NaN where it was not seen."""
        table = np.array([row.values for row in self._rows], dtype=np.float64)
        table = table.reshape(len(self._rows), len(self._template.measures))
        return {name: table[:, i] for i, name in enumerate(self._template.measures)}

    def to_dict(self) -> dict[str, Any]:
        """The moments for a script: lists of words, and `packed`, all numbers as base64 of deflated channels.

        `channels` names the channels of `packed` in their order and the unit that their whole numbers are in. Each
        is `count` numbers, stored as differences (zigzag, unsigned 32 bit), split into four planes of bytes, the
        lowest first: in this form they shrink to a tenth.
        """
        count = len(self._rows)
        size = self._size or (0, 0)
        fine = max(*size, 1) / 4096
        facts = np.array([row.facts for row in self._rows], dtype=np.float64).reshape(count, 12)
        channels: list[tuple[str, float, NDArray[np.float64]]] = []
        for i, name in enumerate(
            ("time", "said", "word", "phase", "side", "ready", "total", "left", "right", "partial", "in_form", "held")
        ):
            channels.append((name, {"time": 1e-4, "in_form": 0.1, "held": 0.1}.get(name, 1.0), facts[:, i]))
        points = np.array([row.points for row in self._rows], dtype=np.float64).reshape(count, LANDMARKS, 2)
        states = np.array([row.states for row in self._rows], dtype=np.float64).reshape(count, LANDMARKS)
        bones = {i for bone in BONES for i in bone}
        landmarks = [i for i in range(LANDMARKS) if i in bones or (states[:, i] >= 4).any()]
        for i in landmarks:
            channels.append((f"state{i}", 1.0, states[:, i]))
            channels += [(f"{axis}{i}", fine, points[:, i, k]) for k, axis in enumerate("xy")]
        geometry = np.array([row.angles for row in self._rows], dtype=np.float64)
        geometry = geometry.reshape(count, len(self._drawn), 2 + len(_GEOMETRY))
        for j, measure in enumerate(self._drawn.values()):
            channels.append((f"drawn{j}", 1.0, geometry[:, j, 0]))
            # Whole degrees and hundredths are shown.
            channels.append((f"value{j}", 1.0 if measure.unit in ("deg", "px") else 0.01, geometry[:, j, 1]))
            for k, name in enumerate(_GEOMETRY):
                turn = name in ("from", "to", "least", "most", "outward")
                unit = 0.5 if turn else 4 * fine
                channels.append((f"{name}{j}", unit, geometry[:, j, 2 + k]))
        return {
            "count": count,
            "size": list(size),
            "line": line_width(size),
            "cap": label_cap(size),
            "bones": [list(bone) for bone in BONES],
            "landmarks": landmarks,
            "measures": [{"label": m.label, "unit": m.unit, "named": self._named(name)} for name, m in self._measured],
            "said": [{"kind": kind, "text": text} for kind, text in self._texts],
            "words": list(self._words),
            "sides": list(_SIDES),
            "channels": [[name, unit] for name, unit, _ in channels],
            "packed": _packed([values / unit for _, unit, values in channels]),
        }

    @property
    def _measured(self) -> Iterable[tuple[str, Any]]:
        return self._drawn.items()

    def _named(self, name: str) -> bool:
        """Whether the number needs its name beside it, as on the annotated video."""
        measure = self._drawn[name]
        return measure.arms is None or sum(m.at == measure.at for m in self._drawn.values()) > 1


def _packed(channels: Iterable[NDArray[np.float64]]) -> str:
    """See `OverlayTrack.to_dict`. NaN repeats the number before: the states say where nothing is."""
    packer = zlib.compressobj(6)
    packed = []
    for values in channels:
        whole = np.rint(_held(values)).astype(np.int64)
        steps = np.diff(whole, prepend=0)
        zigzag = ((steps << 1) ^ (steps >> 63)).astype("<u4")
        packed.append(packer.compress(np.ascontiguousarray(zigzag.view(np.uint8).reshape(-1, 4).T).tobytes()))
    packed.append(packer.flush())
    return base64.b64encode(b"".join(packed)).decode("ascii")


def _held(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """NaN filled with the last number before it, 0 in the beginning; far outside of the picture is cut off."""
    known = np.isfinite(values)
    last = np.maximum.accumulate(np.where(known, np.arange(len(values)), -1)) if len(values) else np.empty(0, np.int64)
    filled = np.where(last >= 0, values[last], 0.0) if len(values) else values
    return np.clip(filled, -(2**30), 2**30)
