"""One person who does one exercise: key poses solved for their body, with or without faults, on either side."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from samples.render.body import Body
from samples.render.errors import RenderError
from samples.render.measures import MEASURES, Sight, joint_angles
from samples.render.motion import FaultChoice, Motion
from samples.render.poser import Poser
from samples.render.posespec import KeyPose, change_at, merged, mirrored, value_at
from samples.render.posture import Posture
from samples.render.rotation import Array
from samples.render.solve import landmarks_of, solved_pose


class Actor:
    """Solves the key poses of a motion for one body.

    Args:
        body: whose body.
        motion: which exercise.
    """

    def __init__(self, body: Body, motion: Motion) -> None:
        self.body = body
        self.motion = motion
        self.poser = Poser(body)
        self._solved: dict[str, dict[str, Posture]] = {}
        self._specs: dict[str, dict[str, dict[str, Any]]] = {}
        self._used = used_poses(motion)
        self._views = {fault.measure: fault.view for fault in motion.faults.values() if fault.view is not None}

    def postures(self, side: str, faults: Iterable[FaultChoice] = ()) -> dict[str, Posture]:
        """All key poses by name for a working side and a set of faults.

        Raises:
            RenderError: a fault is unknown, or a pose cannot be reached by this body.
        """
        chosen = tuple(faults)
        key = json.dumps([side, sorted(map(str, chosen))])
        if key not in self._solved:
            self._solved[key] = self._solve(side, chosen)
        return self._solved[key]

    def azimuth(self, side: str, name: str) -> float:
        """Azimuth of the picture plane in which a measure is taken."""
        view = self.motion.view
        azimuth = view.azimuth if view.measure is None else view.measure
        azimuth = self._views.get(name, azimuth)
        return azimuth if side == "left" else -azimuth

    def read(self, name: str, posture: Posture, side: str, base: Posture | None = None) -> float:
        """An exact measure of a posture.

        Args:
            name: of measures.py; or `floor.<part>`, the height of the part's lowest point in metres; or
                `true.<joint>`, an angle in space.
            posture: what to measure.
            side: working side.
            base: the start position, for measures that count from it.
        """
        if name.startswith("floor."):
            return self.poser.lowest(posture, (name.removeprefix("floor."),))
        joints = self.landmarks(posture)
        if name.startswith("true."):
            return joint_angles(joints)[name.removeprefix("true.")]
        azimuth = self.azimuth(side, name)
        rest = Sight(self.landmarks(base), azimuth, side) if base else None
        return MEASURES[name](Sight(joints, azimuth, side, rest))

    def landmarks(self, posture: Posture) -> dict[str, Array]:
        """World positions of joints and marks."""
        return landmarks_of(self.body, self.poser, posture)

    def _solve(self, side: str, faults: tuple[FaultChoice, ...]) -> dict[str, Posture]:
        key = ",".join(sorted(map(str, faults)))
        if key not in self._specs:
            self._specs[key] = self._solved_specs(self._changed_poses(faults))
        flip = side == "right"
        return {
            name: self.poser.posture(KeyPose.model_validate(mirrored(pose) if flip else pose))
            for name, pose in self._specs[key].items()
        }

    def _solved_specs(self, poses: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """All poses with their knobs found, for a left working side; the mirrored body is the same."""
        specs: dict[str, dict[str, Any]] = {}
        start = self.motion.start

        def solved(pose: dict[str, Any], base: Posture | None) -> dict[str, Any]:
            return solved_pose(self.poser, pose, lambda name, posture: self.read(name, posture, "left", base))[0]

        def solve(name: str) -> None:
            if name in specs:
                return
            pose = poses[name]
            for source, paths in pose.get("take", {}).items():
                solve(source)
                for path in paths:
                    pose = change_at(pose, path, value_at(specs[source], path))
            try:
                base = None
                if name != start:
                    if name in poses[start].get(
                        "take", {}
                    ):  # the start takes its feet from here: measure from its draft
                        draft = solved(poses[start], None)
                    else:
                        solve(start)
                        draft = specs[start]
                    base = self.poser.posture(KeyPose.model_validate(draft))
                specs[name] = solved(pose, base)
            except RenderError as error:
                raise RenderError(f"{self.motion.id}, pose {name}, {self.body.person.about}: {error}") from error

        for name in poses.keys() & self._used:
            solve(name)
        return specs

    def _changed_poses(self, faults: tuple[FaultChoice, ...]) -> dict[str, dict[str, Any]]:
        """The motion's poses with the faults' targets and changes laid over them."""
        poses = dict(self.motion.poses)
        for choice in faults:
            fault = self.motion.faults.get(choice.name)
            if fault is None or choice.name in self.motion.without:
                known = ", ".join(name for name in self.motion.faults if name not in self.motion.without) or "none"
                raise RenderError(f"{self.motion.id} has no fault {choice.name!r}; it has: {known}")
            level = fault.level(choice.severity)
            for name, change in level.poses.items():
                poses[name] = merged(poses[name], change)
            if level.targets:
                pose = poses[fault.pose]
                targets = {**pose.get("solve", {}).get("targets", {}), **level.targets}
                kept = {name: value for name, value in targets.items() if name not in level.drop}
                poses[fault.pose] = {**pose, "solve": {**pose.get("solve", {}), "targets": kept}}
        return poses


def used_poses(motion: Motion) -> set[str]:
    """Names of the poses that a motion goes through; the others are only there to build on."""
    steps = [*motion.before, *motion.after, *((name, seconds) for name, seconds, _ in motion.cycle)]
    if motion.repetition:
        steps += [*motion.repetition.out, *motion.repetition.back]
    if motion.holding:
        steps += [*motion.holding.into, *motion.holding.out, (motion.holding.pose, 0.0)]
    for fault in motion.faults.values():
        steps += [*fault.mild.rest, *fault.clear.rest]
    return {motion.start, "stand"} | {name.lstrip("~") for name, _ in steps}
