"""The lowest versions that pyproject.toml promises to work with, as constraints for pip.

    python tests/lowest.py [EXTRA ...] > lowest.txt
    pip install -c lowest.txt ".[EXTRA]"

What pyproject.toml does not name itself is as new as pip finds it. `.ci/run` installs this, runs a part of the tests
with it and analyzes a clip; everything else runs with the newest versions.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def constraints(extras: Iterable[str] = ()) -> list[str]:
    """A line ``name==version`` for each package that the project needs, with these extras.

    Raises:
        ValueError: a requirement does not say from which version on it is met.
        KeyError: there is no such extra.
    """
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for e in extras for one in project["optional-dependencies"][e])]
    lines = []
    for requirement in dict.fromkeys(wanted):
        parts = re.fullmatch(r"([\w.-]+)(?:\[[\w,-]+\])?>=([\w.]+)(?:; .+)?", requirement)
        if parts is None:
            raise ValueError(f"{requirement!r} is not of the form name>=version, so it has no lowest version.")
        lines.append(f"{parts[1]}=={parts[2]}")
    return lines


if __name__ == "__main__":
    print("\n".join(constraints(sys.argv[1:])))
