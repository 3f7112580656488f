from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from disturbances import mirrored
from filmed import BRIDGES, Onlooker, film
from judging import judge, sample, template
from motions import Bridge, Lunge, Plank, Repeats, changing, lying_down, standing_up, then, waiting, walking
from moves import arm_raise, leg_lift, squat
from stick_figure import SIDES, Camera

from formcheck.catalog import load_template, read_template, template_file
from formcheck.cli import main
from formcheck.errors import DemonstrationError, OutputError, TemplateError, VideoError
from formcheck.learn import Learned, learn
from formcheck.pose import Pose, Side
from formcheck.recognize import recognize
from formcheck.see.track import TrackMeta, save_track

FPS = 15.0
FLOOR = Camera(height=40.0)
SIDE = Camera()
OTHER_FLOOR = Camera(yaw=170.0, height=60.0, limb=95.0)
OTHER_SIDE = Camera(yaw=165.0, limb=95.0)
"""Another camera, on the other side, further away."""

THREE = Repeats(count=3)
FOUR_SLOWER = Repeats(count=4, seconds=4.0, pause=0.8, rest=0.6)


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The person's own folder of templates; it does not exist yet."""
    folder = tmp_path / "mine" / "poses"
    monkeypatch.setenv("FORMCHECK_POSES", str(folder))
    monkeypatch.setenv("COLUMNS", "200")
    return folder


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    return Saved(tmp_path)


class Saved:
    """Saves poses as tracks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, poses: Sequence[Pose], name: str = "demo") -> Path:
        path = self._folder / f"{name}.track.npz"
        save_track(path, poses, TrackMeta(poses[0].size, f"{name}.mp4"))
        return path


REPEATED = {
    "squat": (squat(THREE).film(FPS, SIDE), squat(FOUR_SLOWER, knee=100.0).film(FPS, OTHER_SIDE)),
    "bridge": (
        Bridge().motion(THREE).film(FPS, FLOOR),
        Bridge(top=168.0, rest_knee=95.0).motion(FOUR_SLOWER).film(FPS, OTHER_FLOOR),
    ),
    "bridge with lying down and getting up": (
        then(lying_down(), Bridge().motion(THREE), standing_up()).film(FPS, FLOOR),
        Bridge(top=168.0, rest_knee=95.0).motion(FOUR_SLOWER).film(FPS, OTHER_FLOOR),
    ),
    "lunge": (
        Lunge(sides=("right",)).motion(THREE).film(FPS, SIDE),
        Lunge(reverse=True, knee=98.0, sides=("right",)).motion(FOUR_SLOWER).film(FPS, OTHER_SIDE),
    ),
    "leg lift": (
        leg_lift(THREE).film(FPS, FLOOR),
        leg_lift(FOUR_SLOWER, top=55.0, side="left").film(FPS, OTHER_FLOOR),
    ),
    "arm raise": (arm_raise(THREE).film(FPS, SIDE), arm_raise(FOUR_SLOWER, top=75.0).film(FPS, OTHER_SIDE)),
}


@pytest.mark.parametrize("name", REPEATED)
def test_what_was_demonstrated_is_counted_again_by_everybody(name: str, saved: Saved, own: Path) -> None:
    demonstration, somebody_else = REPEATED[name]
    learned = learn("mine", saved(demonstration))
    assert learned.path == own / "mine.toml"
    assert learned.template == load_template("mine")
    assert learned.report.counts.total == 3
    assert all(not r.faults for r in learned.report.repetitions if r.counted)
    assert judge(learned.template, somebody_else).counts.total == 4


@pytest.mark.parametrize("side", SIDES)
def test_the_leg_that_works_may_be_the_far_one(side: Side, saved: Saved) -> None:
    learned = learn("mine", saved(leg_lift(THREE, side=side, other_knee=80.0).film(FPS, FLOOR)), like="none")
    assert learned.report.counts.total == 3
    assert learned.template.repetition
    assert "knee >= 1" in str(learned.template.repetition.only_if)


@pytest.mark.parametrize("name", ["lizard", "figure4_seated", "half_kneeling_stretch", "fire_hydrant", "clamshell"])
def test_what_surely_is_a_known_exercise_of_one_side_is_learned_after_it(name: str, saved: Saved) -> None:
    demonstration = sample(name)
    learned = learn("mine", saved(demonstration))
    assert learned.after == load_template(name)
    assert learned.template.sides == learned.after.sides
    assert f"Made after {name}, as the demonstration surely is one." in learned.path.read_text(encoding="utf-8")
    counted, other_side = learned.report, judge(learned.template, mirrored(demonstration))
    assert counted.counts.total or counted.in_form_s > 5
    assert (other_side.counts.left, other_side.counts.right) == (counted.counts.right, counted.counts.left)
    assert other_side.in_form_s == pytest.approx(counted.in_form_s, abs=0.3)


def test_nothing_is_taken_over_where_that_is_not_asked_for(saved: Saved) -> None:
    legs, lunges = (saved(REPEATED[name][0], name) for name in ("leg lift", "lunge"))
    assert learn("mine", legs, like="none").after is None
    again = learn("mine", legs, force=True).after
    assert again  # not after itself, which is recognised, too
    assert again.id == "leg_lift"
    assert learn("squatting", saved(REPEATED["squat"][0], "squat")).after is None  # both legs do the same
    with pytest.raises(DemonstrationError, match="is held still"):
        learn("lunging", lunges, kind="hold")


def test_what_the_known_exercise_does_not_find_again_is_learned_from_scratch(
    saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    demonstration = saved(REPEATED["leg lift"][0])
    expected = learn("mine", demonstration, like="none").template
    monkeypatch.setattr("formcheck.learn._surely", lambda *_: load_template("lizard"))
    learned = learn("mine", demonstration, force=True)
    assert (learned.after, learned.template) == (None, expected)


@pytest.mark.parametrize(
    ("like", "name"), [("squat", "squat"), ("bridge", "bridge"), ("lunge", "lunge"), ("leg_lift", "leg lift")]
)
def test_numbers_are_fitted_to_a_known_exercise(like: str, name: str, saved: Saved) -> None:
    demonstration, somebody_else = REPEATED[name]
    known = load_template(like)
    learned = learn("mine", saved(demonstration), like=like).template
    assert (learned.id, learned.name) == ("mine", "Mine")
    for same in ("summary", "instructions", "safety", "camera", "posture", "required", "sides"):
        assert getattr(learned, same) == getattr(known, same)
    assert list(learned.measures) == list(known.measures)
    assert {f.id for f in learned.faults} <= {f.id for f in known.faults}
    assert learned.repetition != known.repetition
    assert learned.repetition
    assert known.repetition
    assert learned.repetition.signal == known.repetition.signal
    assert judge(learned, somebody_else).counts.total == 4
    assert not learned.recognise


@pytest.mark.parametrize(("like", "name"), [("bridge", "bridge"), ("leg_lift", "leg lift")])
def test_getting_into_position_and_out_of_it_changes_no_number(like: str, name: str, saved: Saved) -> None:
    alone = {"bridge": Bridge().motion(THREE), "leg_lift": leg_lift(THREE)}[like]
    framed = then(lying_down(), alone, standing_up()).film(FPS, FLOOR)
    expected = learn("mine", saved(REPEATED[name][0]), like=like).template.repetition
    learned = learn("mine", saved(framed), like=like, force=True)
    assert learned.report.counts.total == 3
    assert learned.template.repetition
    assert expected
    assert learned.template.repetition.rest == pytest.approx(expected.rest, abs=2.0)
    assert learned.template.repetition.peak_enter == expected.peak_enter


def test_a_hold_is_held_again_by_everybody(saved: Saved) -> None:
    learned = learn("mine", saved(Plank().motion(10.0).film(FPS, FLOOR)))
    assert learned.report.in_form_s == pytest.approx(10.0, abs=0.5)
    other = judge(learned.template, Plank(hips=12.0, knee=168.0).motion(8.0).film(FPS, OTHER_FLOOR))
    assert other.in_form_s == pytest.approx(8.0, abs=0.5)
    sagging = judge(learned.template, Plank(hips=-20.0).motion(8.0).film(FPS, FLOOR))
    assert sagging.in_form_s == 0
    assert sagging.held_s == pytest.approx(8.0, abs=0.5)
    assert "hip_too_small" in {fault.id for fault in sagging.faults}
    assert judge(learned.template, Plank(high=True).motion(8.0).film(FPS, FLOOR)).held_s == 0


@pytest.mark.parametrize("away", [(5.0, 6.5), (4.0, 9.0)])
def test_a_hold_is_as_long_as_it_was_seen(away: tuple[float, float], saved: Saved) -> None:
    plank = Plank().motion(12.0).film(FPS, FLOOR)
    seen = [Pose.absent(p.time, p.size) if away[0] <= p.time < away[1] else p for p in plank]
    learned = learn("mine", saved(seen))
    assert learned.report.in_form_s == pytest.approx(12.0 - (away[1] - away[0]), abs=0.3)


@pytest.mark.parametrize("dark", [True, False], ids=["nobody in the picture", "no pictures"])
def test_time_in_which_nobody_was_seen_is_in_no_posture(dark: bool, saved: Saved) -> None:
    standing = waiting(3.0).film(FPS)
    size = standing[0].size
    away = [Pose.absent(3.1 + i / FPS, size) for i in range(int(20 * FPS))] if dark else []
    plank = [
        Pose(24.0 + pose.time, pose.points, pose.visibility, size) for pose in Plank().motion(12.0).film(FPS, FLOOR)
    ]
    learned = learn("mine", saved([*standing, *away, *plank]))
    assert learned.template.posture == "prone"
    assert learned.report.in_form_s == pytest.approx(12.0, abs=0.5)


def test_a_hold_like_a_known_one_takes_over_its_texts(saved: Saved) -> None:
    piked = Plank(hips=38.0).motion(10.0).film(FPS, FLOOR)
    assert judge("plank_forearm", piked).in_form_s == 0
    learned = learn("mine", saved(piked), like="plank_forearm")
    assert learned.report.in_form_s == pytest.approx(10.0, abs=0.5)
    assert "hips_pike" in learned.left_out
    assert learned.template.instructions == template("plank_forearm").instructions
    assert judge(learned.template, Plank(hips=5.0).motion(8.0).film(FPS, FLOOR)).in_form_s == 0


def test_getting_into_form_and_out_of_it_is_not_what_was_demonstrated(saved: Saved) -> None:
    kneeling = Plank(knee=130.0)
    demonstration = changing([(2.0, kneeling), (8.0, Plank()), (2.0, kneeling)]).film(FPS, FLOOR)
    learned = learn("mine", saved(demonstration), like="plank_forearm")
    assert learned.report.in_form_s == pytest.approx(judge("plank_forearm", demonstration).in_form_s, abs=0.3)
    assert learned.template.hold == template("plank_forearm").hold
    target = learned.template.measures["knee"].target
    assert target
    assert target[0] > 150


def test_less_than_was_demonstrated_is_shallow_and_faster_is_rushed(saved: Saved) -> None:
    learned = learn("mine", saved(squat(Repeats(count=3, seconds=4.0), knee=80.0).film(FPS, SIDE))).template
    report = judge(learned, squat(Repeats(count=3, seconds=1.5), knee=105.0).film(30.0, SIDE))
    assert report.counts.total == 3
    assert {fault.id for fault in report.faults} == {"shallow", "rushed"}


def test_less_than_was_demonstrated_is_shallow_only_from_where_it_was_demonstrated(saved: Saved) -> None:
    learned = learn("mine", saved(squat(THREE, knee=90.0).film(FPS, SIDE)), like="squat").template
    for yaw in (0.0, 30.0, 45.0, 60.0, 90.0):
        report = judge(learned, squat(THREE, knee=88.0).film(FPS, Camera(yaw=yaw)))
        assert (report.counts.total, report.faults) == (3, ()), yaw
    for yaw in (0.0, 30.0):
        report = judge(learned, squat(THREE, knee=112.0).film(FPS, Camera(yaw=yaw)))
        assert [(fault.id, len(fault.times)) for fault in report.faults] == [("shallow", 3)], yaw


def test_which_way_is_deep_is_known_from_the_exercise(saved: Saved, tmp_path: Path) -> None:
    known = tmp_path / "lunge.toml"
    text = template_file("lunge").read_text(encoding="utf-8")
    known.write_text(text.replace('posture = "standing"', 'posture = "upright"'), encoding="utf-8")
    from_the_bottom = [pose for pose in Lunge(sides=("right",)).motion(THREE).film(FPS, SIDE) if pose.time > 3.0]
    learned = learn("mine", saved(from_the_bottom), like=known)
    assert learned.left_out == ()
    assert [fault.rule for fault in learned.template.faults if fault.id == "shallow"] == ["lowest(bent_knee) > 98"]


def test_walking_is_not_what_was_demonstrated(saved: Saved) -> None:
    for name in ("squat", "lunge", "bridge"):
        learned = learn("mine", saved(REPEATED[name][0]), force=True).template
        assert judge(learned, walking(15.0).film(FPS)).counts.total == 0


def test_what_was_learned_is_recognised(saved: Saved) -> None:
    learn("raise", saved(REPEATED["arm raise"][0]))
    assert recognize(REPEATED["arm raise"][1]).best == "raise"
    learn("deep", saved(REPEATED["squat"][0]), like="squat")
    assert recognize(REPEATED["squat"][1]).best == "squat"


def test_a_fault_that_is_demonstrated_is_good_form(saved: Saved) -> None:
    leaning = Lunge(sides=("right",), lean=40.0).motion(THREE).film(FPS, SIDE)
    assert "trunk_lean" in {fault.id for fault in judge("lunge", leaning).faults}
    learned = learn("mine", saved(leaning), like="lunge")
    assert "trunk_lean" in learned.left_out
    assert "trunk_lean" not in {fault.id for fault in learned.template.faults}
    assert "trunk_lean" in learned.path.read_text(encoding="utf-8").split("schema = 1")[0]
    assert learned.report.faults == ()


def test_the_file_says_where_each_number_comes_from(saved: Saved) -> None:
    text = learn("mine", saved(REPEATED["squat"][0], "monday")).path.read_text(encoding="utf-8")
    assert text.startswith("# Mine, learned by formcheck from the demonstration monday.track.npz.\n")
    lines = text.splitlines()
    for key in ("rest", "start", "peak_enter", "peak_exit", "finish", "min_range", "seconds", "target", "only_if"):
        (at, *_) = (i for i, line in enumerate(lines) if line.startswith(f"{key} ="))
        assert lines[at - 1].startswith("# "), key
    table = tomllib.loads(text)["repetition"]
    assert lines[lines.index(f'peak_enter = "{table["peak_enter"]}"') - 1].startswith("# Demonstrated 3 times: ")
    assert read_template(Path(learn("again", saved(REPEATED["squat"][0])).path)).measures


def test_a_template_is_replaced_only_by_force(saved: Saved, own: Path) -> None:
    own.mkdir(parents=True)
    path = own / "mine.toml"
    path.write_text("precious")
    with pytest.raises(OutputError, match=r"already a template .*--force"):
        learn("mine", saved(REPEATED["bridge"][0]))
    assert path.read_text() == "precious"
    learn("mine", saved(REPEATED["bridge"][0]), force=True)
    assert load_template("mine").id == "mine"
    assert [p.name for p in own.iterdir()] == ["mine.toml"]


def test_it_can_be_written_elsewhere_and_after_a_file(saved: Saved, tmp_path: Path, own: Path) -> None:
    first = learn("one", saved(REPEATED["bridge"][0]), out=tmp_path / "there")
    assert first.path == tmp_path / "there" / "one.toml"
    second = learn("two", saved(REPEATED["bridge"][0]), like=first.path, out=tmp_path / "there")
    assert second.template.measures.keys() == first.template.measures.keys()
    assert not own.exists()


def test_a_video_can_be_the_demonstration(tmp_path: Path) -> None:
    eyes = Onlooker(BRIDGES)
    learned = learn("mine", film(tmp_path / "demo.mp4"), estimator=eyes)
    assert learned.report.counts.total == 3
    assert eyes.frames > 0


def nothing(saved: Saved, **options: object) -> Learned:
    return learn("mine", saved(waiting(8.0).film(FPS)), **options)  # type: ignore[arg-type]


def test_what_cannot_be_learned_is_told_and_nothing_is_written(saved: Saved, own: Path, tmp_path: Path) -> None:
    with pytest.raises(DemonstrationError, match="No repetition was found"):
        nothing(saved, kind="repetitions")
    with pytest.raises(DemonstrationError, match=r"nothing is done like Squat: .*learn it without --like"):
        nothing(saved, like="squat")
    with pytest.raises(DemonstrationError, match="nobody holds a position like Forearm plank"):
        nothing(saved, like="plank_forearm")
    with pytest.raises(DemonstrationError, match="Nobody was seen"):
        learn("mine", saved([Pose.absent(i / 10, (640, 480)) for i in range(50)]))
    with pytest.raises(TemplateError, match="Did you mean lunge"):
        nothing(saved, like="lunges")
    with pytest.raises(ValueError, match="'My Lunge' cannot be a name"):
        learn("My Lunge", tmp_path / "gone.mp4")
    with pytest.raises(VideoError, match="no file"):
        learn("mine", tmp_path / "gone.mp4", estimator=Onlooker(BRIDGES))
    assert not own.exists()


# --- the command line ------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_learned(saved: Saved, own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "deep_squat", str(saved(REPEATED["squat"][0])), "--like", "squat"]) == 0
    told = capsys.readouterr().out
    assert "Counted again in the demonstration: 3." in told
    assert str(own / "deep_squat.toml") in told
    assert "formcheck analyze VIDEO -e deep_squat" in told
    assert main(["check-template", str(own / "deep_squat.toml")]) == 0
    assert "no mistakes" in capsys.readouterr().out


def test_the_command_tells_about_a_hold(saved: Saved, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plank = saved(Plank(hips=38.0).motion(10.0).film(FPS, FLOOR))
    assert main(["learn", "mine", str(plank), "--like", "plank_forearm", "-o", str(tmp_path / "here")]) == 0
    told = capsys.readouterr().out
    assert "Held again in the demonstration: 10." in told
    assert "Left out, because the demonstration does otherwise: hips_pike" in told
    assert f"-e {tmp_path / 'here' / 'mine.toml'}" in told


def test_the_command_says_after_what_it_learned(saved: Saved, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "mine", str(saved(sample("lizard")))]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Made after the lizard pose, as the demonstration surely is one" in told
    assert "--like none" in told


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["Mine", "{demo}"], 2, "cannot be a name"),
        (["mine", "{demo}", "--like", "lunges"], 2, "Did you mean lunge"),
        (["mine", "{demo}", "--kind", "dance"], 2, "Invalid value for '--kind'"),
        (["mine", "gone.npz"], 1, "There is no file gone.npz"),
        (["mine", "{demo}", "--kind", "repetitions"], 1, "No repetition was found"),
    ],
)
def test_what_the_command_cannot_do_is_told(
    args: list[str], code: int, words: str, saved: Saved, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = saved(waiting(8.0).film(FPS))
    assert main(["learn", *(arg.format(demo=demo) for arg in args)]) == code
    told = capsys.readouterr()
    assert words in told.err
    assert told.out == ""
    assert not own.exists()
