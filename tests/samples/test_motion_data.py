"""The motion, body and room files, without a body: names, thresholds and severities."""

import tomllib
from pathlib import Path

import pytest

from samples.render.errors import RenderError
from samples.render.manifest import read_manifest
from samples.render.motion import FaultChoice, Severity, motion_names, read_motion
from samples.render.people import read_people
from samples.render.room import read_rooms

FAULTS = {
    "bridge": "low_hips over_lift feet_far feet_near rushed head_lift",
    "clamshell": "small_range feet_apart rushed",
    "fire_hydrant": "low_lift pelvis_tilts weight_shift elbows_bend rushed",
    "leg_lift": "knee_bends low_lift other_leg_moves other_knee_bends drop head_shoulder_lift",
    "lunge": "shallow back_leg_straight knee_far_forward trunk_lean knee_collapses_in rushed",
    "plank_forearm": "hips_sag hips_pike knees_bend elbows_not_under",
    "plank_high": "hips_sag hips_pike knees_bend hands_not_under elbows_bend",
    "lizard": "hips_high front_knee_forward back_knee_bends foot_far_from_hand knee_collapses_in bouncing",
    "figure4_supine": "not_crossed thigh_not_drawn head_lift bouncing",
    "figure4_seated": "no_hinge not_crossed foot_position bouncing",
}
"""Every class A and B fault of the exercise specification, by its name there."""

TEMPLATES = Path(__file__).parents[2] / "poses"


def rendered_faults(exercise: str) -> set[str]:
    return {fault.id or name for name, fault in read_motion(exercise).faults.items() if fault.grade in "AB"}


@pytest.mark.parametrize("exercise", FAULTS)
def test_every_fault_of_the_specification_can_be_rendered(exercise: str) -> None:
    assert set(FAULTS[exercise].split()) <= rendered_faults(exercise)


@pytest.mark.parametrize("exercise", sorted(path.stem for path in TEMPLATES.glob("*.toml")))
def test_every_fault_that_a_template_judges_can_be_rendered(exercise: str) -> None:
    template = tomllib.loads((TEMPLATES / f"{exercise}.toml").read_text(encoding="utf-8"))
    assert template["faults"]
    judged = {fault["id"] for fault in template["faults"] if fault["measurable"] in "AB"}
    assert judged <= rendered_faults(exercise)


@pytest.mark.parametrize("exercise", motion_names())
def test_severities_lie_on_the_scale_of_the_measure(exercise: str) -> None:
    """Mild is beyond the threshold by less than the margin, clear by more."""
    for name, fault in read_motion(exercise).faults.items():
        assert (fault.above is None) != (fault.below is None), name
        scale: tuple[tuple[Severity, float, float], ...] = (
            ("mild", 0.0, fault.margin),
            ("clear", fault.margin, float("inf")),
        )
        for severity, low, high in scale:
            level = fault.level(severity)
            wanted = {
                "seconds.back": level.back,
                "seconds.rep": None if level.out is None else level.out + (level.back or 0) + (level.hold or 0),
                fault.measure: level.targets.get(fault.measure),
            }.get(fault.measure)
            if fault.measure.startswith("swing."):
                wanted = level.pulse
            if wanted is not None:
                assert low < fault.excess(wanted) <= high or fault.excess(wanted) == pytest.approx(low), (
                    name,
                    severity,
                )


def test_variants_are_whole_motions() -> None:
    assert read_motion("lunge", "reverse").about.startswith("reverse")
    assert not read_motion("leg_lift", "both").one_sided


def test_a_wrong_name_says_what_there_is() -> None:
    with pytest.raises(RenderError, match=r"no motion named 'jump'.*lunge"):
        read_motion("jump")
    with pytest.raises(RenderError, match=r"no variant 'sideways'.*reverse"):
        read_motion("lunge", "sideways")


def test_faults_are_written_with_severity_and_repetitions() -> None:
    assert FaultChoice.parse("shallow:mild@1,3") == FaultChoice("shallow", "mild", (1, 3))
    assert FaultChoice.parse("shallow").severity == "clear"
    assert FaultChoice.parse("shallow:mild@2").in_repetition(2)
    assert not FaultChoice.parse("shallow:mild@2").in_repetition(1)
    with pytest.raises(RenderError, match="name:mild"):
        FaultChoice.parse("shallow:awful")


def test_people_and_rooms_differ() -> None:
    people, rooms = read_people(), read_rooms()
    assert len(people) >= 4
    assert len(rooms) >= 3
    assert {person.sex for person in people.values()} == {"female", "male"}
    assert len({person.skin for person in people.values()}) == len(people)


def test_the_manifest_ships_every_exercise_and_names_clips_once() -> None:
    entries = read_manifest()
    shipped = {entry.clip.exercise for entry in entries if entry.shipped}
    assert shipped >= {*FAULTS, "walking", "stand_lie"}
    assert len({entry.name for entry in entries}) == len(entries)
    assert any(entry.clip.faults for entry in entries if entry.shipped)
    for entry in entries:
        known = read_motion(entry.clip.exercise, entry.clip.variant).faults
        assert {FaultChoice.parse(fault).name for fault in entry.clip.faults} <= set(known)
