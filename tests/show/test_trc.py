"""Files for OpenSim, Pose2Sim and pandas: read back as their formats say, with the angles of ``angles.csv``."""

from __future__ import annotations

import csv
import sys
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from disturbances import emptied
from motions import Lunge, Repeats
from numpy.typing import NDArray
from stick_figure import Camera, knee_angle

from formcheck import load_template
from formcheck.analysis import replay
from formcheck.errors import OutputError
from formcheck.pose import Pose
from formcheck.see.track import Track, TrackMeta
from formcheck.show.exports import Exports, chosen_exports
from formcheck.show.joint_angles import joint_angles
from formcheck.show.trc import MARKERS

MOTION = Lunge(sides=("left", "right"), lean=20.0).motion(Repeats(count=2))
POSES = emptied(MOTION.film(20), 2.0, 2.5)
COORDINATES = {
    "hip_flexion": "hip flexion",
    "knee_angle": "knee flexion",
    "ankle_angle": "ankle dorsiflexion",
    "arm_flex": "shoulder flexion",
    "elbow_flex": "elbow flexion",
}

Table = dict[tuple[str, str], NDArray[np.float64]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exports") / "out"
    track = Track(tuple(POSES), TrackMeta((1280, 720), "lunges.mp4"))
    replay(track, "lunge", out=out, exports=("trc", "mot", "csv"), height_m=1.80)
    return out


def from_csv(path: Path) -> Table:
    """Joint angles by name and side, in the order of time."""
    found: dict[tuple[str, str], list[float]] = {}
    with path.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            if " " in row["measure"]:
                value = float(row["value"]) if row["value"] else np.nan
                found.setdefault((row["measure"], row["side"]), []).append(value)
    return {key: np.array(values) for key, values in found.items()}


def read_mot(path: Path) -> tuple[NDArray[np.float64], Table]:
    """Times and columns, read strictly as the format is documented."""
    lines = path.read_text(encoding="utf-8").splitlines()
    end = lines.index("endheader")
    header = dict(line.split("=") for line in lines[1:end])
    assert header["version"] == "1"
    assert header["inDegrees"] == "yes"
    names = lines[end + 1].split("\t")
    rows = np.array([[float(cell) for cell in line.split("\t")] for line in lines[end + 2 :]])
    assert rows.shape == (int(header["nRows"]), int(header["nColumns"])) == (len(rows), len(names))
    assert names[0] == "time"
    sides = {"l": "left", "r": "right"}
    table = {(COORDINATES[n[:-2]], sides[n[-1]]): rows[:, i] for i, n in enumerate(names) if i}
    return rows[:, 0], table


def read_trc(path: Path) -> tuple[dict[str, str], NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Header, times, and (n, 3) of each marker, read strictly as the format is documented."""
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines[0].split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    header = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    names = lines[3].split("\t")
    assert names[:2] == ["Frame#", "Time"]
    markers = names[2::3]
    assert int(header["NumMarkers"]) == len(markers) == len(set(markers))
    axes = [f"{axis}{i}" for i in range(1, len(markers) + 1) for axis in "XYZ"]
    assert lines[4].split("\t") == ["", "", *axes]
    assert lines[5] == lines[-1] == ""
    rows = [line.split("\t") for line in lines[6:-1]]
    assert [row[0] for row in rows] == [str(i + 1) for i in range(int(header["NumFrames"]))]
    numbers = np.array([[float(cell) for cell in row[1:]] for row in rows])
    numbers = numbers.reshape(len(rows), 1 + len(axes))
    points = numbers[:, 1:].reshape(len(rows), len(markers), 3)
    return header, numbers[:, 0], {name: points[:, i] for i, name in enumerate(markers)}


def included(a: NDArray[np.float64], joint: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees between two limbs, by the cosine (the program takes the tangent)."""
    u, v = a - joint, b - joint
    cosine = (u * v).sum(1) / np.linalg.norm(u, axis=1) / np.linalg.norm(v, axis=1)
    degrees: NDArray[np.float64] = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return degrees


def same(a: NDArray[np.float64], b: NDArray[np.float64], within: float) -> None:
    assert np.array_equal(np.isnan(a), np.isnan(b))
    assert np.nanmax(np.abs(a - b)) <= within


def test_joint_angles_are_those_of_the_body() -> None:
    side_on = MOTION.film(10, Camera(distance=100_000.0))
    for i, pose in enumerate(side_on):
        angles = {(angle.name, side): degrees for angle, side, degrees, _ in joint_angles(pose)}
        for side in ("left", "right"):
            truth = 180.0 - knee_angle(MOTION.look(i / 10), side)
            assert angles["knee flexion", side] == pytest.approx(truth, abs=2.0)
    standing = {angle.name: degrees for angle, side, degrees, _ in joint_angles(side_on[0]) if side == "right"}
    assert standing["hip flexion"] == pytest.approx(0.0, abs=12.0)
    assert standing["ankle dorsiflexion"] == pytest.approx(0.0, abs=25.0)


def test_the_sign_of_every_joint_angle() -> None:
    """A right leg and arm, drawn by hand: everything bent by 30°, the foot pulled up by 20°."""
    points = np.full((33, 2), np.nan)
    down = np.array([0.0, 100.0])

    def turned(degrees: float) -> NDArray[np.float64]:
        """A limb, forward from hanging down."""
        return 100 * np.array([np.sin(np.radians(degrees)), np.cos(np.radians(degrees))])

    points[12], points[24] = (500, 100), (500, 300)  # trunk upright, looking to the right
    points[26] = points[24] + turned(30)  # thigh 30° forward
    points[28] = points[26] + down  # shank upright: knee bent by 30°
    points[32] = points[28] + 0.5 * turned(90 + 20)  # toes 20° up
    points[14] = points[12] + turned(30)
    points[16] = points[14] + turned(60)
    pose = Pose(0.0, points, np.full(33, 0.9), (1000, 800))
    found = {angle.name: degrees for angle, side, degrees, _ in joint_angles(pose) if side == "right"}
    expected = {
        "hip flexion": 30,
        "knee flexion": 30,
        "ankle dorsiflexion": 20,
        "shoulder flexion": 30,
        "elbow flexion": 30,
    }
    assert found == pytest.approx(expected)
    left = [degrees for _, side, degrees, _ in joint_angles(pose) if side == "left"]
    assert all(isnan(value) for value in left)


def test_the_motion_file_has_the_angles_of_the_table(folder: Path) -> None:
    times, table = read_mot(folder / "angles.mot")
    seen = np.array([pose.seen for pose in POSES])
    assert 0 < seen.sum() < len(POSES)
    assert times == pytest.approx([pose.time for pose in POSES if pose.seen], abs=1e-6)
    expected = from_csv(folder / "angles.csv")
    assert set(table) == set(expected)
    for key, values in table.items():
        same(values, expected[key][seen], 0.01)
        assert np.isnan(expected[key][~seen]).all()
    assert np.nanmax(table["knee flexion", "left"]) > 80


def test_the_markers_have_the_angles_of_the_table(folder: Path) -> None:
    header, times, markers = read_trc(folder / "markers.trc")
    assert header["Units"] == "m"
    assert float(header["DataRate"]) == pytest.approx(20.0, abs=1e-3)
    assert times == pytest.approx([pose.time for pose in POSES], abs=1e-6)
    expected = from_csv(folder / "angles.csv")
    for s, side in (("L", "left"), ("R", "right")):
        knee = 180 - included(markers[f"{s}Hip"], markers[f"{s}Knee"], markers[f"{s}Ankle"])
        same(knee, expected["knee flexion", side], 0.01)
        hip = 180 - included(markers[f"{s}Shoulder"], markers[f"{s}Hip"], markers[f"{s}Knee"])
        same(hip, expected["hip flexion", side], 0.01)
        ankle = 90 - included(markers[f"{s}Knee"], markers[f"{s}Ankle"], markers[f"{s}BigToe"])
        same(ankle, expected["ankle dorsiflexion", side], 0.01)


def test_markers_stand_upright_in_metres_in_one_plane(folder: Path) -> None:
    _, _, markers = read_trc(folder / "markers.trc")
    assert set(markers) == set(MARKERS)
    assert markers["Nose"][0, 1] > markers["RHip"][0, 1] > markers["RAnkle"][0, 1] > 0
    depth = np.concatenate([points[:, 2] for points in markers.values()])
    assert set(depth[~np.isnan(depth)].tolist()) == {0.0}
    leg = np.linalg.norm(markers["RHip"] - markers["RKnee"], axis=1) + np.linalg.norm(
        markers["RKnee"] - markers["RAnkle"], axis=1
    )
    assert np.nanpercentile(leg, 90) == pytest.approx(0.491 * 1.80, rel=0.08)


def test_a_table_in_parquet_is_the_table_in_csv(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra 'parquet' is not installed")
    track = Track(tuple(POSES), TrackMeta((1280, 720), "lunges.mp4"))
    replay(track, "lunge", out=tmp_path / "out", exports=("parquet",))
    table = parquet.read_table(tmp_path / "out" / "angles.parquet")
    with (tmp_path / "out" / "angles.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.reader(text))
    assert table.column_names == rows[0]
    assert table.num_rows == len(rows) - 1 > 1000
    for name, column in zip(rows[0], zip(*rows[1:], strict=True), strict=True):
        values = table[name].to_pylist()
        if name in ("time_s", "value", "confidence", "in_position"):
            assert values == [float(cell) if cell else None for cell in column], name
        else:
            assert [value or "" for value in values] == list(column), name


def test_without_pyarrow_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    track = Track(tuple(POSES[:5]), TrackMeta((1280, 720), "lunges.mp4"))
    with pytest.raises(OutputError, match=r"pip install 'formcheck\[parquet\]'"):
        replay(track, "lunge", out=tmp_path / "out", exports=("parquet",))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "names"), [("trc, .MOT", ("trc", "mot")), ("csv,csv,json", ("csv", "json")), ("", ()), (None, ())]
)
def test_exports_are_chosen_by_name(text: str | None, names: tuple[str, ...]) -> None:
    assert chosen_exports(text) == names


def test_an_unknown_export_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no export c3d\. There are: trc, mot, parquet, csv, json"):
        chosen_exports("trc,c3d")
    with pytest.raises(ValueError, match="no export c3d"):
        replay(Track(tuple(POSES[:5]), TrackMeta((1280, 720), "x")), "lunge", out=tmp_path / "o", exports=("c3d",))
    assert list(tmp_path.iterdir()) == []


def test_a_set_without_a_pose_still_gives_readable_files(tmp_path: Path) -> None:
    replay(Track((), TrackMeta((640, 480), "empty.mp4")), "lunge", out=tmp_path / "out", exports=("trc", "mot"))
    header, times, markers = read_trc(tmp_path / "out" / "markers.trc")
    assert header["NumFrames"] == "0"
    assert len(times) == 0
    assert len(markers) == len(MARKERS)


def test_files_of_an_export_that_broke_off_are_not_left(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Exports(("trc", "mot"), load_template("lunge"), tmp_path):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_opensim_reads_both_files(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # it leaves a log where it runs
    opensim = pytest.importorskip("opensim", reason="the package 'opensim' is not installed")
    motion = opensim.TimeSeriesTable(str(folder / "angles.mot"))
    assert motion.getNumRows() == sum(pose.seen for pose in POSES)
    _, table = read_mot(folder / "angles.mot")
    sides = {"l": "left", "r": "right"}
    for i, name in enumerate(motion.getColumnLabels()):
        same(motion.getMatrix().to_numpy()[:, i], table[COORDINATES[name[:-2]], sides[name[-1]]], 1e-6)
    storage = opensim.Storage(str(folder / "angles.mot"))
    assert storage.isInDegrees()
    assert storage.getSize() == motion.getNumRows()
    seen = opensim.TimeSeriesTableVec3(str(folder / "markers.trc"))
    assert list(seen.getColumnLabels()) == list(MARKERS)
    assert seen.getNumRows() == len(POSES)
    assert seen.getTableMetaDataString("Units") == "m"
