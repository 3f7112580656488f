"""Posed bodies and rendered clips: faults, contacts, determinism, pictures. Needs the body asset, some need EGL."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from samples.render.body import Body
from samples.render.clip import Clip
from samples.render.errors import RenderError
from samples.render.motion import Fault, FaultChoice, motion_names, read_motion
from samples.render.people import Person, read_people
from samples.render.plan import fault_measure
from samples.render.rotation import Array
from samples.render.shot import Shot, actor
from samples.render.video import render_clip

pytestmark = pytest.mark.render


def faults_of(exercise: str) -> Iterator[tuple[str, Fault]]:
    for name, fault in read_motion(exercise).faults.items():
        if not fault.measure.startswith(("seconds.", "swing.")):
            yield name, fault


@pytest.mark.parametrize("body", ["a", *(pytest.param(body, marks=pytest.mark.slow) for body in "bcde")])
@pytest.mark.parametrize("exercise", motion_names())
def test_a_fault_changes_its_exact_measure_by_its_severity(exercise: str, body: str) -> None:
    person = actor(body, exercise, None)
    correct = person.postures("left")
    for name, fault in faults_of(exercise):
        if not fault.mild.rest:
            assert fault.excess(fault_measure(person, FaultChoice(name, "mild"), correct, "left")) < 0, name
        values: dict[str, float] = {}
        severities: tuple[Literal["mild"], Literal["clear"]] = ("mild", "clear")
        for severity in severities:
            choice = FaultChoice(name, severity)
            values[severity] = fault.excess(fault_measure(person, choice, person.postures("left", [choice]), "left"))
        assert 0 < values["mild"] <= fault.margin <= values["clear"], (name, values)


def test_the_other_side_is_the_mirror_image() -> None:
    person = actor("b", "clamshell", None)
    choice = [FaultChoice("feet_apart", "clear")]
    left, right = (fault_measure(person, choice[0], person.postures(side, choice), side) for side in ("left", "right"))
    assert left == pytest.approx(right, abs=1e-3)


@pytest.mark.parametrize("exercise", [name for name in motion_names() if name not in ("walking", "stand_lie")])
@pytest.mark.parametrize("body", ["a", *(pytest.param(body, marks=pytest.mark.slow) for body in "bcde")])
def test_nothing_sinks_into_the_floor_or_slides(exercise: str, body: str) -> None:
    shot = Shot(Clip(exercise=exercise, reps=1, hold_s=2, fps=8, body=body, lead_s=0.4))
    person = shot.actor
    lowest = min(
        float(person.body.skin(*person.poser.world(posture))[person.body.part == 0][:, 1].min())
        for posture in shot.postures
    )
    assert -0.02 < lowest < 0.01
    planted = {"foot": "foot_index", "palm": "wrist", "elbow": "elbow", "knee": "knee"}
    spots: dict[tuple[object, ...], list[Array]] = {}  # where limbs are put: the joint then
    for i, posture in enumerate(shot.postures):
        for limb, hold in posture.holds.items():
            if hold.of == "floor":
                joint = ("left_" if limb.endswith("l") else "right_") + planted[hold.kind]
                spot = (joint, *hold.point.round(4))
                spots.setdefault(spot, []).append(shot.frames.metres[i, shot.frames.names.index(joint)])
    assert spots or exercise.startswith("figure4")
    for spot, places in spots.items():
        assert np.ptp(places, axis=0).max() < 0.02, spot


def test_the_same_clip_has_the_same_truth() -> None:
    clip = Clip(exercise="bridge", reps=1, fps=5)
    first, second = (Shot(clip).truth("x.mp4", "x.frames.npz") for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
    assert clip.key() == Clip(exercise="bridge", reps=1, fps=5).key()
    assert clip.key() != clip.model_copy(update={"seed": 2}).key()


def test_truth_counts_what_is_complete() -> None:
    clip = Clip(exercise="lunge", reps=3, side="alternate", faults=("shallow:clear@2",), fps=5)
    truth = Shot(clip).truth("x.mp4", "x.frames.npz")
    assert (truth["reps"], truth["partial_reps"], truth["accept_reps"]) == (2, 1, [2, 3])
    assert [repetition["side"] for repetition in truth["repetitions"]] == ["left", "right", "left"]
    assert truth["repetitions"][1]["faults"][0]["id"] == "shallow"
    assert len(truth["rep_peak_s"]) == 2


@pytest.mark.parametrize("exercise", ["figure4_supine", "figure4_seated", "half_kneeling_stretch", "lizard"])
def test_holds_that_change_sides_are_held_on_both(exercise: str) -> None:
    truth = Shot(Clip(exercise=exercise, reps=2, hold_s=3, side="alternate", fps=10)).truth("x.mp4", "x.frames.npz")
    left, right = truth["holds"]
    assert (left["side"], right["side"]) == ("left", "right")
    for hold in (left, right):
        assert hold["end_s"] - hold["start_s"] == pytest.approx(3 + 1.7, abs=0.6)
    assert right["start_s"] - left["end_s"] > 3


def test_the_peak_of_the_signal_is_at_the_peak_of_the_truth() -> None:
    shot = Shot(Clip(exercise="leg_lift", reps=2, fps=15))
    signal = shot.frames.measures["leg_elev"]
    for repetition in shot.timeline.repetitions:
        inside = (shot.times >= repetition.start_s) & (shot.times <= repetition.end_s)
        best = shot.times[inside][np.argmax(signal[inside])]
        assert abs(best - repetition.peak_s) < 0.4


def test_a_hold_is_held_where_its_bands_are_true() -> None:
    shot = Shot(Clip(exercise="plank_forearm", reps=1, hold_s=4, fps=15))
    truth = shot.truth("x.mp4", "x.frames.npz")
    ((start, end),) = truth["hold_s"]
    assert end - start == pytest.approx(4 + 1.0, abs=0.8)
    faulty = Shot(Clip(exercise="plank_forearm", reps=1, hold_s=6, fps=15, faults=("hips_sag:clear",)))
    assert len(faulty.truth("x.mp4", "x.frames.npz")["hold_s"]) == 2


def test_bodies_have_the_height_and_build_they_were_asked_for() -> None:
    lean = read_people()["a"]
    heavy = Body(lean.model_copy(update={"weight": 0.95, "height_cm": 180.0}))
    assert heavy.scale * 170 == pytest.approx(180, abs=0.5)
    waist = [np.ptp(body.points[body.mesh_part["torso"], 2]) for body in (Body(lean), heavy)]
    assert waist[1] > waist[0] + 0.02
    with pytest.raises(ValueError, match="weight"):
        Person.model_validate({**lean.model_dump(), "weight": 2})


def test_unknown_names_say_what_there_is() -> None:
    with pytest.raises(RenderError, match=r"no body 'z'.*a, b"):
        Shot(Clip(exercise="lunge", body="z"))
    with pytest.raises(RenderError, match=r"no fault 'flying'.*shallow"):
        Shot(Clip(exercise="lunge", faults=("flying:mild",)))


@pytest.mark.parametrize("clip", [
    Clip(exercise="lunge", reps=1, fps=6, size=(320, 240), lead_s=0.2, noise=0),
    Clip(exercise="bridge", reps=1, fps=6, size=(320, 240), lead_s=0.2, noise=0, body="c", room="2", bystander="walks"),
])  # fmt: skip
def test_a_clip_is_drawn_twice_alike_and_shows_the_person_where_the_truth_says(clip: Clip, tmp_path: Path) -> None:
    truth = render_clip(clip, tmp_path / "clip.mp4")
    assert truth["file"] == "clip.mp4"
    assert {path.name for path in tmp_path.iterdir()} == {"clip.mp4", "clip.truth.json", "clip.frames.npz"}
    shot = Shot(clip)
    first, second = list(shot.pictures()), list(shot.pictures())
    assert len(first) == len(shot.times)
    assert np.abs(np.stack(first).astype(int) - np.stack(second)).max() <= 2
    top = np.array(shot.actor.body.person.top) * 255
    for picture, pixels in zip(first, shot.frames.pixels, strict=True):
        names = shot.frames.names
        corners = [f"{side}_{joint}" for side in ("left", "right") for joint in ("hip", "shoulder")]
        trunk = pixels[[names.index(corner) for corner in corners]].mean(0)
        x, y = trunk.round().astype(int)
        patch = picture[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3).mean(0)
        assert np.argmax(patch) == np.argmax(top) or np.abs(patch - top).max() < 90


def test_a_slow_shutter_smears_what_moves_and_leaves_the_truth() -> None:
    clip = Clip(exercise="squat", reps=1, fps=4, size=(160, 120), lead_s=0.8, noise=0, fidget=0)
    sharp, smeared = Shot(clip), Shot(clip.model_copy(update={"motion_blur": 1.0}))
    assert np.array_equal(sharp.frames.pixels, smeared.frames.pixels)
    off = [
        np.abs(a.astype(int) - b).mean() for a, b in zip(list(sharp.pictures()), list(smeared.pictures()), strict=True)
    ]
    assert off[1] < 0.2  # stands still
    assert max(off) > 5 * max(off[1], 0.1)
