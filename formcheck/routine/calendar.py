"""The plan of the week as a file for calendars (iCalendar, RFC 5545).

Times are local ones without a zone ("floating"): six in the evening stays six in the evening on a journey.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from formcheck.version import __version__

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_NAMESPACE = uuid.UUID("6f1a1f3e-5f0e-5d0a-9c55-3b8b5c1c2f10")
_OCTETS = 75


def calendar(
    title: str,
    *,
    days: Sequence[str],
    at: time,
    weeks: int,
    start: date,
    minutes: int,
    about: str,
    remind_minutes: int = 15,
    stamp: datetime | None = None,
) -> str:
    """A repeated event on some days of the week.

    Args:
        title, about: its name and description.
        days: names of days, such as "monday".
        at: local time.
        weeks: for so many weeks.
        start: not before this day.
        minutes: how long it takes.
        remind_minutes: an alarm so long before.
        stamp: when this was made; now by default.
    """
    numbers = sorted({DAYS.index(day) for day in days})
    first = next(day for i in range(7) if (day := start + timedelta(days=i)).weekday() in numbers)
    stamp = (stamp or datetime.now(UTC)).astimezone(UTC)
    rule = ",".join(DAYS[n][:2].upper() for n in numbers)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//formcheck//formcheck {__version__}//EN",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        # The same plan has the same name: importing it again replaces it in most calendars.
        f"UID:{uuid.uuid5(_NAMESPACE, f'{title} {rule} {at}')}",
        f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{datetime.combine(first, at):%Y%m%dT%H%M%S}",
        f"DURATION:PT{minutes}M",
        f"RRULE:FREQ=WEEKLY;BYDAY={rule};COUNT={weeks * len(numbers)}",
        f"SUMMARY:{_text(title)}",
        f"DESCRIPTION:{_text(about)}",
        "TRANSP:OPAQUE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(title)}",
        f"TRIGGER:-PT{remind_minutes}M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def next_days(days: Sequence[str]) -> list[tuple[str, str]]:
    """Days of the plan that follow each other without a day of rest between."""
    numbers = sorted({DAYS.index(day) for day in days})
    return [(DAYS[n], DAYS[(n + 1) % 7]) for n in numbers if (n + 1) % 7 in numbers]


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """A line in pieces of at most 75 octets, never cut inside of a character."""
    pieces, piece, size = [], "", 0
    for character in line:
        octets = len(character.encode("utf-8"))
        if size + octets > _OCTETS:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + character, size + octets
    return "\r\n".join([*pieces, piece])
