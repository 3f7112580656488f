"""The end of a session in a few words."""

from __future__ import annotations

from filmed import BRIDGES, LUNGES
from judging import template
from motions import Bridge, Lunge, Repeats, then
from rehearsal import rehearse

from formcheck.live.plan import plan_for
from formcheck.live.summary import achieved, closing_board, closing_lines, corrections
from formcheck.live.wish import Wish
from formcheck.show.lines import summary


def test_what_was_done_and_what_to_work_on() -> None:
    low = Bridge(top=157.0).motion(Repeats(count=3, seconds=2.0))
    live = rehearse("bridge", plan_for(template("bridge"), repetitions=3), low)
    board = closing_board(template("bridge"), live.results, live.workout.ended)
    assert board.lines[0] == "3 of 3 repetitions"
    assert board.lines[1].startswith("Next time: ")
    assert [line for line in closing_lines(live.results, "done") if line == "3 of 3 repetitions"]


def test_sides_in_turn_are_told_apart() -> None:
    live = rehearse("lunge", plan_for(template("lunge")), LUNGES)
    counts = live.results[0].report.counts
    assert achieved(live.results[0]).startswith(f"left {counts.left}, right {counts.right} of 10 repetitions each")


def test_a_repetition_cut_short_by_the_end_is_nobodys_fault() -> None:
    live = rehearse("bridge", plan_for(template("bridge")), BRIDGES, asks=[(5.75, Wish.QUIT)])
    (result,) = live.results
    assert result.report.repetitions[-1].reason == "unfinished"
    assert achieved(result) == "1 of 10 repetitions"
    assert corrections(live.results) == ("No faults were seen.",)


def test_nothing_done() -> None:
    assert closing_board(template("bridge"), [], "quit").title == "Nothing was done"
    assert closing_lines([], "quit") == ["Nothing was done."]


def test_what_is_said_of_several_sets_is_what_the_board_shows() -> None:
    leaning, upright = (Lunge(sides=(s,), lean=lean) for s, lean in (("left", 35.0), ("right", 0.0)))  # type: ignore[arg-type]
    lunges = then(*(each.motion(Repeats(count=3)) for each in (leaning, upright)))
    live = rehearse("lunge", plan_for(template("lunge"), repetitions=3, sides="each"), lunges)
    assert live.heard.summarized == [[result.report for result in live.results]]
    board = closing_board(template("lunge"), live.results, live.workout.ended)
    assert board.lines[-1] == "Next time: Lift your chest tall"
    assert board.shorter == ("6 repetitions, 3 left and 3 right.", "Next time: Lift your chest tall")
    assert summary(*live.heard.summarized) == ("6 repetitions, 3 left and 3 right. Next time: Lift your chest tall.")
