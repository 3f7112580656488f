"""The pages of progress and comparison in a real browser, opened from disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from chromium import axe, chromium
from judging import template
from kept import keep, keep_weeks, lunges
from motions import Lunge, Repeats
from stick_figure import Camera

from formcheck.analysis import replay
from formcheck.compare.difference import compare
from formcheck.compare.page import page as compare_page
from formcheck.compare.subject import subject
from formcheck.history.page import page as progress_page
from formcheck.history.progress import progress
from formcheck.history.store import History
from formcheck.see.track import Track, TrackMeta

pytestmark = pytest.mark.browser

WIDE, PHONE = (1400, 1000), (390, 844)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A page of progress, one of a person who has just begun, and one of a comparison."""
    folder = tmp_path_factory.mktemp("pages")
    texts = {}
    for name, sets in (("progress", 80), ("begun", 0)):
        with History(folder / f"{name}.sqlite3") as history:
            keep_weeks(history, sets)
            keep(history, lunges(0), 400)
            keep(history, lunges(3), 400)
            texts[name] = progress_page(progress(history.sets()), "Ada")
    subjects = []
    for name, lean in (("upright", 0.0), ("leaning", 35.0)):
        poses = Lunge(sides=("left", "right"), lean=lean).motion(Repeats(count=4)).film()
        replay(Track(tuple(poses), TrackMeta(Camera().size, f"{name}.mp4")), "lunge", out=folder / name)
        (folder / name / "stills").mkdir()
        picture = np.full((180, 320, 3), 128, np.uint8)
        cv2.imwrite(str(folder / name / "stills" / "repetition-01-left.jpg"), picture)
        subjects.append(subject(str(folder / name), exercise=None, person=None, load=template))
    texts["compare"] = compare_page(compare(*subjects))
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("name", ["progress", "begun", "compare"])
def test_a_page_needs_nothing_and_everybody_can_use_it(
    browser: Any, pages: dict[str, Path], name: str, size: tuple[int, int], scheme: str
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    opened = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(pages[name].as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [pages[name].as_uri()]
    assert said == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert opened.locator("svg.chart").count() > 0
    # Letters beside an axis do not stick out of their card.
    out = """() => [...document.querySelectorAll('svg.chart text')].filter(text => {
        const card = text.closest('.card').getBoundingClientRect(), own = text.getBoundingClientRect();
        return own.left < card.left || own.right > card.right;
    }).map(text => text.textContent)"""
    assert opened.evaluate(out) == []
    context.close()
    # The page's own policy lets no script in, not even the checker.
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, bypass_csp=True)
    opened = context.new_page()
    opened.goto(pages[name].as_uri())
    opened.add_script_tag(content=axe())
    result = opened.evaluate("axe.run(document)")
    grave = [
        f"{v['id']}: {v['nodes'][0]['html'][:120]}"
        for v in result["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert grave == []
    assert len(result["passes"]) > 10
    context.close()
