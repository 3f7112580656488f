"""What is absurd is refused in words, before it takes memory or time; the limits are those of docs/hardening.md."""

import io
import json
import re
import sqlite3
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import av
import numpy as np
import pytest
from clips import write_clip
from kept import keep, lunges

from formcheck import json_file
from formcheck.analysis import replay
from formcheck.batch import items
from formcheck.batch.work import STALL_S
from formcheck.catalog import read_template, shipped_folder
from formcheck.errors import FormcheckError, HistoryError, ListError, ModelError, TemplateError, TruthError, VideoError
from formcheck.evaluate import truth
from formcheck.evaluate.exact import read_exact
from formcheck.evaluate.truth import read_clips
from formcheck.history.keep import keep_folder, recorded_at
from formcheck.history.store import History
from formcheck.judge import template
from formcheck.learn import learn
from formcheck.report_file import checked_report
from formcheck.routine import form
from formcheck.routine.catalog import read_routine
from formcheck.see import container, limits, trim
from formcheck.see.journal import Journal
from formcheck.see.model import locate
from formcheck.see.track import TrackMeta
from formcheck.see.video import Video

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "hardening.md").read_text(encoding="utf-8")
LUNGE = (shipped_folder() / "lunge.toml").read_text(encoding="utf-8")


def refused(error: type[FormcheckError], read: Callable[[], object], says: str) -> None:
    """It is refused, in words, soon, and without taking much memory."""
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(error, match=says):
            read()
        assert time.process_time() - began < 8  # CPU; counting memory makes it several times slower
        assert tracemalloc.get_traced_memory()[1] < 150e6
    finally:
        tracemalloc.stop()


def test_the_limits_are_those_of_the_documentation() -> None:
    table = PAGE.partition("<!-- limits -->")[2].partition("\n\n")[0]
    told = {int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*\d|\d", table)}
    assert told >= {
        *(limits.LARGEST_SIDE, limits.SMALLEST_SIDE, limits.MOST_PIXELS, limits.MOST_PICTURES, int(limits.LONGEST_S)),
        *(
            int(container.OPENING_S),
            int(limits.FARTHEST_PX),
            int(STALL_S),
            template.MAX_FILE_CHARACTERS,
            form.MAX_FILE_CHARACTERS,
        ),
        *(template.MAX_VALUES, template.MAX_DEPTH, template.MOST_TOLD, json_file.MOST_BYTES // 2**20),
        *(truth.MOST_CLIPS, truth.MOST_VALUES, trim.LARGEST_BUNDLE // 2**20, items.MOST_LINES),
    }


# --- pictures --------------------------------------------------------------------------------------------------------


def gif(side: int) -> bytes:
    one = struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", side, side, 0, 0, 0) + b"," + one + b";"


def png(side: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((1 + side // 8) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "data"), [("a.gif", gif(65_535)), ("a.gif", gif(8000)), ("a.png", png(20_000)), ("a.png", png(8000))]
)
def test_a_picture_of_absurd_size_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    refused(VideoError, lambda: Video(path), "pixels|no picture|larger")


def test_too_many_pixels_are_refused_even_if_no_side_is_too_long() -> None:
    container.require_judgeable(7680, 4320, Path("8k.mp4"))
    with pytest.raises(VideoError, match="at most 36 million"):
        container.require_judgeable(8000, 8000, Path("square.mp4"))


def test_a_recording_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "clip.mp4", count=12)
    monkeypatch.setattr(container, "MOST_PICTURES", 5)
    with Video(path) as video, pytest.raises(VideoError, match="more than 5 pictures"):
        list(video)


def test_pictures_that_are_hours_apart_are_refused_after_a_day(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mkv", times=[3000.0 * n for n in range(40)])
    with Video(path) as video, pytest.raises(VideoError, match="more than 24 hours"):
        list(video)


def test_what_sends_a_reader_round_in_circles_is_not_opened(tmp_path: Path) -> None:
    # Found by the fuzzing: FFmpeg's reader of playlists never ends on this one.
    path = tmp_path / "circles.m3u8"
    path.write_bytes((ROOT / "tests" / "fuzz" / "awkward" / "video" / "circles.m3u8").read_bytes())
    refused(VideoError, lambda: Video(path), "playlist")


def test_a_stream_that_shows_up_late_is_read_or_refused(tmp_path: Path) -> None:
    # Found by the fuzzing: FFmpeg finds a stream best of which PyAV has never heard.
    path = tmp_path / "late.ts"
    path.write_bytes((ROOT / "tests" / "fuzz" / "awkward" / "video" / "late_stream.ts").read_bytes())
    with suppress(VideoError), Video(path) as video:
        assert list(video)


def test_a_file_that_cannot_be_opened_in_time_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "clip.mp4", count=2)

    def late(*_: object, **options: object) -> None:
        assert options["timeout"] == (container.OPENING_S, None)
        raise av.ExitError(-1, "Immediate exit requested")

    monkeypatch.setattr("formcheck.see.container.av.open", late)
    with pytest.raises(VideoError, match="within 60 seconds"):
        Video(path)


# --- templates and routines ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("schema = " + "1" * 5000, "not valid TOML"),
        ("a = " + "[" * 3000 + "]" * 3000, "nested"),
        (".".join("a" * 3000) + " = 1", "nested"),
        ("a = " + "[" * 20 + "]" * 20, "12 levels"),
        ("\n".join(f"key_{n} = 1" for n in range(4000)), "more than 3,000 values"),
        ("a = [" + "0, " * 4000 + "]", "more than 3,000 values"),
        (LUNGE.replace("[camera]", "\n".join(f"key_{n} = 1" for n in range(2000)) + "\n[camera]"), "and 1970 more"),
        (LUNGE + "#" * 200_000, "characters"),
        (LUNGE + "#" * 900_000, "too large"),
    ],
    ids=range(9),
)
def test_an_absurd_template_is_refused_at_once(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "lunge.toml"
    path.write_text(text)
    refused(TemplateError, lambda: read_template(path), says)
    if "and 19" not in says:
        refused(FormcheckError, lambda: read_routine(path), "TOML|nested|levels|values|characters|too large")


@pytest.mark.parametrize(
    "rule",
    [
        "__import__('os').system('touch outside')",
        "open('/etc/passwd')",
        "().__class__.__bases__[0].__subclasses__()",
        "near.knee.__class__",
        "eval('1')",
        "[x for x in (1, 2)]",
        "lambda: 1",
        "9 ** 9 ** 9 ** 9 > 0",
        "(hip := 1) > 0",
        "f'{1}' > 0",
    ],
)
def test_a_rule_that_is_more_than_arithmetic_is_refused(
    tmp_path: Path, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "lunge.toml"
    path.write_text(re.sub(r'^start = ".*"', f"start = {json.dumps(rule)}", LUNGE, count=1, flags=re.MULTILINE))
    refused(TemplateError, lambda: read_template(path), "repetition.start")
    assert [each.name for each in tmp_path.iterdir()] == ["lunge.toml"]


def test_what_a_template_says_is_text_in_the_page(tmp_path: Path) -> None:
    from filmed import CAMERA, LUNGES

    from formcheck.see.track import Track, TrackMeta

    evil = "</script><script>alert(1)</script><img src=file:///etc/passwd>{{ 7*7 }}"
    text = re.sub(r'^name = ".*"', f"name = {json.dumps(evil)}", LUNGE, count=1, flags=re.MULTILINE)
    (tmp_path / "lunge.toml").write_text(text)
    poses = tuple(LUNGES.film(15, camera=CAMERA))
    replay(Track(poses, TrackMeta(CAMERA.size, evil)), tmp_path / "lunge.toml", out=tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=file" not in page
    assert {each.name for each in tmp_path.iterdir()} == {"lunge.toml", "out"}


# --- tables ----------------------------------------------------------------------------------------------------------


def test_absurd_json_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    clip = {"file": "a.mp4", "exercise": "lunge", "kind": "reps", "reps": 1}
    for text, says in (
        ('{"clips": [' + "9" * 5000 + "]}", "not a truth file"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        (" " * (json_file.MOST_BYTES + 1), "larger than 64 MB"),
        (json.dumps({"clips": [0] * 20_000}), "more than 10,000 clips"),
        (json.dumps({"clips": [clip | {f"k{n}": 1 for n in range(3000)}]}), "more than 50,000 values"),
        (json.dumps({"clips": [clip | {"reps": "x"}] * 100}), "and 70 more"),
    ):
        path.write_text(text)
        refused(TruthError, lambda: read_clips([path]), says)


def exact(path: Path, **changed: bytes) -> Path:
    arrays = {
        "time": np.arange(5) / 10,
        "joints": np.array(["left_hip", "right_hip"]),
        "joints_px": np.zeros((5, 2, 2)),
        "joints_m": np.zeros((5, 2, 3)),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            out = io.BytesIO()
            np.save(out, array)
            archive.writestr(f"{name}.npy", changed.get(name, out.getvalue()))
    return path


def saved(array: object) -> bytes:
    out = io.BytesIO()
    np.save(out, np.asarray(array))
    return out.getvalue()


def test_exact_joints_are_read_and_hostile_ones_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.frames.npz"
    assert len(read_exact(exact(path)).times) == 5
    claim = saved(np.zeros(3)).replace(b"(3,), }", b"(9,), }")
    huge = saved(np.zeros(3)).replace(b"(3,), }         ", b"(99999999999,), }")[: len(saved(np.zeros(3)))]
    for name, data in (
        ("time", claim),
        ("time", huge),
        ("time", saved(np.zeros(5))),
        ("time", saved(np.arange(5) * 1e-12)),
        ("time", saved(np.arange(5) * 1e9)),
        ("time", saved([0, 1, 2, 3, np.nan])),
        ("joints", saved(np.array(["left_hip", "nose_of_a_dog"]))),
        ("joints", saved(np.array(["left_hip", "right_hip"])).replace(b"l\0\0\0", b"\xff\xff\xff\xff")),
        ("joints_px", saved(np.full((5, 2, 2), 1e300))),
        ("joints_m", saved(np.full((5, 2, 3), np.inf))),
        ("joints_m", b"\x93NUMPY\x01\x00v\x00{((((((("),
        ("joints_m", b"not an array"),
    ):
        exact(path, **{name: data})
        refused(TruthError, lambda: read_exact(path), str(path))
    path.write_bytes(b"PK\x03\x04 nothing")
    refused(TruthError, lambda: read_exact(path), "does not hold")


def test_a_model_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMCHECK_CACHE", str(tmp_path))
    monkeypatch.setattr(trim, "LARGEST_BUNDLE", 2**20)
    path = tmp_path / "bomb.task"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(trim.DETECTOR, bytes(2**21))
        archive.writestr(trim.LANDMARKS, b"")
    refused(ModelError, lambda: locate(path), "unpacked it is larger")
    path.write_bytes(bytes(2**20 + 1))
    refused(ModelError, lambda: locate(path), "larger than")
    refused(ModelError, lambda: locate(tmp_path / "a\0b"), "no pose model")


def test_a_list_of_ten_thousand_lines_is_read_in_a_second(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("video,exercise\n" + "a.mp4,lunge\n" * 10_000)
    began = time.process_time()
    assert len(items.find_items(path, None)) == 10_000
    assert time.process_time() - began < 3
    path.write_text("video,exercise\n" + "a.mp4,nonsense\n" * 10_000)
    with pytest.raises(ListError, match="and 9980 more"):
        items.find_items(path, None)


def test_a_track_in_which_nothing_moves_teaches_nothing(tmp_path: Path) -> None:
    # Found by the fuzzing: its measures do not change at all, and something was divided by how much they do.
    flat = ROOT / "tests" / "fuzz" / "awkward" / "track" / "flat.npz"
    with pytest.raises(FormcheckError):
        learn("flat", flat, out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_journal_can_be_learned_from(tmp_path: Path) -> None:
    from filmed import BRIDGES, CAMERA

    with Journal(tmp_path / "demo.journal", TrackMeta(CAMERA.size, "demo")) as journal:
        for pose in BRIDGES.film(20, camera=CAMERA):
            journal.write(pose)
    assert len(learn("own_bridge", tmp_path / "demo.journal", out=tmp_path).report.repetitions) == 3


# --- what the program has written, and somebody has changed ----------------------------------------------------------


def test_a_report_keeps_its_shape_or_is_refused(tmp_path: Path) -> None:
    good = lunges(2).to_dict()
    assert checked_report(json.loads(json.dumps(good))) == json.loads(json.dumps(good))
    for change in (
        {"schema": "formcheck.report/2"},
        {"kind": "dance"},
        {"exercise": None},
        {"repetitions": [1]},
        {"repetitions": [good["repetitions"][0] | {"start_s": "0"}]},
        {"repetitions": [good["repetitions"][0] | {"start_s": 1e300}]},
        {"repetitions": [good["repetitions"][0] | {"depth": float("nan")}]},
        {"repetitions": [good["repetitions"][0] | {"depth_measure": 1}]},
        {"repetitions": [good["repetitions"][0] | {"extremes": {"hip": [1]}}]},
        {"units": {"hip": 3}},
        {"name": "x" * 6000},
        {"video": None},
    ):
        with pytest.raises(ValueError, match=next(iter(change))):
            checked_report(good | change)
        (tmp_path / "report.json").write_text(json.dumps(good | change))
        with History(tmp_path / "h.sqlite3") as history, pytest.raises(HistoryError, match=r"damaged or no report"):
            keep_folder(history, tmp_path)


def test_the_recording_that_a_report_names_is_opened_as_a_recording_only(tmp_path: Path) -> None:
    path = tmp_path / "list.m3u8"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n")
    assert recorded_at(path) is not None  # by the file's own time


VIEW = (
    "ALTER TABLE sets RENAME TO old; CREATE VIEW sets AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT old.* FROM n, old"
)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (VIEW, "a view"),
        ("CREATE TRIGGER t AFTER DELETE ON sets BEGIN INSERT INTO sets SELECT * FROM sets; END", "a trigger"),
        ("ALTER TABLE sets RENAME COLUMN report TO other", "tables are not those"),
        ("DROP TABLE turns", "tables are not those"),
        ("CREATE TABLE more (x)", "tables are not those"),
        ("UPDATE sets SET began = 'yesterday'", "something strange"),
        ("UPDATE sets SET began = '2026-01-01T10:00:00'", "no time of a set"),
        ("UPDATE sets SET name = x'ff00'", "something strange|no text"),
        ("UPDATE sets SET name = printf('%.*c', 10000000, 'x')", "characters"),
        ("UPDATE sides SET range = 'x'", "something strange"),
        ("UPDATE sides SET range = 9e999", "beyond"),
    ],
)
def test_a_history_that_is_no_history_is_refused(tmp_path: Path, change: str, says: str) -> None:
    path = tmp_path / "history.sqlite3"
    with History(path) as history:
        keep(history, lunges(3))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(change)

    def read() -> None:
        with History(path) as history:
            history.sets()

    refused(HistoryError, read, says)


@pytest.mark.parametrize("column", ["report", "curves"])
@pytest.mark.parametrize("value", ["not json", "[]", "{}", '{"left": {"n": 1000000000, "measures": {}}}', "[" * 5000])
def test_a_damaged_document_of_a_set_is_told(tmp_path: Path, column: str, value: str) -> None:
    with History(tmp_path / "history.sqlite3") as history:
        number = keep(history, lunges(3))
        history.connection.execute(f"UPDATE sets SET {column} = ?", (value,))
        if (column, value) == ("curves", "{}"):
            assert history.curves(number) == {}
            return
        with pytest.raises(HistoryError, match="damaged or no history"):
            history.report(number) if column == "report" else history.curves(number)
