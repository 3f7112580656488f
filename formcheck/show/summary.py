"""A report in the terminal: what was counted, what to correct, what could not be seen, and where the files are."""

from __future__ import annotations

from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from formcheck.judge.counting import quantity
from formcheck.judge.report import FaultReport, Repetition, Report
from formcheck.judge.template import Template
from formcheck.show.results import STILLS, results_in

VIEWS = {
    "side": "seen from the side",
    "oblique": "seen at an angle",
    "front": "seen from the front or behind",
    "unknown": "view not clear",
}
_REASONS = {
    "no_person": "nobody was in the picture",
    "joints": "parts of the body were not in the picture",
    "posture": "the person was not placed as for this exercise",
    "view": "the camera looked from the wrong side",
    "start": "the start position was not taken",
    "hold_still": "the start position was not held",
}
_SEVERITY = {"S1": "tip", "S2": "correct", "S3": "stop, reset"}


def print_summary(console: Console, report: Report, template: Template, folder: Path | None = None) -> None:
    """Prints the report of one set; `folder` is where its files are."""
    console.print(_title(report))
    for text in report.notes:
        console.print(Text.assemble(("! ", "bold yellow"), text))
    console.print(_counted(report) if report.kind == "repetitions" else _held(report))
    if report.repetitions:
        console.print(_repetitions(report, template))
    if report.holds:
        console.print(_holds(report, template))
    if report.faults:
        console.print(_faults(report))
    for tip in report.tips:
        console.print(Text.assemble(("Maybe: ", "bold"), f"{tip.cue} ({_times(tip)}; a weak sign). {tip.why}"))
    if report.video.frames_with_person:
        for line in _advice(report, template):
            console.print(line)
    if folder is not None:
        console.print(Text.assemble(("Files: ", "bold"), f"{_files(folder)} in {folder}"))


def hindrance(report: Report) -> str | None:
    """If nobody even tried: what stood in the way for longest, and what to do about it."""
    if report.repetitions or report.holds:
        return None
    seconds: dict[str, float] = {}
    say: dict[str, str] = {}
    for period in report.readiness:
        if not period.state.ready:
            reason = period.state.reason
            seconds[reason] = seconds.get(reason, 0.0) + period.end - period.start
            say[reason] = period.state.say.rstrip(".")
    if not seconds:
        return None
    longest = max(seconds, key=lambda reason: seconds[reason])
    whole = _seconds(report.video.duration_s)
    part = f"{seconds[longest]:.1f}" if whole.endswith("s") else clock(seconds[longest])
    share = f"for {part} of {whole} " if seconds[longest] >= 0.1 else ""
    return f"{share}{_REASONS.get(longest, 'the person was not ready')}. {say[longest]}."


def _title(report: Report) -> Text:
    video = report.video
    near = f", {report.near_side} side near" if report.near_side and report.view in ("side", "oblique") else ""
    comfort = ", comfort mode" if report.comfort else ""
    seen = f"{VIEWS[report.view]}{near}{comfort}" if video.frames_with_person else "nobody seen"
    facts = f"{_seconds(video.duration_s)}, {video.width}×{video.height}, {seen}"
    name = Path(video.path).name if video.path else ""
    return Text.assemble("\n", (report.name, "bold"), f"  {name}  " if name else "  ", (facts, "dim"))


def _counted(report: Report) -> Text:
    counts = report.counts
    text = Text.assemble((str(counts.total), "bold"), " repetition" if counts.total == 1 else " repetitions")
    if counts.left or counts.right:
        text.append(f": left {counts.left}, right {counts.right}")
    if counts.partial:
        text.append(f"; {counts.partial} {'attempt' if counts.partial == 1 else 'attempts'} did not count")
    return text


def _held(report: Report) -> Text:
    text = Text.assemble((_seconds(report.in_form_s), "bold"), f" in good form, {_seconds(report.held_s)} held")
    if report.lost_s:
        text.append(f"; {_seconds(report.lost_s)} not seen")
    return text


def _repetitions(report: Report, template: Template) -> Table:
    side = ["Side"] if template.sides else []
    table = _table("No.", *side, "Peak at", _depth_names(report, template), "Took", "Form")
    cues = {fault.id: fault.cue for fault in template.faults if fault.measurable != "C"}
    number = 0
    for r in report.repetitions:
        number += r.counted
        table.add_row(
            str(number) if r.counted else "–",
            *([r.side or "unknown"] if side else []),
            clock(r.peak_s),
            quantity(r.depth, template.measures[r.depth_measure].unit),
            _seconds(r.end_s - r.start_s),
            _form(r, cues),
            style=None if r.counted else "dim",
        )
    return table


def _form(repetition: Repetition, cues: dict[str, str]) -> str:
    if not repetition.counted:
        explanation = repetition.explanation or ""
        return f"not counted: {explanation[:1].lower()}{explanation[1:]}"
    return "; ".join(cues[i] for i in repetition.faults if i in cues) or "nothing seen to correct"


def _holds(report: Report, template: Template) -> Table:
    side = ["Side"] if template.sides else []
    table = _table("Hold", *side, "From", "To", "In form", "Held", "Not seen", "Longest")
    for number, h in enumerate(report.holds, start=1):
        spans = (h.in_form_s, h.held_s, h.lost_s, h.longest_s)
        known = [h.side or "unknown"] if side else []
        table.add_row(str(number), *known, clock(h.start_s), clock(h.end_s), *map(_seconds, spans))
    return table


def _faults(report: Report) -> Table:
    table = _table("What to correct", "", "How often", "First at", "Why")
    for fault in report.faults:
        times = _times(fault)
        if report.kind == "repetitions":
            having = sum(fault.id in r.faults for r in report.repetitions)
            times = f"{having} of {len(report.repetitions)}"
        table.add_row(fault.cue, _SEVERITY[fault.severity], times, clock(fault.first_s), fault.why)
    return table


def _advice(report: Report, template: Template) -> list[Text]:
    stood_in_the_way = hindrance(report)
    if stood_in_the_way:
        nothing = "Nothing was counted" if report.kind == "repetitions" else "Nothing was timed"
        return [Text.assemble((f"{nothing}: ", "bold"), f"{stood_in_the_way} {template.camera.advice}")]
    if not report.not_visible:
        return []
    views = {fault.id: fault.view for fault in template.faults}
    here = (template.camera.view, "any")
    hidden = [
        name.replace("_", " ") + ("" if views[name] in here else f" (only {VIEWS[views[name]]})")
        for name in report.not_visible
    ]
    advice = template.camera.advice if any(views[name] in here for name in report.not_visible) else ""
    return [Text.assemble(("Not visible, so not judged: ", "bold"), f"{', '.join(hidden)}. {advice}")]


def _files(folder: Path) -> str:
    paths = results_in(folder)
    names = [path.name for path in paths if path.parent == folder]
    stills = len(paths) - len(names)
    return ", ".join([*names, f"{STILLS}/ ({stills})"] if stills else names)


def _depth_names(report: Report, template: Template) -> str:
    """What the depths of the set are called: of somebody who turned round within it, they are of two measures."""
    names = dict.fromkeys(r.depth_measure for r in report.repetitions)
    return " / ".join(template.measures[name].label or name.replace("_", " ").capitalize() for name in names)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _times(fault: FaultReport) -> str:
    return "once" if len(fault.times) == 1 else f"{len(fault.times)} times"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 120 else clock(seconds)


def clock(seconds: float) -> str:
    """Minutes and seconds: 1:07.5."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"
