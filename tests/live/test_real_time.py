"""A recording played as a camera, with the pose model: judged as `analyze` judges it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from judging import template

from formcheck.analysis import PoseEstimator, analyze
from formcheck.live import run
from formcheck.live.plan import plan_for
from formcheck.live.record import SessionRecord
from formcheck.see.camera import capture_for

CLIPS = Path(__file__).parents[2] / "samples" / "clips"


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize(("clip", "exercise"), [("lunge_trunk_lean", "lunge"), ("plank_forearm_sag", "plank_forearm")])
def test_live_gives_the_same_as_analyze(clip: str, exercise: str, tmp_path: Path) -> None:
    path, known = CLIPS / f"{clip}.mp4", template(exercise)

    def estimator(closing: ExitStack) -> PoseEstimator:
        from formcheck.see.estimator import Estimator

        own = closing.enter_context(Estimator(upright=known.upright))
        own.warm_up((640, 480))
        return own

    plan = plan_for(known, hold_s=600) if known.kind == "hold" else plan_for(known, repetitions=400)
    record = SessionRecord(tmp_path / "live", known, str(path), "full", "")
    workout = run.exercise(known, plan, capture_for(str(path)), estimator, record=record, window=False)
    live = workout.results[0].report
    recorded = analyze(path, known)
    assert (live.counts, len(live.holds)) == (recorded.counts, len(recorded.holds))
    assert [f.id for f in live.faults] == [f.id for f in recorded.faults]
    for one, other in zip(live.repetitions, recorded.repetitions, strict=True):
        assert (one.side, one.faults, one.reason) == (other.side, other.faults, other.reason)
        assert one.peak_s == pytest.approx(other.peak_s, abs=0.15)
    for one_hold, other_hold in zip(live.holds, recorded.holds, strict=True):
        assert one_hold.start_s == pytest.approx(other_hold.start_s, abs=0.15)
        assert one_hold.held_s == pytest.approx(other_hold.held_s, abs=0.3)
    fps = workout.pace.fps
    assert fps is not None
    assert fps > 15  # of 25; a machine with nothing else to do judges every frame
