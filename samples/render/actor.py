"""One person who does one exercise: key poses solved for their body, with or without faults, on either side."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from samples.render.body import Body
from samples.render.errors import RenderError
from samples.render.measures import Sight
from samples.render.motion import FaultChoice, Motion
from samples.render.posespec import KeyPose, change_at, merged, mirrored, value_at
from samples.render.posture import Poser, Posture
from samples.render.solve import Look, landmarks_of, solved_pose


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

    def measure_azimuth(self, side: str) -> float:
        """Azimuth of the picture plane in which the measures are taken."""
        view = self.motion.view
        azimuth = view.azimuth if view.measure is None else view.measure
        return azimuth if side == "left" else -azimuth

    def sight(self, posture: Posture, side: str, base: Sight | None = None, view: float | None = None) -> Sight:
        """The posture as the measures see it."""
        azimuth = self.measure_azimuth(side) if view is None else (view if side == "left" else -view)
        return Sight(landmarks_of(self.body, self.poser, posture), azimuth, side, base)

    def _solve(self, side: str, faults: tuple[FaultChoice, ...]) -> dict[str, Posture]:
        poses = self._changed_poses(faults)
        specs: dict[str, dict[str, Any]] = {}
        found: dict[str, Posture] = {}

        def spec(name: str) -> dict[str, Any]:
            """The pose, written for a left working side, with what it takes from other poses."""
            pose = poses[name]
            for source, paths in pose.get("take", {}).items():
                solve(source)
                for path in paths:
                    pose = change_at(pose, path, value_at(specs[source], path))
            return pose

        def solve(name: str) -> None:
            """Solve for a left working side; the mirrored body is symmetric, so the numbers fit both sides."""
            if name in specs:
                return
            pose = spec(name)
            start = self.motion.start
            base = None
            if name != start and not _reaches(poses, start, name):
                solve(start)
                base = self.sight(self.poser.posture(KeyPose.model_validate(specs[start])), "left")
            fault_view = next(
                (self.motion.faults[fault.name].view for fault in faults if self.motion.faults[fault.name].view), None
            )

            def look(posture: Posture) -> Sight:
                wanted = pose.get("solve", {}).get("targets", {})
                view = fault_view if any(target.startswith("knee_ins") or target == "knee_in" for target in wanted) else None
                if view is None:
                    return self.sight(posture, "left", base)
                return self.sight(posture, "left", base, view)

            try:
                specs[name], _ = solved_pose(self.poser, pose, look)
            except RenderError as error:
                raise RenderError(f"{self.motion.id}, pose {name}, body {self.body.person.about!r}: {error}") from error

        for name in poses:
            solve(name)
        for name, pose in specs.items():
            written = pose if side == "left" else mirrored(pose)
            found[name] = self.poser.posture(KeyPose.model_validate(written))
        return found

    def _changed_poses(self, faults: tuple[FaultChoice, ...]) -> dict[str, dict[str, Any]]:
        """The motion's poses with the faults' targets and changes laid over them."""
        poses = dict(self.motion.poses)
        for choice in faults:
            fault = self.motion.faults.get(choice.name)
            if fault is None:
                known = ", ".join(self.motion.faults) or "none"
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


def _reaches(poses: dict[str, dict[str, Any]], start: str, name: str) -> bool:
    """Whether the start pose takes numbers from `name` (then it cannot be that pose's base)."""
    return name in poses[start].get("take", {})
