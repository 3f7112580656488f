from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcheck.routine.calendar import calendar, next_days

STAMP = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)


def plan(**more: object) -> str:
    given: dict[str, object] = {
        "days": ("monday", "friday"),
        "at": time(18, 30),
        "weeks": 6,
        "start": date(2026, 11, 24),  # a Tuesday
        "minutes": 25,
        "about": "Bridge; clamshell, lunge\nand more",
        "stamp": STAMP,
    }
    return calendar("Hip and core", **{**given, **more})  # type: ignore[arg-type]


def event(text: str) -> Any:
    """The one event, as a calendar program reads it."""
    (found,) = icalendar.Calendar.from_ical(text).events
    return found


def test_a_calendar_reads_the_plan() -> None:
    text = plan()
    found = event(text)
    assert found["SUMMARY"] == "Hip and core"
    assert found["DESCRIPTION"] == "Bridge; clamshell, lunge\nand more"
    assert found.start == datetime(2026, 11, 27, 18, 30)
    assert found.duration == timedelta(minutes=25)
    assert found.DTSTAMP == STAMP
    assert found["RRULE"] == {"FREQ": ["WEEKLY"], "BYDAY": ["MO", "FR"], "COUNT": [12]}
    (alarm,) = found.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(minutes=-15)
    assert alarm["ACTION"] == "DISPLAY"


def test_it_begins_on_a_day_of_the_plan_and_not_before_the_start() -> None:
    for offset in range(7):
        start = date(2026, 11, 23) + timedelta(days=offset)
        first = event(plan(start=start)).start.date()
        assert first >= start
        assert first.weekday() in (0, 4)
        assert (first - start).days < 7


def test_the_same_plan_keeps_its_name_and_another_has_another() -> None:
    assert event(plan())["UID"] == event(plan(weeks=3))["UID"]
    assert event(plan())["UID"] != event(plan(at=time(7, 0)))["UID"]


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=300))
def test_any_text_survives_and_no_line_is_too_long(about: str) -> None:
    text = plan(about=about)
    lines = text.split("\r\n")
    assert lines.pop() == ""
    assert max(len(line.encode()) for line in lines) <= 75
    assert "\n" not in "".join(lines)
    assert event(text)["DESCRIPTION"] == about


@pytest.mark.parametrize(
    ("days", "pairs"),
    [
        (("monday", "wednesday", "friday"), []),
        (("monday", "tuesday"), [("monday", "tuesday")]),
        (("sunday", "monday"), [("sunday", "monday")]),
    ],
)
def test_days_without_rest_between_are_found(days: tuple[str, ...], pairs: list[tuple[str, str]]) -> None:
    assert next_days(days) == pairs
