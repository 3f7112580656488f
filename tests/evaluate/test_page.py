"""The page says everything that was found, and needs nothing but itself."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from outcomes import counted, held, negative, tally

from formcheck.evaluate.angles import AngleErrors
from formcheck.evaluate.baseline import compare_with
from formcheck.evaluate.figures import figures
from formcheck.evaluate.page import page
from formcheck.evaluate.result import ClipResult, Mark, RecognitionResult
from formcheck.evaluate.suite import Evaluation
from formcheck.evaluate.tables import seconds, share

KNEE = AngleErrors("knee", "deg", False, 200, 3.2, 1.7, (1.0, 2.0, 4.0))
FRONT = AngleErrors("front_knee", "deg", True, 150, 4.4, -2.6, (-2.0, -3.0))
REACH = AngleErrors("knee_toe", "shank", True, 150, 0.042, 0.017, (0.01, 0.02))

RESULTS = (
    counted(
        "lunge-a.mp4",
        faults=(tally(), tally(level="mild", of=6, found=5), tally(level=None, of=31, found=2)),
        angles=(KNEE, FRONT, REACH),
        marks=(
            Mark("true", 1.0, 3.0, 2.0, "left"),
            Mark("counted", 1.1, 2.9, 2.1, "left"),
            Mark("partial", 5.0, 6.0, 5.5, "too shallow"),
            Mark("cue", 6.5, 6.5, None, "Sink a little lower"),
            Mark("ready", 0.0, 7.0),
        ),
    ),
    counted(
        "lunge-b.mp4",
        right=7,
        found=6,
        view="15° off",
        cues=3,
        recognition=RecognitionResult.of("squat", "lunge"),
    ),
    held("plank-a.mp4", found=9.7),
    held("plank-b.mp4", found=7.0),
    negative(),
    negative(template="squat", counted_=4),
    replace(negative("lunge-a.mp4", template="squat", counted_=5), kind="other"),
)
EVALUATION = Evaluation(
    RESULTS,
    skipped=(("zumba.mp4", "there is no template for 'zumba'"),),
    failed=(("gone.mp4", "There is no file gone.mp4."),),
    notes=("truth.json: the key 'rater' is not known and is not used.",),
)


class Reader(HTMLParser):
    """Checks that tags are balanced, and gathers text, ids and addresses."""

    VOID = frozenset({"meta", "br", "path", "use", "rect", "link", "circle"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self._look(attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data.strip())

    def _look(self, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("src", "href", "xlink:href") and value:
                self.addresses.append(value)


@pytest.fixture(scope="module")
def html() -> str:
    return page(EVALUATION, compare_with([counted("lunge-b.mp4", right=7, found=7, view="15° off")], RESULTS))


def test_the_page_is_sound_and_needs_nothing_else(html: str) -> None:
    read = Reader(html)
    assert read.open == []
    assert len(set(read.ids)) == len(read.ids)
    assert all(address.startswith("#") for address in read.addresses)
    assert {address[1:] for address in read.addresses} <= set(read.ids)
    assert "<script" not in html
    assert "http" not in re.sub(r'xmlns(:xlink)?="[^"]*"', "", html).replace("http-equiv", "")
    assert "@import" not in html


def test_the_page_names_every_clip_and_every_figure(html: str) -> None:
    cells = Reader(html).text
    for result in RESULTS:
        assert result.name in cells
    judged = [r for r in RESULTS if not r.negative]
    f = figures(judged)
    for text in (
        share(f.exact),
        share(f.off_by_one),
        share(f.sides),
        share(f.recognised),
        "as squat",
        share(f.hold_within),
        seconds(f.peak),
        seconds(f.start),
        seconds(f.end),
        seconds(f.hold),
        seconds(f.held),
        "90%",
        "98%",
    ):
        assert text in cells, text
    # The fault: found clear and mild with their intervals, false alarms, specificity.
    for text in ("9/10 (0.60–0.98)", "5/6 (0.44–0.97)", "2/31", "29/31 (0.79–0.98)"):
        assert text in cells, text
    # Angles: error, bias, offset, without it; and measures with three digits where they are no degrees.
    for text in ("3.2", "1.7", "2.0", "4.4", "-2.6", "0.042", "0.017"):
        assert text in cells, text
    whole = " ".join(cells)
    assert "there is no template for 'zumba'" in whole
    assert "There is no file gone.mp4." in whole
    assert "the key 'rater'" in whole
    assert "repetitions 6 (right: 7), was 7" in whole


def test_the_page_has_its_plots_and_a_strip_for_every_clip(html: str) -> None:
    assert html.count('<svg class="plot"') == 4
    assert html.count('<svg class="strip"') == 4
    strip = html[html.index('<svg class="strip"') :]
    strip = strip[: strip.index("</svg>")]
    for kind in ("true", "counted", "partial", "cue", "ready"):
        assert f'<g class="{kind}">' in strip
    assert "Sink a little lower" in strip


def test_plots_take_colours_and_letters_from_the_page(html: str) -> None:
    plots = re.findall(r'<svg class="plot".*?</svg>', html, re.DOTALL)
    for plot in plots:
        assert "var(--ink)" in plot
        assert "font-family: var(--letters)" in plot or "px var(--letters)" in plot
        assert not re.search(r"#0102\d\d", plot)
    light, dark = re.findall(r":root \{(.*?)\}", html, re.DOTALL)[:2]
    names = set(re.findall(r"var\(--([a-z]+)\)", "".join(plots)))
    assert names <= set(re.findall(r"--([a-z]+):", light))
    assert names - {"letters"} <= set(re.findall(r"--([a-z]+):", dark))


def test_names_cannot_break_the_page() -> None:
    evil = "<script>alert('x')</script>&.mp4"
    strange = (
        counted(evil, marks=(Mark("counted", 1, 2, 1.5, evil),)),
        held(evil),
        counted("b", faults=(tally("<b>", of=2, found=1),)),
    )
    html = page(Evaluation(strange, ((evil, evil),), ((evil, evil),), (evil,)))
    assert "<script>" not in html
    assert Reader(html).open == []


@pytest.mark.parametrize("name", ["cost $_$.mp4", "from $5$ to.mp4", "壁座り.mp4", "присед.mp4"])
def test_plots_show_the_name_of_any_file(name: str) -> None:
    text = page(Evaluation((held(name),), (), (), ()))
    (holds,) = re.findall(r"<h2>Holds</h2>(.*?)</svg>", text, re.DOTALL)
    assert f">{name}</text>" in holds


def test_an_empty_evaluation_has_a_page_too() -> None:
    read = Reader(page(Evaluation((), (("a.mp4", "no template"),), (), ())))
    assert "a.mp4: no template" in read.text


def test_columns_without_content_are_left_out() -> None:
    only_holds: tuple[ClipResult, ...] = (held("a"), held("b"))
    assert "within 1" not in Reader(page(Evaluation(only_holds, (), (), ()))).text
    assert "within 1" in Reader(page(Evaluation((*only_holds, counted("c")), (), (), ()))).text
