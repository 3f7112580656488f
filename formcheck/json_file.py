"""JSON from files that anybody may have written or damaged: bounded, and with one kind of error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MOST_BYTES = 64 * 2**20
"""Bytes of a JSON file: the report of a day-long session has three megabytes. As Python's objects it takes ten times
as much memory."""


def read_json(path: Path) -> Any:
    """What a JSON file says.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON, not in UTF-8, too long, nested too deeply, or has numbers of thousands of digits.
            The message is the end of a sentence; where a line can be told it is a `json.JSONDecodeError`.
    """
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES // 2**20} MB")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("not a text file in UTF-8") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
