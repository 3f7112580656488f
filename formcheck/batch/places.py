"""Where the results of each video go."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from formcheck.show.results import short_stem


class Places:
    """Folders for results, named like their videos: each its own, and none inside of another.

    Args:
        home: the folder that all are in.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._taken: set[str] = set()
        self._above: set[str] = set()

    def take(self, folder: Path) -> None:
        """Notes that there are results in a folder."""
        self._taken.add(_plain(folder))
        self._above.update(map(_plain, folder.parents))

    def new(self, name: str) -> Path:
        """A folder for a video of this name, which may have folders before it; it is inside of `home` in any case."""
        inside = Path(name)
        parts = () if inside.is_absolute() else tuple(part for part in inside.parent.parts if part not in ("..", "."))
        place = self._home.joinpath(*map(_short, parts))
        if any(_plain(above) in self._taken for above in (place, *place.parents)):
            place = self._home / "more"
        last = _short(inside.name)
        numbered = (place / (last if number == 1 else f"{last}-{number}") for number in count(1))
        folder = next(f for f in numbered if _plain(f) not in self._taken and _plain(f) not in self._above)
        self.take(folder)
        return folder


def _short(name: str) -> str:
    """A name of a folder or file, ending included, fit to be the name of a folder."""
    return short_stem(Path(f"{name}.x"))


def _plain(folder: Path) -> str:
    """Some disks do not tell capitals apart."""
    return str(folder).casefold()
