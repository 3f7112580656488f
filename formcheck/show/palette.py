"""Colours of everything that is shown, as RGB.

Good and off are Okabe and Ito's sky blue and orange [1]_, which people with any kind of colour blindness tell apart;
each also has a shape of its own (`glyphs.py`), so that colour is never the only sign.

.. [1] https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

from formcheck.judge.moment import Quality

Colour = tuple[int, int, int]

INK: Colour = (13, 17, 23)
WHITE: Colour = (246, 248, 250)
MUTED: Colour = (178, 188, 200)
TRACK: Colour = (72, 80, 92)
GOOD: Colour = (86, 180, 233)
OFF: Colour = (240, 160, 10)
STOP: Colour = (224, 92, 20)

PANEL_OPACITY = 0.84
"""Of the dark panels under text: even on a white wall white letters keep a contrast of 7:1 and the others of 4.5:1."""

QUALITY: dict[Quality, Colour] = {"good": GOOD, "off": OFF, "unseen": MUTED, "untargeted": WHITE}
