"""True repetitions and attempts belong together by time: nearest first, each once, never crossing."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from formcheck.evaluate.matching import FARTHEST_S, match, overlap

TIMES = st.lists(st.floats(0, 100).map(lambda t: round(t, 3)), max_size=8, unique=True).map(sorted)


def test_nearest_pairs_belong_together() -> None:
    assert match([1.0, 5.0, 9.0], [1.2, 4.8, 9.1]) == [(0, 0), (1, 1), (2, 2)]


def test_one_that_was_missed_leaves_the_others_alone() -> None:
    assert match([1.0, 3.0, 5.0], [1.1, 5.1]) == [(0, 0), (2, 1)]


def test_one_too_many_is_left_over() -> None:
    assert match([1.0, 5.0], [1.1, 3.0, 5.1]) == [(0, 0), (1, 2)]


def test_what_is_far_apart_does_not_belong_together() -> None:
    assert match([1.0], [1.0 + FARTHEST_S + 0.1]) == []


@given(TIMES, TIMES)
def test_pairs_never_cross_and_nothing_is_used_twice(true: list[float], found: list[float]) -> None:
    pairs = match(true, found)
    assert all(abs(true[i] - found[j]) <= FARTHEST_S for i, j in pairs)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(pairs))


@given(TIMES)
def test_perfect_attempts_all_match(true: list[float]) -> None:
    assert match(true, true) == [(i, i) for i in range(len(true))]


def test_spans_share_what_they_have_in_common() -> None:
    assert overlap((1, 4), (3, 9)) == 1
    assert overlap((1, 2), (3, 9)) == 0
