"""What a camera and a pose model do to a track: noise, lost pictures, exchanged sides, hidden joints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from formcheck.pose import LANDMARKS, MIRRORED, Pose

Track = Sequence[Pose]


def jittered(track: Track, pixels: float, seed: int = 0) -> list[Pose]:
    """White noise of this standard deviation on every coordinate of every pose."""
    rng = np.random.default_rng(seed)
    return [
        Pose(p.time, p.points + rng.normal(0.0, pixels, (LANDMARKS, 2)) if pixels else p.points, p.visibility, p.size)
        for p in track
    ]


def lossy(track: Track, share: float, seed: int = 0, how: Literal["absent", "missing"] = "absent") -> list[Pose]:
    """Poses lost at random: nobody seen in the picture, or the picture itself missing."""
    lost = np.random.default_rng(seed + 1000).random(len(track)) < share
    lost[0] = lost[-1] = False
    if how == "missing":
        return [p for p, gone in zip(track, lost, strict=True) if not gone]
    return [Pose.absent(p.time, p.size) if gone else p for p, gone in zip(track, lost, strict=True)]


def swapped(
    track: Track, share: float, seed: int = 0, what: Literal["body", "legs"] = "body", run: int = 1
) -> list[Pose]:
    """Left and right exchanged in random stretches of `run` poses, in this share of all poses."""
    order = np.arange(LANDMARKS)
    members = np.arange(25 if what == "legs" else 0, LANDMARKS)
    order[members] = np.array(MIRRORED)[members]
    starts = np.random.default_rng(seed + 2000).random(len(track)) < share / run
    result = []
    left = 0
    for pose, start in zip(track, starts, strict=True):
        left = run if start else left
        if left > 0 and pose.seen:
            pose = Pose(pose.time, pose.points[order], pose.visibility[order], pose.size)
        left -= 1
        result.append(pose)
    return result


def hidden(track: Track, landmarks: Iterable[int], visibility: float = 0.1) -> list[Pose]:
    """Some landmarks out of sight (their coordinates are still guessed)."""
    return [_less_clear(p, list(landmarks), visibility) for p in track]


def during(track: Track, start: float, end: float, change: Sequence[Pose]) -> list[Pose]:
    """`change` between two times, `track` outside."""
    return [b if start <= a.time <= end else a for a, b in zip(track, change, strict=True)]


def shifted(track: Track, seconds: float) -> list[Pose]:
    """The same track on another clock."""
    return [Pose(p.time + seconds, p.points, p.visibility, p.size) for p in track]


def mirrored(track: Track) -> list[Pose]:
    """The same track in a mirror."""
    return [p.mirrored() for p in track]


def tilted(track: Track, degrees: float) -> list[Pose]:
    """The camera turned about its line of sight, clockwise."""
    turn = np.radians(degrees)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return [
        Pose(p.time, (p.points - np.divide(p.size, 2)) @ rotation.T + np.divide(p.size, 2), p.visibility, p.size)
        for p in track
    ]


def emptied(track: Track, start: float, end: float) -> list[Pose]:
    """Nobody to be seen between two times."""
    return [Pose.absent(p.time, p.size) if start <= p.time <= end else p for p in track]


def moved(track: Track, dx: float, dy: float, scale: float = 1.0) -> list[Pose]:
    """The person elsewhere in the picture or of another size."""
    return [Pose(p.time, p.points * scale + (dx, dy), p.visibility, p.size) for p in track]


def joined(*tracks: Track, gap: float = 1 / 30) -> list[Pose]:
    """One track after another, as cut together."""
    result: list[Pose] = []
    for track in tracks:
        offset = result[-1].time + gap - track[0].time if result else 0.0
        result += shifted(track, offset)
    return result


def _less_clear(pose: Pose, landmarks: list[int], visibility: float) -> Pose:
    clear = pose.visibility.copy()
    clear[landmarks] = visibility
    return Pose(pose.time, pose.points, clear, pose.size)
