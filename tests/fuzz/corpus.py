"""Files to begin with: parts of the shipped samples, small recordings of every common kind, tracks, tables, histories.

`make_corpus` writes them into a folder, one folder a kind. What is in ``awkward/`` beside this file is added: tiny
files that were trouble once, or are a special case of their format.
"""

from __future__ import annotations

import json
import shutil
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import clips
import cv2
import numpy as np
from filmed import BRIDGES, CAMERA, PLANK
from fuzz.containers import chunk
from kept import keep, lunges, plank

from formcheck.analysis import replay
from formcheck.catalog import exercise_files
from formcheck.history.store import History
from formcheck.pose import Pose
from formcheck.routine import runs
from formcheck.routine.catalog import routine_files
from formcheck.see.journal import Journal
from formcheck.see.track import TrackMeta, save_track

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples" / "clips"
AWKWARD = Path(__file__).parent / "awkward"

_CODECS = (
    *(("mp4", "libx264", "yuv420p"), ("mov", "mjpeg", "yuvj420p"), ("mkv", "libx264", "yuv444p")),
    *(
        ("avi", "mpeg4", "yuv420p"),
        ("gif", "gif", "rgb8"),
        ("ts", "mpeg2video", "yuv420p"),
        ("m1v", "mpeg1video", "yuv420p"),
    ),
    *(("webm", "libvpx", "yuv420p"), ("flv", "flv1", "yuv420p"), ("wmv", "wmv2", "yuv420p"), ("mkv", "ffv1", "bgra")),
    *(
        ("mov", "png", "rgba"),
        ("h264", "libx264", "yuv420p"),
        ("mp4", "libx265", "yuv420p"),
        ("mp4", "libsvtav1", "yuv420p"),
    ),
    *(
        ("apng", "apng", "rgb24"),
        ("nut", "huffyuv", "yuv422p"),
        ("3gp", "h263", "yuv420p"),
        ("y4m", "wrapped_avframe", "yuv420p"),
    ),
)


def make_corpus(folder: Path) -> None:
    """Writes everything to begin with."""
    for make in (_videos, _images, _texts, _tracks, _histories):
        make(folder)
    for path in sorted(AWKWARD.rglob("*")):
        if path.is_file():
            _place(folder, path.parent.name, f"awkward-{path.name}").write_bytes(path.read_bytes())


def _place(folder: Path, kind: str, name: str) -> Path:
    (folder / kind).mkdir(parents=True, exist_ok=True)
    return folder / kind / name


def _videos(folder: Path) -> None:
    for ending, codec, pixels in _CODECS:
        path = _place(folder, "video", f"{codec}.{ending}")
        size = (176, 144) if codec == "h263" else (96, 64)
        try:
            clips.write_clip(path, codec=codec, pixels=pixels, size=size, count=10)
        except (av.FFmpegError, ValueError, OSError):  # this build of FFmpeg cannot write it
            path.unlink(missing_ok=True)
    clips.write_clip(_place(folder, "video", "turned.mov"), rotation=90, count=8)
    clips.write_clip(_place(folder, "video", "sound.mp4"), sound="aac", count=8)
    clips.write_clip(_place(folder, "video", "uneven.mkv"), times=[0, 0.01, 0.4, 3.0, 3.5, 60.0, 60.1])
    for name in ("lunge", "plank_forearm"):
        _first_packets(SAMPLES / f"{name}.mp4", _place(folder, "video", f"sample-{name}.mp4"), 12)


def _first_packets(path: Path, out: Path, count: int) -> None:
    """The beginning of a recording, as it is."""
    with av.open(str(path)) as source, av.open(str(out), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream, opaque=True)
        for number, packet in enumerate(source.demux(stream)):
            if number >= count or packet.dts is None:
                break
            packet.stream = copy
            target.mux(packet)


def _images(folder: Path) -> None:
    picture = clips.picture(3)
    for ending in ("png", "jpg", "bmp", "webp", "tiff", "ppm", "jp2", "pgm"):
        coded = cv2.imencode(f".{ending}", picture if ending != "pgm" else picture[..., 0])[1]
        _place(folder, "image", f"still.{ending}").write_bytes(coded.tobytes())
    clear = np.dstack([picture, np.full(picture.shape[:2], 100, np.uint8)])
    _place(folder, "image", "clear.png").write_bytes(cv2.imencode(".png", clear)[1].tobytes())
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x112, 3, 1, 6, 0, 0)
    turned = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]
    _place(folder, "image", "turned.jpg").write_bytes(turned)
    # It says 20,000 × 20,000 pixels, all of them black, in 50 kB.
    squeeze = zlib.compressobj(9)
    rows = b"".join(squeeze.compress(bytes(1 + 2500)) for _ in range(20_000)) + squeeze.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    _place(folder, "image", "bomb.png").write_bytes(bomb)


def _texts(folder: Path) -> None:
    for name, path in exercise_files().items():
        shutil.copyfile(path, _place(folder, "template", f"{name}.toml"))
    for name, path in routine_files().items():
        shutil.copyfile(path, _place(folder, "routine", f"{name}.toml"))
    for name in ("bridge", "lunge_trunk_lean", "plank_forearm"):
        truth = json.loads((SAMPLES / f"{name}.truth.json").read_text())
        for clip in truth["clips"]:
            clip["file"] = "clip.track.npz"
            if "frames" in clip:
                clip["frames"] = "clip.frames.npz"
        _place(folder, "truth", f"{name}.json").write_text(json.dumps(truth, indent=1))
        _brief(SAMPLES / f"{name}.frames.npz", _place(folder, "exact", f"{name}.npz"))
    baseline = json.loads((ROOT / "tests" / "accuracy" / "baseline.json").read_text())
    baseline["clips"] = baseline["clips"][:3]
    _place(folder, "baseline", "baseline.json").write_text(json.dumps(baseline, indent=1))
    _place(folder, "list", "list.csv").write_text(
        "video,person,exercise,side,hold,notes\na.mp4,anna,lunge,left,,first\nb.mp4,ben,plank_forearm,,30,=1+1\n"
        "sub/c.mp4,,auto,,,\nmissing.mp4,anna,bridge,,,\n",
        encoding="utf-8",
    )


def _brief(path: Path, out: Path) -> None:
    with np.load(path, allow_pickle=False) as data:
        kept = {name: data[name] for name in ("time", "joints", "joints_px", "joints_m")}
    arrays: dict[str, Any] = {name: a if name == "joints" else a[:40] for name, a in kept.items()}
    np.savez_compressed(out, **arrays)


def bridges() -> list[Pose]:
    """Three bridges at ten pictures a second."""
    return BRIDGES.film(10, camera=CAMERA)


def _tracks(folder: Path) -> None:
    meta = TrackMeta(CAMERA.size, "monday.mp4", 6.0, 10.0, 60)
    save_track(_place(folder, "track", "bridges.npz"), bridges(), meta)
    save_track(_place(folder, "track", "plank.npz"), PLANK.film(5, camera=CAMERA), meta)
    save_track(_place(folder, "track", "empty.npz"), [], meta)
    with Journal(_place(folder, "journal", "whole.journal"), meta) as journal:
        for pose in bridges():
            journal.write(pose)
        journal.close(8.0)
    whole = (folder / "journal" / "whole.journal").read_bytes()
    _place(folder, "journal", "torn.journal").write_bytes(whole[:20_000])
    results = _place(folder, "results", "bridge")
    replay(folder / "track" / "bridges.npz", "bridge", out=results, save_page=False)


def _histories(folder: Path) -> None:
    path = _place(folder, "history", "history.sqlite3")
    with History(path) as history, suppress(StopIteration):
        for day in range(4):
            keep(history, lunges(3), day)
            keep(history, plank(20.0), day)
        for routine in list(routine_files())[:2]:
            plan = [{"step": 0, "exercise": "bridge", "level": 0}, {"step": 1, "exercise": "lunge", "level": 1}]
            run = runs.begin(history, routine, "me", plan)
            runs.note_turn(history, run, 0, "done", 1)
            runs.answer(history, run, pain=2, effort=5)
            runs.set_level(history, "me", routine, 0, "bridge", 1)
    for beside in path.parent.glob("history.sqlite3-*"):
        beside.unlink()
    with History(path) as history:  # as one file
        history.connection.execute("PRAGMA journal_mode = DELETE")
