"""A skinned person: skeleton, skin and outfit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from samples.render.assets import BUN, EYE, SHELL, SKIN
from samples.render.centres import hip_centre
from samples.render.people import Person
from samples.render.rotation import Array, frame, unit
from samples.render.shape import asset, shape, vertex_normals

_ARM_BONES = ("upperarm", "lowerarm", "hand", "index", "middle", "ring", "pinky", "thumb")
PARTS: dict[str, tuple[str, ...]] = {
    "torso": ("pelvis", "spine", "clavicle", "neck"),
    "head": ("head",),
    "leg": ("thigh", "calf", "foot", "ball"),
    "foot": ("foot", "ball"),
    "shin": ("calf",),
    "thigh": ("thigh",),
    "arm": _ARM_BONES,
    "hand": _ARM_BONES[2:],
    "forearm": ("lowerarm",),
    "upperarm": ("upperarm",),
}
"""Body parts by the prefixes of their bones; limbs are named with their side, as in `left_foot`."""


class Body:
    """A skinned person in metres: y up, rest pose upright facing +z, +x is the person's left.

    Attributes:
        bones: bone names, parents before children; `index` gives a bone's number.
        rest: (bones, 3) joint positions in the rest pose.
        points: (n, 3) skin, clothing shell, eyes and hair in the rest pose.
        triangles: (m, 3) into `points`; the first `skin_triangles` are bare skin (the ones that cast shadows).
        part: (n,) what a point belongs to (SKIN, SHELL, EYE, ... of assets.py).
        arm_share: (n,) how far a point belongs to an arm, 0..1.
        scale: stature relative to 1.70 m, the unit in which motions are written.
        marks: landmark name to (bone, rest position) for points that are not joints.
    """

    def __init__(self, person: Person) -> None:
        self.person = person
        data = asset()
        self.bones: list[str] = data["bones"].tolist()
        self.index = {bone: i for i, bone in enumerate(self.bones)}
        self.parents: list[int] = data["parents"].tolist()
        self.skin_triangles = int(data["skin_triangles"])
        rows = shape(person)
        count = len(data["part"])
        self.points = rows[:count]
        self.rest = rows[count : count + len(self.bones)].copy()
        self.rest[self.index["Root"]] = 0.0
        self._move_hips(data["triangles"].astype(np.int64)[: self.skin_triangles])
        eye, head, mouth = rows[count + 2 * len(self.bones) :]
        self.part: NDArray[np.uint8] = data["part"].astype(np.uint8)
        self.triangles: NDArray[np.int64] = data["triangles"].astype(np.int64)
        self.weight_bone: NDArray[np.int64] = data["weight_bone"].astype(np.int64)
        self.weight: Array = data["weight"].astype(np.float64)
        self.weight /= self.weight.sum(1, keepdims=True)
        self.eye, self.head, self.mouth = eye, head, mouth
        self.scale = float(self.points[self.part == SKIN, 1].max()) / 1.70
        self.marks = self._find_marks()
        self._grow_hair()
        self._loosen_clothes()
        arm = np.array([bone.startswith(_ARM_BONES) for bone in self.bones])
        self.arm_share: Array = (self.weight * arm[self.weight_bone]).sum(1)
        self._strongest = self.weight_bone[:, 0]
        self.mesh_part = {name: self._points_of(name) for name in self._part_names()}
        self.limb = {limb: self._limb_lengths(*bones) for limb, bones in LIMB_BONES.items()}
        self.rest_frame = self._rest_frames()
        self.palm_depth = {side: self._palm_depth(side) for side in ("l", "r")}

    # ------------------------------------------------------------------ motion of bones and skin
    def forward(self, turns: dict[str, Array], root: Array) -> tuple[Array, Array]:
        """Place all bones.

        Args:
            turns: bone to its rotation in the world relative to rest; bones not named follow their parent.
            root: position of the pelvis bone, metres.

        Returns:
            (bones, 3, 3) rotations and (bones, 3) joint positions in the world.
        """
        rotations = np.empty((len(self.bones), 3, 3))
        positions = np.zeros((len(self.bones), 3))
        pelvis = self.index["pelvis"]
        for i, bone in enumerate(self.bones):
            parent = self.parents[i]
            if parent < 0:
                rotations[i] = turns["pelvis"]
                continue
            own = turns.get(bone)
            rotations[i] = rotations[parent] if own is None else own
            if i == pelvis:
                positions[i] = root
            else:
                positions[i] = positions[parent] + rotations[parent] @ (self.rest[i] - self.rest[parent])
        return rotations, positions

    def skin(self, rotations: Array, positions: Array, subset: NDArray[np.int64] | None = None) -> Array:
        """Skin points in the world by dual-quaternion blending: volume is kept where joints bend or twist."""
        quaternion = Rotation.from_matrix(rotations).as_quat()[:, [3, 0, 1, 2]]
        shift = positions - np.einsum("bij,bj->bi", rotations, self.rest)
        shift[0] = shift[self.index["pelvis"]]
        w, v = quaternion[:, :1], quaternion[:, 1:]
        dual = 0.5 * np.concatenate([-(shift * v).sum(1, keepdims=True), w * shift + np.cross(shift, v)], axis=1)
        both = np.concatenate([quaternion, dual], axis=1)
        index, weight, points = self.weight_bone, self.weight, self.points
        if subset is not None:
            index, weight, points = index[subset], weight[subset], points[subset]
        gathered = both[index]
        same_half = np.einsum("nkq,nq->nk", gathered[..., :4], gathered[:, 0, :4]) < 0
        blend = np.einsum("nk,nkq->nq", np.where(same_half, -weight, weight), gathered)
        blend /= np.linalg.norm(blend[:, :4], axis=1, keepdims=True)
        w0, v0, wd, vd = blend[:, :1], blend[:, 1:4], blend[:, 4:5], blend[:, 5:]
        turned = np.cross(v0, np.cross(v0, points) + w0 * points)
        return np.asarray(points + 2 * (turned + w0 * vd - wd * v0 + np.cross(v0, vd)))

    # ------------------------------------------------------------------ measures of the rest shape
    def _move_hips(self, skin: NDArray[np.int64]) -> None:
        """Put the hip pivots into the hip joints (centres.py says why)."""
        left, right, knee = (self.rest[self.index[bone]] for bone in ("thigh_l", "thigh_r", "calf_l"))
        left[:] = hip_centre(self.points, skin, left, knee)
        right[:] = left * [-1, 1, 1]

    def _part_names(self) -> list[str]:
        paired = [name for name in PARTS if name not in ("torso", "head")]
        return ["torso", "head", *(f"{side}_{name}" for side in ("left", "right") for name in paired)]

    def _points_of(self, name: str) -> NDArray[np.int64]:
        """Every fourth skin point of a body part: enough to find where it touches the floor."""
        side, _, part = name.rpartition("_")
        wanted = [
            i
            for i, bone in enumerate(self.bones)
            if bone.startswith(PARTS[part]) and (not side or bone.endswith("_" + side[0]))
        ]
        return np.flatnonzero(np.isin(self._strongest, wanted) & (self.part == SKIN))[::4]

    def _limb_lengths(self, first: str, middle: str, last: str) -> tuple[float, float]:
        a, b, c = (self.rest[self.index[bone]] for bone in (first, middle, last))
        return float(np.linalg.norm(b - a)), float(np.linalg.norm(c - b))

    def _rest_frames(self) -> dict[str, Array]:
        at = {bone: self.rest[i] for bone, i in self.index.items()}
        frames: dict[str, Array] = {}
        for s in ("l", "r"):
            frames[f"thigh_{s}"] = frame(at[f"calf_{s}"] - at[f"thigh_{s}"], [1, 0, 0])
            frames[f"calf_{s}"] = frame(at[f"foot_{s}"] - at[f"calf_{s}"], [1, 0, 0])
            upper = unit(at[f"lowerarm_{s}"] - at[f"upperarm_{s}"])
            lower = unit(at[f"hand_{s}"] - at[f"lowerarm_{s}"])
            hinge = np.cross(upper, lower)
            frames[f"upperarm_{s}"] = frame(upper, hinge)
            frames[f"lowerarm_{s}"] = frame(lower, hinge)
            fingers = at[f"middle_01_{s}"] - at[f"hand_{s}"]
            across = at[f"index_01_{s}"] - at[f"pinky_01_{s}"]
            back = np.cross(across, fingers) if s == "l" else np.cross(fingers, across)
            frames[f"hand_{s}"] = frame(fingers, back)
        return frames

    def _palm_depth(self, s: str) -> float:
        """How far the palm's skin lies below the wrist joint when the hand is flat on the floor."""
        side = "left" if s == "l" else "right"
        back = self.rest_frame[f"hand_{s}"][:, 1]
        depth = -(self.points[self.mesh_part[f"{side}_hand"]] - self.rest[self.index[f"hand_{s}"]]) @ back
        return float(np.percentile(depth, 97))

    def _find_marks(self) -> dict[str, tuple[int, Array]]:
        skin = np.flatnonzero(self.part == SKIN)
        strongest = self.weight_bone[skin, 0]
        marks: dict[str, tuple[int, Array]] = {}

        def extreme(name: str, bone: str, mask: NDArray[np.bool_], along: Array) -> None:
            chosen = skin[(strongest == self.index[bone]) & mask]
            marks[name] = (self.index[bone], self.points[chosen[np.argmax(self.points[chosen] @ along)]].copy())

        x, y, z = self.points[skin].T
        extreme("nose", "head", np.abs(x) < 0.012, np.array([0.0, 0, 1]))
        for side, s, sign in (("left", "l", 1.0), ("right", "r", -1.0)):
            near_eye = (np.abs(y - self.eye[1]) < 0.035) & (z < self.eye[2] - 0.05)
            extreme(f"{side}_ear", "head", near_eye, np.array([sign, 0, 0]))
            extreme(f"{side}_heel", f"foot_{s}", y < 0.05, np.array([0.0, 0, -1]))
            extreme(f"{side}_foot_index", f"ball_{s}", sign * x > 0, np.array([0.0, 0, 1]))
        return marks

    def landmarks(self, rotations: Array, positions: Array) -> dict[str, Array]:
        """Joint centres, nose, ears, heels and toe tips in the world, by BlazePose's landmark names."""
        found = {name: positions[self.index[bone]] for name, bone in JOINTS.items()}
        for name, (bone, place) in self.marks.items():
            found[name] = positions[bone] + rotations[bone] @ (place - self.rest[bone])
        return found

    # ------------------------------------------------------------------ looks
    def _grow_hair(self) -> None:
        """Push the scalp out a little and add a bun where the person wears one."""
        head = self.index["head"]
        scalp = (((self.weight_bone == head) * self.weight).sum(1) > 0.5) & (self.part == SKIN)
        away = self.points - self.head
        rise = np.clip((away[:, 1] - 0.9 * away[:, 2] - 0.055) / 0.04, 0, 1) * scalp
        self.points = self.points + (rise * 0.012)[:, None] * unit(away)
        if not self.person.bun:
            return
        rings = 14
        theta, phi = np.meshgrid(
            np.linspace(0, np.pi, rings), np.linspace(0, 2 * np.pi, rings, endpoint=False), indexing="ij"
        )
        ball = np.stack([np.sin(theta) * np.cos(phi), np.cos(theta), np.sin(theta) * np.sin(phi)], -1).reshape(-1, 3)
        crown = self.points[scalp]
        ball = np.array([0, crown[:, 1].max() - 0.075, crown[:, 2].min() - 0.012]) + ball * [0.040, 0.036, 0.034]
        first = len(self.points)
        faces = []
        for i in range(rings - 1):
            for j in range(rings):
                a, b = first + i * rings + j, first + i * rings + (j + 1) % rings
                faces += [[a, b, a + rings], [b, b + rings, a + rings]]
        self.points = np.concatenate([self.points, ball])
        self.triangles = np.concatenate([self.triangles, np.array(faces)])
        self.part = np.concatenate([self.part, np.full(len(ball), BUN, np.uint8)])
        self.weight_bone = np.concatenate([self.weight_bone, np.tile([head, 0, 0, 0], (len(ball), 1))])
        self.weight = np.concatenate([self.weight, np.tile([1.0, 0, 0, 0], (len(ball), 1))])

    def _loosen_clothes(self) -> None:
        """Move the clothing shell outwards: most at the hem of the shirt, the sleeves and the shorts."""
        loose = self.person.loose
        shell = self.part == SHELL
        if not loose:
            return
        waist = self.rest[self.index["spine_01"], 1] + 0.03
        chest = self.rest[self.index["spine_03"], 1] + 0.10
        crotch = self.rest[self.index["thigh_l"], 1] - 0.05
        y = self.points[:, 1]
        hang = np.clip((chest - y) / (chest - waist), 0.25, 1) * (y >= waist)
        if self.person.legs == "shorts":
            hang = hang + np.clip(0.35 + (crotch - y) / 0.15, 0.2, 1.0) * (y < waist)
        normals = vertex_normals(self.points, self.triangles)
        normals[:, 1] *= 0.2
        self.points = self.points + (loose * hang * shell)[:, None] * normals

    def cloth_limits(self) -> dict[str, float | tuple[float, ...]]:
        """Where clothes begin and end on the rest pose, for the shader (metres; `sleeve` in upper-arm lengths)."""
        at = {bone: self.rest[i] for bone, i in self.index.items()}
        person = self.person
        cuff = (
            at["foot_l"][1] + 0.04
            if person.legs == "leggings"
            else at["thigh_l"][1] - 0.30 * self.limb["leg_l"][0] - 0.06
        )
        return {
            "shoulder": tuple(map(float, at["upperarm_l"])),
            "elbow": tuple(map(float, at["lowerarm_l"])),
            "waist": float(at["spine_01"][1] + 0.03 - 1.5 * person.loose),
            "neckline": float(at["neck_01"][1] - 0.045),
            "sleeve": {"tshirt": 0.55, "tank": -0.05, "long": 1.75}[person.sleeve],
            "cuff": float(cuff),
            "ankle": float(at["foot_l"][1] + 0.025),
        }

    def irises(self) -> tuple[Array, Array]:
        """Front centre of the left and right eyeball in the rest pose."""
        eyes = self.points[self.part == EYE]
        found = [
            np.array([*ball.mean(0)[:2], ball[:, 2].max()]) for ball in (eyes[eyes[:, 0] > 0], eyes[eyes[:, 0] < 0])
        ]
        return found[0], found[1]


LIMB_BONES = {
    "leg_l": ("thigh_l", "calf_l", "foot_l"),
    "leg_r": ("thigh_r", "calf_r", "foot_r"),
    "arm_l": ("upperarm_l", "lowerarm_l", "hand_l"),
    "arm_r": ("upperarm_r", "lowerarm_r", "hand_r"),
}

JOINTS = {
    f"{side}_{joint}": f"{bone}_{side[0]}"
    for side in ("left", "right")
    for joint, bone in (
        ("shoulder", "upperarm"),
        ("elbow", "lowerarm"),
        ("wrist", "hand"),
        ("hip", "thigh"),
        ("knee", "calf"),
        ("ankle", "foot"),
    )
}
"""Landmark to the bone whose head it is."""
