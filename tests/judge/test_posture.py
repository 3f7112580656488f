"""Being in a posture, past single wrong poses."""

from __future__ import annotations

from formcheck.judge.posture import LEFT_S, TAKEN_S, PostureWatch

FPS = 30


def watch(*stretches: tuple[float, bool], busy: bool = False) -> list[tuple[float, bool, bool]]:
    """(time, in the posture, taken) of every pose; stretches are (until, whether a pose is in the posture)."""
    watched, seen = PostureWatch(), []
    for i in range(round(stretches[-1][0] * FPS)):
        time = i / FPS
        there = next(there for until, there in stretches if time < until - 1e-9)
        inside = watched.update(time, there, busy and i > 0)
        seen.append((time, inside, watched.taken))
    return seen


def first(seen: list[tuple[float, bool, bool]]) -> float | None:
    """When the posture was taken."""
    return next((time for time, inside, taken in seen if inside and taken), None)


def test_who_is_in_it_from_the_beginning_has_taken_it() -> None:
    assert first(watch((1.0, True))) == 0.0


def test_who_comes_from_elsewhere_has_taken_it_after_a_while() -> None:
    taken = first(watch((1.0, False), (3.0, True)))
    assert taken is not None
    assert abs(taken - 1.0 - TAKEN_S) <= 2 / FPS


def test_a_single_pose_on_the_way_is_not_taken() -> None:
    seen = watch((1.0, False), (1.0 + 1 / FPS, True), (2.0, False), (2.1, True), (3.0, False))
    assert any(inside for _, inside, _ in seen)
    assert first(seen) is None


def test_a_wrong_pose_changes_nothing() -> None:
    seen = watch((1.0, True), (1.0 + 0.9 * LEFT_S, False), (2.0, True))
    assert all(inside and taken for _, inside, taken in seen)


def test_who_left_takes_it_again() -> None:
    seen = watch((1.0, True), (2.0, False), (2.1, True))
    assert not any(inside and taken for time, inside, taken in seen if time > 1.5)


def test_a_repetition_that_leaves_the_posture_comes_back_to_it() -> None:
    seen = watch((1.0, True), (2.0, False), (2.1, True), busy=True)
    assert [inside and taken for time, inside, taken in seen if time >= 2.0] == [True] * 3


def test_after_a_cut_it_starts_anew() -> None:
    watched = PostureWatch()
    watched.update(0.0, False, False)
    watched.reset()
    assert watched.update(0.5, True, False)
    assert watched.taken
