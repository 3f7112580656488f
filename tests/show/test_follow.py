"""Without a window the terminal tells what goes on."""

from __future__ import annotations

import io

from filmed import BRIDGES
from judging import template
from rehearsal import rehearse
from rich.console import Console

from formcheck.live.plan import plan_for
from formcheck.live.scene import Scene
from formcheck.show.follow import Follower


def told(scenes: list[Scene], terminal: bool) -> str:
    text = io.StringIO()
    follower = Follower(Console(file=text, force_terminal=terminal, width=100, highlight=False, no_color=True))
    for scene in scenes:
        follower.show(scene)
    follower.close()
    return text.getvalue()


def test_every_count_is_a_line_and_the_end_is_told() -> None:
    live = rehearse("bridge", plan_for(template("bridge"), repetitions=2), BRIDGES)
    lines = told(live.stage.scenes, terminal=False).splitlines()
    assert [line for line in lines if line.startswith(("0 of 2", "1 of 2", "2 of 2"))] != []
    assert lines.index("Well done!") > max(i for i, line in enumerate(lines) if line.startswith("1 of 2"))
    assert len(lines) < 20  # and not one for every picture


def test_in_a_terminal_the_state_stays_on_one_line() -> None:
    live = rehearse("bridge", plan_for(template("bridge"), repetitions=2), BRIDGES)
    text = told(live.stage.scenes, terminal=True)
    assert "\r1 of 2" in text
    assert text.count("\n") < 20


def test_trouble_is_told_once() -> None:
    from formcheck.see.scripted import Part

    script = [Part("picture", 3), Part("silent", 4), Part("picture", 2)]
    live = rehearse("bridge", plan_for(template("bridge")), BRIDGES, script=script)
    assert told(live.stage.scenes, terminal=False).count("No picture comes") == 1
