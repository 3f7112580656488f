"""Files being written: hidden beside their final name until they are complete.

So a crash, Ctrl-C or a full disk never leaves half a file under a name that somebody trusts.
"""

from __future__ import annotations

import errno
import os
import uuid
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self

from formcheck.errors import OutputError


class UnfinishedFile:
    """A hidden file in the folder of `final`, renamed to it when `finish` is called, removed by `discard`.

    As a context manager it finishes when the block ends well and discards on any exception.

    Attributes:
        final: the name that the complete file will have; a file that already has it is replaced.
        path: where to write meanwhile. The file exists, empty, from the start.

    Raises:
        OutputError: the folder does not exist, cannot be written to or is full.
    """

    def __init__(self, final: str | os.PathLike[str]) -> None:
        self.final = Path(final)
        self.path = self.final.parent / f".formcheck-{uuid.uuid4().hex[:12]}.part"
        try:
            if self.final.is_dir():
                raise OutputError(f"{self.final} is a folder, so no file can get that name. Choose another name.")
            # Also where the program is stopped before anybody could enter.
            self._remove = weakref.finalize(self, self.path.unlink, missing_ok=True)
            self.path.touch(exist_ok=False)
        except OSError as error:
            raise output_error(self.final, error) from error

    def finish(self) -> None:
        """Give the file its final name, in one step."""
        try:
            os.replace(self.path, self.final)
        except OSError as error:
            self.discard()
            raise output_error(self.final, error) from error

    def discard(self) -> None:
        """Remove the file; nothing happens if it is gone or finished."""
        self._remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
            return
        self.discard()
        if isinstance(error, OSError):
            raise output_error(self.final, error) from error


def output_error(path: Path, error: Exception) -> OutputError:
    """The failure to write `path`, in words that say what to do.

    `error` may be an OSError or anything else with an `errno`, as PyAV's errors have.
    """
    match getattr(error, "errno", None):
        case errno.ENOSPC | errno.EDQUOT:
            return OutputError(f"{path} was not written: the disk is full. Free some space or choose another folder.")
        case errno.EFBIG:
            return OutputError(
                f"{path} was not written: the file became larger than this disk or account allows. "
                "Choose another folder."
            )
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return OutputError(
                f"{path} was not written: you may not write into {path.parent}. "
                "Choose another folder or change its permissions."
            )
        case errno.ENOENT | errno.ENOTDIR if not path.parent.is_dir():
            return OutputError(f"{path} was not written: there is no folder {path.parent}. Create it first.")
        case errno.ENAMETOOLONG:
            return OutputError(f"{path} was not written: its name is too long. Choose a shorter one.")
    return OutputError(f"{path} was not written: {getattr(error, 'strerror', None) or error}. Try another folder.")
