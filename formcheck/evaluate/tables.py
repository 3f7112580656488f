"""The results of the accuracy suite in the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import get_args

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from formcheck.evaluate.baseline import Comparison
from formcheck.evaluate.document import GROUPS
from formcheck.evaluate.figures import (
    AngleFigures,
    FaultFigures,
    Figures,
    Share,
    Spread,
    angle_figures,
    by_class,
    fault_figures,
    figures,
    grouped,
)
from formcheck.evaluate.result import ClipResult, Level
from formcheck.evaluate.suite import Evaluation

GROUP_TITLES = {
    "exercise": "By exercise",
    "view": "By view",
    "body": "By body",
    "rate": "By frame rate",
    "company": "By company",
}
LEVELS: tuple[Level, ...] = get_args(Level)
NEAR = ("knee", "hip", "trunk", "leg")


def print_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Everything that a person wants to see; more is in the JSON and on the page."""
    results = evaluation.results
    judged = [r for r in results if not r.negative]
    if judged:
        console.print(_clips(judged).fitting(console))
    for title, kind in (("Negatives: nothing may count", "negative"), ("Judged as another exercise", "other")):
        negatives = [r for r in results if r.kind == kind]
        if negatives:
            console.print(_negatives(title, negatives).fitting(console))
    for group in GROUPS:
        parts = grouped(judged, group)
        if len(parts) > 1 or (group == "exercise" and parts):
            console.print(_groups(GROUP_TITLES[group], parts, figures(judged)).fitting(console))
    faults = fault_figures(results)
    if faults:
        console.print(_faults(faults).fitting(console))
    angles = angle_figures(results, measures=False, each=True)
    if angles:
        console.print(_angles([a for a in angles if a.name in NEAR]).fitting(console))
    for clip, why in evaluation.skipped:
        console.print(f"not judged: {clip}: {why}", style="dim", soft_wrap=True)
    for clip, why in evaluation.failed:
        console.print(Text.assemble(("failed: ", "bold red"), f"{clip}: {why}"), soft_wrap=True)
    if results:
        console.print(_verdict(figures(results)))


def print_comparison(console: Console, comparison: Comparison) -> None:
    """What got worse than the baseline."""
    for worse in comparison.worse:
        console.print(Text.assemble(("worse  ", "bold red"), str(worse)), soft_wrap=True)
    extra = [f"{comparison.new} not in the baseline"] if comparison.new else []
    extra += [f"{comparison.absent} of the baseline not evaluated"] if comparison.absent else []
    verdict = f"{len(comparison.worse)} figures are worse than" if comparison.worse else "Nothing is worse than"
    if len(comparison.worse) == 1:
        verdict = "1 figure is worse than"
    rest = f"; {', '.join(extra)}" if extra else ""
    console.print(f"{verdict} the baseline ({comparison.compared} results compared{rest}).")


def share(value: Share, *, interval: bool = False) -> str:
    """12/12, with its confidence interval if wanted; a dash of nothing."""
    if not value.n:
        return "–"
    low, high = value.interval
    return f"{value.k}/{value.n}" + (f" ({low:.2f}–{high:.2f})" if interval else "")


def seconds(value: Spread) -> str:
    """Mean error and bias; a dash of nothing."""
    return f"{value.mae:.2f} ({value.bias:+.2f})" if value.n else "–"


def percent(value: Share) -> str:
    """A share in percent; a dash of nothing."""
    return f"{value.value:.0%}" if value.n else "–"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table that gives up columns where the terminal is narrow.

    Attributes:
        columns: headings. left: how many of them hold names.
        spare: headings that can be done without; the first goes first.
        rows: cells, and whether the row sums up.
    """

    title: str
    columns: tuple[str, ...]
    left: int
    spare: tuple[str, ...]
    rows: tuple[tuple[tuple[str | Text, ...], bool], ...]

    def fitting(self, console: Console) -> Table:
        """The table with as many columns as fit, without those in which nothing stands."""
        empty = [
            name
            for i, name in enumerate(self.columns)
            if i >= self.left and all(cells[i] in ("–", "") for cells, _ in self.rows)
        ]
        boundless = console.options.update(max_width=10_000)
        for gone in range(len(self.spare) + 1):
            table = self._without({*empty, *self.spare[:gone]})
            if Measurement.get(console, boundless, table).maximum <= console.width:
                break
        return table

    def _without(self, gone: set[str]) -> Table:
        table = Table(title=self.title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
        kept = [i for i, name in enumerate(self.columns) if name not in gone]
        for i in kept:
            table.add_column(self.columns[i], justify="left" if i < self.left else "right", no_wrap=True)
        for cells, sums in self.rows:
            table.add_row(*(cells[i] for i in kept), style="bold" if sums else None)
        return table


def _mark(ok: bool) -> Text:
    return Text("✓", "green") if ok else Text("✗", "bold red")


def _clips(results: list[ClipResult]) -> _Sheet:
    return _Sheet(
        "Clips",
        (
            " ",
            "clip",
            "template",
            "truth",
            "found",
            "with exact joints",
            "partial",
            "sides",
            "peak error s",
            "usable",
            "cues",
            "recognised",
        ),
        3,
        ("with exact joints", "cues", "peak error s", "partial", "template", "usable", "recognised", "sides"),
        tuple(
            (
                (
                    _mark(r.ok),
                    r.name,
                    r.template,
                    *clip_cells(r),
                    percent(Share(r.usable, r.frames)),
                    str(r.cues),
                    recognised(r),
                ),
                False,
            )
            for r in results
        ),
    )


def recognised(r: ClipResult) -> str:
    """What a clip was taken for, if it was not the right exercise."""
    found = r.recognition
    if found is None:
        return "–"
    return "as " + (found.exercise or "") if found.verdict == "wrong" else found.verdict.replace("right", "yes")


def clip_cells(r: ClipResult) -> tuple[str, str, str, str, str, str]:
    """Truth, what was found, the same from exact joints, partial repetitions, sides, error of the peak times."""
    if r.reps:
        least, most = r.reps.accepted
        partial = str(r.reps.partial) + (f" of {r.reps.true_partial}" if r.reps.true_partial is not None else "")
        return (
            f"{least}" if least == most else f"{least}–{most}",
            str(r.reps.counted),
            _or_dash(r.reps.with_exact_joints),
            partial,
            _sides(r.reps.sides),
            seconds(Spread.of(r.reps.peak_errors)),
        )
    assert r.hold
    low, high = r.hold.accepted
    held = f"{r.hold.in_form:.1f} s" + (f" of {r.hold.held:.1f}" if r.hold.held - r.hold.in_form >= 0.05 else "")
    exact = r.hold.with_exact_joints
    return (
        f"{low:.1f} s" if low == high else f"{low:.1f}–{high:.1f} s",
        held,
        "–" if exact is None else f"{exact:.1f} s",
        "–",
        _sides(r.hold.sides),
        "–",
    )


def _or_dash(value: int | None) -> str:
    return "–" if value is None else str(value)


def _sides(sides: tuple[int, int]) -> str:
    return f"{sides[0]}/{sides[1]}" if sides[1] else "–"


def _negatives(title: str, results: list[ClipResult]) -> _Sheet:
    """One line a clip; templates are named only where something happened."""
    rows: list[tuple[tuple[str | Text, ...], bool]] = []
    for name in dict.fromkeys(r.name for r in results):
        own = [(r, r.negative) for r in results if r.name == name and r.negative]
        bad = [r.template for r, _ in own if not r.ok]
        cells = (
            _mark(not bad),
            name,
            ", ".join(bad) if bad else f"none of {len(own)}",
            str(sum(n.counted for _, n in own)),
            f"{sum(max(n.held, n.in_form) for _, n in own):.1f}",
            str(sum(n.cues for _, n in own)),
            str(sum(n.partial for _, n in own)),
        )
        rows.append((cells, False))
    columns = (" ", "clip", "not left alone by", "counted", "held s", "cues", "partial")
    return _Sheet(title, columns, 3, ("partial", "cues"), tuple(rows))


def _groups(title: str, parts: dict[str, Figures], everything: Figures) -> _Sheet:
    rows: list[tuple[tuple[str | Text, ...], bool]] = []
    for label, f in [*parts.items(), *([("all", everything)] if len(parts) > 1 else [])]:
        cells = (
            label,
            str(f.clips),
            share(f.exact),
            share(f.off_by_one),
            "–" if isnan(f.count_error.mae) else f"{f.count_error.mae:.2f}",
            share(f.sides),
            share(f.recognised),
            seconds(f.start),
            seconds(f.peak),
            seconds(f.end),
            share(f.hold_within),
            seconds(f.hold),
            f"{f.false_cues[0]}/{f.false_cues[1]}" if f.false_cues[1] else "–",
            percent(f.usable),
        )
        rows.append((cells, label == "all"))
    columns = (
        "",
        "clips",
        "exact",
        "within 1",
        "MAE",
        "sides",
        "recognised",
        "start s",
        "peak s",
        "end s",
        "holds right",
        "hold s",
        "false cues",
        "usable",
    )
    spare = ("start s", "end s", "false cues", "within 1", "hold s", "usable", "recognised", "peak s")
    return _Sheet(title, columns, 1, spare, tuple(rows))


def _faults(faults: list[FaultFigures]) -> _Sheet:
    rows: list[tuple[tuple[str | Text, ...], bool]] = []
    worth_a_line = [f for f in faults if f.sensitivity or f.specificity.k < f.specificity.n]
    for fault in [*worth_a_line, *by_class(faults).values()]:
        false = Share(fault.specificity.n - fault.specificity.k, fault.specificity.n)
        all_together = fault.template == "all"
        cells = (
            fault.measurable,
            fault.template,
            fault.id,
            *(share(fault.sensitivity.get(level, Share(0, 0)), interval=True) for level in LEVELS),
            share(false, interval=all_together),
            share(fault.not_visible + fault.not_visible_clean),
        )
        rows.append((cells, all_together))
    return _Sheet(
        "Faults: found of those made, by strength; false alarms where nothing is wrong (95 % intervals)",
        ("class", "exercise", "fault", *LEVELS, "false alarms", "not visible"),
        3,
        ("not visible", "class"),
        tuple(rows),
    )


def _angles(angles: list[AngleFigures]) -> _Sheet:
    rows: list[tuple[tuple[str | Text, ...], bool]] = []
    for exercise in dict.fromkeys(a.exercise for a in angles):
        for view in dict.fromkeys(a.view for a in angles if a.exercise == exercise):
            cells: list[str] = []
            for joint in NEAR:
                here = [a for a in angles if (a.exercise, a.view, a.name) == (exercise, view, joint)]
                cells.append(f"{here[0].mae:.1f} ({here[0].bias:+.1f})" if here else "–")
                rest = here[0].mae_without_offset if here else None
                cells.append(f"{rest:.1f}" if rest is not None else "–")
            rows.append(((exercise, view, *cells), False))
    return _Sheet(
        "Angles against exact joints, near side: mean error (bias) in degrees; ' without the constant offset "
        "of the ideal view",
        ("exercise", "view", *(name for joint in NEAR for name in (joint, f"{joint}'"))),
        2,
        tuple(f"{joint}'" for joint in NEAR),
        tuple(rows),
    )


def _verdict(f: Figures) -> Text:
    parts = [f"{f.right.k} of {f.right.n} results right"]
    if f.exact.n:
        parts.append(f"counts exact {share(f.exact, interval=True)}")
    if f.hold_within.n:
        parts.append(f"holds right {share(f.hold_within, interval=True)}")
    if f.silent.n:
        parts.append(f"negatives left alone {share(f.silent)}")
    if f.recognised.n:
        parts.append(f"recognised {share(f.recognised, interval=True)}, taken for another {share(f.taken_for)}")
    if f.false_cues[1]:
        parts.append(f"{f.false_cues[0] / f.false_cues[1]:.2f} false cues a correct set")
    return Text("; ".join(parts) + ".", "bold")
