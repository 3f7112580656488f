"""From the written key pose to bone rotations, and from one posture to the next.

Hands and feet that touch the floor (or hold another part of the body) are placed by inverse kinematics, in key poses
and in every frame between two of them: what is planted stays where it is, whatever the body's lengths.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from samples.render.body import Body
from samples.render.limbs import arm_directions, leg_directions, two_bones, within_reach
from samples.render.posespec import Arm, KeyPose, Leg
from samples.render.posture import Hold, Posture, compose, decompose
from samples.render.rotation import Array, Vector, X, Y, Z, between, body_axes, frame, tilted, turn, unit

BASES = {
    "standing": np.eye(3),
    "supine": body_axes(-Z, Y),
    "prone": body_axes(-Z, -Y),
    "left_side_up": body_axes(-Z, -X),
    "right_side_up": body_axes(-Z, X),
}

LIFT = 0.055
"""How high a foot or hand is lifted when it steps from one place on the floor to another, metres for 1.70 m."""


class Poser:
    """Turns key poses into postures of one body."""

    def __init__(self, body: Body) -> None:
        self.body = body
        at = {bone: body.rest[i] for bone, i in body.index.items()}
        self._ball = {s: at[f"ball_{s}"] - at[f"foot_{s}"] for s in "lr"}
        self._sole = {s: at[f"foot_{s}"][1] for s in "lr"}
        self._elbow_depth = 0.042 * body.scale
        self._shortfall = 0.0
        self._knee_depth = 0.058 * body.scale

    # ------------------------------------------------------------------ key poses
    def posture(self, pose: KeyPose) -> Posture:
        """Solve one key pose, and let the parts named in `rest` touch the floor."""
        solved = self._place(pose, 0.0)
        if not pose.rest:
            return solved
        height = 0.0
        for _ in range(3):
            height -= self.lowest(solved, pose.rest) + pose.sink * self.body.scale
            solved = self._place(pose, height)
        return solved

    def lowest(self, posture: Posture, parts: tuple[str, ...]) -> float:
        """Height of the lowest skin point of some body parts above the floor, metres."""
        rotations, positions = self.world(posture)
        subset = np.concatenate([self.body.mesh_part[part] for part in parts])
        return float(self.body.skin(rotations, positions, subset)[:, 1].min())

    def world(self, posture: Posture) -> tuple[Array, Array]:
        """(bones, 3, 3) rotations and (bones, 3) joint positions in the world."""
        return compose(self.body, posture.local, posture.root)

    def _place(self, pose: KeyPose, raise_by: float) -> Posture:
        body, scale = self.body, self.body.scale
        base = BASES[pose.base]
        pelvis = tilted(base, *pose.pelvis)
        chest = tilted(base, *pose.chest) if pose.chest else pelvis
        head = tilted(base, *pose.head) if pose.head else chest
        turns = {"pelvis": pelvis, "neck_01": between(chest, head, pose.neck), "head": head}
        for i, bone in enumerate(("spine_01", "spine_02", "spine_03")):
            turns[bone] = between(pelvis, chest, (i + 1) / 3)
        _, positions = body.forward(turns, np.zeros(3))
        anchor = "hips" if pose.hips else "shoulders"
        place = np.asarray(pose.hips or pose.shoulders, dtype=np.float64) * scale + [0, raise_by, 0]
        root = place - self.middle(positions, anchor)
        holds: dict[str, Hold] = {}
        self._shortfall = 0.0
        limbs = ("left_leg", "right_leg", "left_arm", "right_arm")
        for name in sorted(limbs, key=lambda name: (_depends_on_limb(getattr(pose, name)), "arm" in name)):
            spec: Leg | Arm = getattr(pose, name)
            s = name[0]
            rotations, positions = body.forward(turns, root)
            if isinstance(spec, Leg):
                hold = self._leg(spec, s, base, turns, rotations, positions)
                limb = f"leg_{s}"
            else:
                hold = self._arm(spec, s, base, turns, rotations, positions)
                limb = f"arm_{s}"
            if hold:
                holds[limb] = hold
        rotations, _ = body.forward(turns, root)
        return Posture(root, decompose(body, rotations), holds, anchor, self._shortfall)

    def middle(self, positions: Array, anchor: str) -> Array:
        """Middle of the two hip or shoulder joints."""
        bone = "thigh" if anchor == "hips" else "upperarm"
        return np.asarray((positions[self.body.index[f"{bone}_l"]] + positions[self.body.index[f"{bone}_r"]]) / 2)

    def _leg(
        self, spec: Leg, s: str, base: Array, turns: dict[str, Array], rotations: Array, positions: Array
    ) -> Hold | None:
        scale, sign = self.body.scale, 1.0 if s == "l" else -1.0
        pole = base @ np.asarray(spec.knee_to)
        if spec.flex is not None:
            thigh, shin, hinge = leg_directions(spec, base, sign)
            self._set_leg(turns, s, thigh, shin, hinge)
            turns[f"foot_{s}"] = turns[f"calf_{s}"] @ turn(X, spec.point)
            return None
        heading = turn(Y, sign * spec.heading)
        if spec.sole is not None:
            x, z = np.asarray(spec.sole) * scale
            ankle = np.array([x, self._sole[s], z])
            hold = Hold("foot", "floor", ankle + heading @ self._ball[s], heading, pole, heading)
        elif spec.toes is not None:
            x, z = np.asarray(spec.toes) * scale
            flat = heading if base is BASES["standing"] else turn(Y, 180.0 + sign * spec.heading)
            point = np.array([x, self._sole[s], z]) + flat @ self._ball[s]
            hold = Hold("foot", "floor", point, flat @ turn(X, spec.heel), pole, flat)
        elif spec.kneel is not None:
            x, z = np.asarray(spec.kneel) * scale
            behind = heading @ (-Z if base is BASES["standing"] else Z)
            shin = frame(behind, base @ X) @ self.body.rest_frame[f"calf_{s}"].T
            hold = Hold("knee", "floor", np.array([x, self._knee_depth, z]), shin, pole)
        else:
            assert spec.ankle is not None
            hold = Hold("point", spec.of, self._in_units(spec.of, spec.ankle), None, pole)
        self._hold(turns, f"leg_{s}", hold, rotations, positions, point=spec.point)
        return hold

    def _arm(
        self, spec: Arm, s: str, base: Array, turns: dict[str, Array], rotations: Array, positions: Array
    ) -> Hold | None:
        body, scale, sign = self.body, self.body.scale, 1.0 if s == "l" else -1.0
        pole = base @ np.asarray(spec.elbow_to)
        if spec.raised is not None:
            chest = rotations[body.index["spine_03"]]
            upper, lower, hinge = arm_directions(spec, chest, sign)
            self._set_arm(turns, s, upper, lower, hinge)
            if spec.fingers and spec.back:
                turns[f"hand_{s}"] = self._hand(s, chest @ np.asarray(spec.fingers), chest @ np.asarray(spec.back))
            return None
        ahead = Z if base is BASES["standing"] or base is BASES["supine"] else -Z
        fingers = turn(Y, sign * spec.heading) @ ahead
        if spec.palm is not None:
            x, z = np.asarray(spec.palm) * scale
            point = np.array([x, body.palm_depth[s], z])
            hold = Hold("palm", "floor", point, self._hand(s, fingers, Y), pole)
        elif spec.forearm is not None:
            x, z = np.asarray(spec.forearm) * scale
            point = np.array([x, self._elbow_depth, z])
            hold = Hold("elbow", "floor", point, self._hand(s, fingers, Y), unit(np.cross(-Y, fingers)))
        else:
            assert spec.wrist is not None
            turned = None
            if spec.fingers and spec.back:
                turned = self._hand(s, np.asarray(spec.fingers), np.asarray(spec.back))
            hold = Hold("point", spec.of, self._in_units(spec.of, spec.wrist), turned, pole)
        self._hold(turns, f"arm_{s}", hold, rotations, positions)
        return hold

    def _hand(self, s: str, fingers: Array, back: Array) -> Array:
        return np.asarray(frame(fingers, back) @ self.body.rest_frame[f"hand_{s}"].T)

    def _in_units(self, of: str, point: Vector) -> Array:
        """Metres in the frame: a point along a thigh or shin is given as a share of its length."""
        x, y, z = np.asarray(point, dtype=np.float64) * self.body.scale
        if of.endswith(("thigh", "shin")):
            y = point[1] * self.body.limb[f"leg_{of[0]}"][0 if of.endswith("thigh") else 1]
        return np.array([x, y, z])

    # ------------------------------------------------------------------ placing limbs
    def frame_of(self, of: str, rotations: Array, positions: Array) -> tuple[Array, Array]:
        """Axes and origin of a named frame. Thigh and shin: y along the bone, z towards its front."""
        index = self.body.index
        if of == "floor":
            return np.eye(3), np.zeros(3)
        if of == "pelvis":
            return rotations[index["pelvis"]], self.middle(positions, "hips")
        if of == "chest":
            return rotations[index["spine_03"]], self.middle(positions, "shoulders")
        if of == "head":
            return rotations[index["head"]], positions[index["head"]]
        side, part = of.split("_")
        bone, end = ("thigh", "calf") if part == "thigh" else ("calf", "foot")
        start = positions[index[f"{bone}_{side[0]}"]]
        along = unit(positions[index[f"{end}_{side[0]}"]] - start)
        front = rotations[index[f"{bone}_{side[0]}"]] @ Z
        axes = frame(along, front)
        return np.stack([np.cross(axes[:, 0], axes[:, 1]), axes[:, 0], axes[:, 1]], axis=1), start

    def _hold(
        self,
        turns: dict[str, Array],
        limb: str,
        hold: Hold,
        rotations: Array,
        positions: Array,
        *,
        point: float = 0.0,
        foot: Array | None = None,
    ) -> None:
        """Set a limb's bones so that its end meets `hold`, given the rest of the body."""
        s = limb[-1]
        axes, origin = self.frame_of(hold.of, rotations, positions)
        place = origin + axes @ hold.point
        turned = None if hold.turned is None else axes @ hold.turned
        first, second = self.body.limb[limb]
        start = positions[self.body.index[f"thigh_{s}" if limb.startswith("leg") else f"upperarm_{s}"]]
        if hold.kind not in ("knee", "elbow"):
            end = place - turned @ self._ball[s] if hold.kind == "foot" and turned is not None else place
            wanted = float(np.linalg.norm(end - start))
            self._shortfall += max(0.0, wanted - within_reach(wanted, first + second))
        if hold.kind == "foot":
            assert turned is not None
            assert hold.toes is not None
            knee, ankle, hinge = two_bones(start, place - turned @ self._ball[s], first, second, hold.pole)
            self._set_leg(turns, s, knee - start, ankle - knee, hinge)
            turns[f"foot_{s}"], turns[f"ball_{s}"] = turned, axes @ hold.toes
        elif hold.kind == "knee":
            assert turned is not None
            thigh = unit(place - start)
            shin = turned @ self.body.rest_frame[f"calf_{s}"][:, 0]
            self._set_leg(turns, s, thigh, shin, turned @ self.body.rest_frame[f"calf_{s}"][:, 1])
            turns[f"foot_{s}"] = turns[f"calf_{s}"] @ (foot if foot is not None else turn(X, point))
        elif hold.kind == "elbow":
            assert turned is not None
            upper = unit(place - start)
            elbow = start + upper * first
            fingers = turned @ self.body.rest_frame[f"hand_{s}"][:, 0]
            wrist = elbow + fingers * second
            wrist[1] = self.body.palm_depth[s]
            self._set_arm(turns, s, upper, wrist - elbow, hold.pole)
            turns[f"hand_{s}"] = turned
        elif limb.startswith("leg"):
            knee, ankle, hinge = two_bones(start, place, first, second, hold.pole)
            self._set_leg(turns, s, knee - start, ankle - knee, hinge)
            turns[f"foot_{s}"] = turns[f"calf_{s}"] @ (foot if foot is not None else turn(X, point))
        else:
            elbow, wrist, hinge = two_bones(start, place, first, second, hold.pole)
            self._set_arm(turns, s, elbow - start, wrist - elbow, hinge)
            if turned is not None:
                self._turn_hand(turns, s, turned)

    def _set_leg(self, turns: dict[str, Array], s: str, thigh: Array, shin: Array, hinge: Array) -> None:
        turns[f"thigh_{s}"] = frame(thigh, hinge) @ self.body.rest_frame[f"thigh_{s}"].T
        turns[f"calf_{s}"] = frame(shin, hinge) @ self.body.rest_frame[f"calf_{s}"].T
        turns.pop(f"ball_{s}", None)

    def _set_arm(self, turns: dict[str, Array], s: str, upper: Array, lower: Array, hinge: Array) -> None:
        turns[f"upperarm_{s}"] = frame(upper, hinge) @ self.body.rest_frame[f"upperarm_{s}"].T
        turns[f"lowerarm_{s}"] = frame(lower, hinge) @ self.body.rest_frame[f"lowerarm_{s}"].T
        turns.pop(f"hand_{s}", None)

    def _turn_hand(self, turns: dict[str, Array], s: str, turned: Array) -> None:
        """Turn the hand; the forearm takes over a part of the twist, as radius and ulna do."""
        lower = turns[f"lowerarm_{s}"]
        axis = self.body.rest_frame[f"lowerarm_{s}"][:, 0]
        x, y, z, w = Rotation.from_matrix(lower.T @ turned).as_quat()
        twist = 2 * np.arctan2(np.dot([x, y, z], axis), w)
        twist = (twist + np.pi) % (2 * np.pi) - np.pi
        turns[f"lowerarm_{s}"] = lower @ turn(axis, float(np.degrees(0.55 * twist)))
        turns[f"hand_{s}"] = turned

    # ------------------------------------------------------------------ between two postures
    def blend(self, first: Posture, second: Posture, share: float) -> Posture:
        """The posture on the way from one to the next (`share` 0..1): joints turn, the anchor moves straight, and
        hands and feet that are held in both stay on (or step to) their places."""
        body = self.body
        local = between(first.local, second.local, share)
        rotations, positions = compose(body, local, np.zeros(3))
        anchor = "shoulders" if first.anchor == second.anchor == "shoulders" else "hips"
        ends = [self.middle(self.world(posture)[1], anchor) for posture in (first, second)]
        root = ends[0] + (ends[1] - ends[0]) * share - self.middle(positions, anchor)
        positions = positions + root
        holds: dict[str, Hold] = {}
        held = [limb for limb in first.holds if limb in second.holds and _alike(first.holds[limb], second.holds[limb])]
        turns = {bone: rotations[i] for bone, i in body.index.items() if not bone.startswith(FINGERS)}
        for limb in sorted(held, key=lambda name: first.holds[name].of.endswith(("thigh", "shin"))):
            a, b = first.holds[limb], second.holds[limb]
            holds[limb] = self._between_holds(a, b, share)
            foot = None
            s = limb[-1]
            if limb.startswith("leg") and a.kind != "foot":
                foot = rotations[body.index[f"calf_{s}"]].T @ rotations[body.index[f"foot_{s}"]]
            self._hold(turns, limb, holds[limb], rotations, positions, foot=foot)
            rotations, positions = body.forward(turns, root)
        return Posture(root, decompose(body, rotations), holds, anchor)

    def swayed(self, posture: Posture, shift: Vector, nod: Array) -> Posture:
        """The posture with the trunk moved by `shift` metres and the head turned by `nod`; what is held stays held."""
        body = self.body
        local = posture.local.copy()
        for bone in ("neck_01", "head"):
            local[body.index[bone]] = local[body.index[bone]] @ nod
        root = posture.root + np.asarray(shift)
        rotations, positions = compose(body, local, root)
        turns = {bone: rotations[i] for bone, i in body.index.items() if not bone.startswith(FINGERS)}
        for limb in sorted(posture.holds, key=lambda name: posture.holds[name].of.endswith(("thigh", "shin"))):
            s = limb[-1]
            foot = None
            if limb.startswith("leg") and posture.holds[limb].kind != "foot":
                foot = rotations[body.index[f"calf_{s}"]].T @ rotations[body.index[f"foot_{s}"]]
            self._hold(turns, limb, posture.holds[limb], rotations, positions, foot=foot)
            rotations, positions = body.forward(turns, root)
        return replace(posture, root=root, local=decompose(body, rotations))

    def _between_holds(self, a: Hold, b: Hold, share: float) -> Hold:
        point = a.point + (b.point - a.point) * share
        if a.of == "floor":
            step = float(np.linalg.norm((b.point - a.point)[[0, 2]]))
            if step > 0.04:
                point = point + Y * np.sin(np.pi * share) * min(LIFT, 0.35 * step) * self.body.scale
        turned = between(a.turned, b.turned, share) if a.turned is not None and b.turned is not None else a.turned
        toes = between(a.toes, b.toes, share) if a.toes is not None and b.toes is not None else None
        return Hold(a.kind, a.of, point, turned, a.pole + (b.pole - a.pole) * share, toes)


FINGERS = ("index", "middle", "ring", "pinky", "thumb")


def _alike(a: Hold, b: Hold) -> bool:
    return a.kind == b.kind and a.of == b.of and (a.turned is None) == (b.turned is None)


def _depends_on_limb(spec: Any) -> bool:
    return bool(spec.of.endswith(("thigh", "shin")))
