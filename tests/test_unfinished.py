"""A file has its final name only when it is complete."""

import errno
import gc
from contextlib import suppress
from pathlib import Path

import pytest

from formcheck.errors import OutputError
from formcheck.show.results import ResultsFolder
from formcheck.unfinished import UnfinishedFile, output_error


def test_a_finished_file_replaces_an_older_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("old")
    with UnfinishedFile(tmp_path / "report.json") as file:
        file.path.write_text("new")
        assert file.path.name.startswith(".")
        assert (tmp_path / "report.json").read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]
    assert (tmp_path / "report.json").read_text() == "new"


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt()])
def test_after_an_exception_the_older_file_is_still_there(tmp_path: Path, error: BaseException) -> None:
    (tmp_path / "report.json").write_text("old")

    def fail() -> None:
        with UnfinishedFile(tmp_path / "report.json") as file:
            file.path.write_text("half")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]
    assert (tmp_path / "report.json").read_text() == "old"


@pytest.mark.parametrize(("kind", "makes"), [(UnfinishedFile, "touch"), (ResultsFolder, "mkdir")])
def test_stopped_at_the_moment_it_is_made_it_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type, makes: str
) -> None:
    make = getattr(Path, makes)

    def stopped(path: Path, **options: bool) -> None:
        make(path, **options)
        assert path.exists()
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, makes, stopped)
    with suppress(KeyboardInterrupt):
        kind(tmp_path / "result")
        pytest.fail("not stopped")
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_failure_to_write_becomes_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    def fail() -> None:
        with UnfinishedFile(tmp_path / "report.json"):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match="disk is full"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_renamed_is_removed(tmp_path: Path) -> None:
    file = UnfinishedFile(tmp_path / "report.json")
    (tmp_path / "report.json").mkdir()
    with pytest.raises(OutputError, match="was not written"):
        file.finish()
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "may not write into"),
        (errno.EROFS, "may not write into"),
        (errno.EFBIG, "larger than"),
        (errno.ENAMETOOLONG, "shorter"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_every_cause_is_named_with_the_file(tmp_path: Path, number: int, says: str) -> None:
    error = output_error(tmp_path / "out.mp4", OSError(number, "Input/output error"))
    assert says in str(error)
    assert str(tmp_path / "out.mp4") in str(error)
