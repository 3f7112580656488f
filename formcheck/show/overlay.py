"""The overlay: what a person sees on every picture, in the annotated video, the stills and the live window alike.

Sizes follow the picture's height, so that the words can be read from two metres whatever the resolution; panels stand
where the person is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from formcheck.judge.moment import Moment, Reading
from formcheck.judge.template import Template
from formcheck.show.angle import Angle
from formcheck.show.banner import Banner
from formcheck.show.canvas import Canvas
from formcheck.show.card import Card
from formcheck.show.joints import Joints
from formcheck.show.label import Label, Labeller
from formcheck.show.message import Prompter
from formcheck.show.palette import QUALITY, Colour
from formcheck.show.placement import Box, Presence
from formcheck.show.protractor import Protractor
from formcheck.show.skeleton import Points, Skeleton
from formcheck.show.stamp import Image, Stamp

SEEN = 0.3
"""Landmarks of less visibility are not drawn; the judge does not use them either."""

SMALLEST = 96
"""Pictures with a shorter side of fewer pixels have no room for words; they get the skeleton only."""

_MARGIN_SHARE = 0.028
_LINE_SHARE = 0.0075
_ANGLE_CAP_SHARE = 0.034


def line_width(size: tuple[int, int]) -> int:
    """Thickness in pixels of the skeleton's lines on pictures of (width, height)."""
    return max(2, round(_LINE_SHARE * _even(size)))


def label_cap(size: tuple[int, int]) -> int:
    """Cap height in pixels of the numbers at the joints on pictures of (width, height)."""
    return max(8, round(_ANGLE_CAP_SHARE * _even(size)))


def _even(size: tuple[int, int]) -> float:
    """Of a tall picture, what an upright person's size goes by."""
    width, height = size
    return min(height, 1.25 * width)


class Overlay:
    """Draws moments onto the pictures of one recording or camera, in the order of time.

    Args:
        template: the exercise that the moments are of.
        size: (width, height) of the pictures, which may differ from that of the poses.
        mirrored: the pictures are mirrored, as in a live preview; the poses never are.

    Example:
        >>> overlay = Overlay(session.template, frame.size)
        >>> overlay.draw(frame.image, session.update(pose))
    """

    def __init__(self, template: Template, size: tuple[int, int], *, mirrored: bool = False) -> None:
        self.size = size
        self._mirrored = mirrored
        width, height = size
        margin = max(2, round(_MARGIN_SHARE * min(width, height)))
        self._line = line_width(size)
        joints = Joints(template)
        self._skeleton = Skeleton(template, joints)
        self._presence = Presence(size)
        self._prompter = Prompter()
        self._card = Card(template, size, margin)
        self._banner = Banner(size, margin)
        cap = label_cap(size)
        drawn = {name: measure for name, measure in template.measures.items() if measure.label and measure.at}
        labels_at = Counter(measure.at for measure in drawn.values())
        self._protractors = {name: Protractor(measure, joints, self._line) for name, measure in drawn.items()}
        self._labellers = {
            name: Labeller(measure.arms is None or labels_at[measure.at] > 1, cap, self._line)
            for name, measure in drawn.items()
        }

    def draw(self, image: Image, moment: Moment, *, bgr: bool = False) -> None:
        """Draws a moment onto its picture, in place.

        Args:
            image: (height, width, 3) uint8 RGB, writable.
            moment: the judgement of this picture's pose.
            bgr: the picture is BGR instead.

        Raises:
            ValueError: if the picture does not have the size that the overlay was made for.
        """
        if image.shape != (self.size[1], self.size[0], 3) or image.dtype != np.uint8:
            raise ValueError(f"expected a uint8 picture of {self.size}, not {image.dtype} {image.shape}")
        canvas = Canvas(image, bgr=bgr)
        points = self._points(moment)
        readings = moment.readings
        judged = self._skeleton.judged(moment, readings)
        self._presence.update(moment.time, points, judged)
        angles = self._angles(moment, readings, points)
        labels, panels = self._words(moment, angles) if min(self.size) >= SMALLEST else ([], [])
        for angle in angles:
            angle.draw_band(canvas, self._line)
        for label in labels:
            label.draw_leader(canvas)
        colours: dict[int, Colour] = {
            angle.reading.at[0]: QUALITY[angle.reading.quality] for angle in angles if len(angle.reading.at) == 1
        }
        self._skeleton.draw(canvas, points, moment.pose.visibility, judged, colours, self._line)
        for angle in angles:
            angle.draw_arc(canvas, self._line)
        for label in labels:
            label.draw(canvas)
        for panel, box in panels:
            canvas.put(panel, box.x, box.y)
        if panels and moment.hold:
            self._card.draw_bar(canvas, panels[0][1], moment.hold)

    def _words(self, moment: Moment, angles: list[Angle]) -> tuple[list[Label], list[tuple[Stamp, Box]]]:
        """The numbers at the joints, and the panels: the card, and the message if there is one."""
        time = moment.time
        panels = [self._card.place(moment, self._presence)]
        message = self._prompter.update(moment)
        if message:
            panels.append(self._banner.place(message, time, panels[0][1], self._presence))
        boxes = [box for _, box in panels]
        labels: list[Label] = []
        for angle in angles:
            labeller = self._labellers[angle.reading.name]
            if angle.numbered:
                labels.append(labeller.place(time, angle, self._presence, boxes, labels, self.size))
            else:
                labeller.hide()
        return labels, panels

    def _points(self, moment: Moment) -> Points:
        """The pose in pixels of the picture; NaN where a landmark is not seen."""
        pose = moment.pose
        scale = np.divide(self.size, pose.size)
        points = np.where(pose.visibility[:, None] >= SEEN, pose.points * scale, np.nan)
        if self._mirrored:
            points[:, 0] = self.size[0] - 1 - points[:, 0]
        return points

    def _angles(self, moment: Moment, readings: Sequence[Reading], points: Points) -> list[Angle]:
        """The readings to draw: those that are seen, while the exercise is on."""
        on = moment.readiness.ready or moment.phase not in ("setup", "rest")
        angles = []
        for reading in readings:
            seen = reading.value == reading.value and reading.quality != "unseen"
            angle = self._protractors[reading.name].place(reading, moment, points) if on and seen else None
            if angle is None:
                self._labellers[reading.name].hide()
            else:
                angles.append(angle)
        return angles
