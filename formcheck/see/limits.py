"""How much is read of what somebody else made: a file may be damaged, or made to do harm.

Each limit lies far beyond any recording of an exercise, and low enough that memory and time stay bounded.
``docs/hardening.md`` lists these and all others.
"""

from __future__ import annotations

LARGEST_SIDE = 8192
SMALLEST_SIDE = 32
"""Pixels. Outside of these no person can be judged, and a claimed size must not fill the memory."""

MOST_PIXELS = 36_000_000
"""Of one picture: 8K video has 33 million. As RGB it takes 108 MB, and a handful of pictures are kept at a time."""

MOST_PICTURES = 1_000_000
"""Of one recording: nine hours at 30 pictures a second. A small file can hold many pictures of nothing."""

LONGEST_S = 86_400.0
"""Seconds of one recording: a day. Timestamps may be anything, and some results grow with the time they span."""

SHORTEST_STEP_S = 1e-6
"""Seconds between two pictures. Judging tells times apart to about a microsecond."""

FARTHEST_PX = 1e6
"""A landmark further than this from the picture's corner is none: squares and cubes of distances must stay finite."""
