"""A dask cluster gives the same table, and a worker that is lost costs nothing."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import batch_stand_in
import pytest
from batch_stand_in import SETTINGS, run

from formcheck.batch import crew
from formcheck.batch.items import Item
from formcheck.batch.rows import kept_rows
from formcheck.batch.run import Batch
from formcheck.batch.table import TABLE
from formcheck.errors import FormcheckError

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "judge", batch_stand_in.judge)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a real scheduler, and its two workers."""
    pytest.importorskip("distributed")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    told = tmp_path / "scheduler.json"

    def start(*command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command, "--no-dashboard"], env=environment, stderr=subprocess.DEVNULL
        )

    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told))
    running = [scheduler]
    try:
        end = time.monotonic() + 180
        while not (told.exists() and told.read_text().endswith("}")):
            assert time.monotonic() < end
            time.sleep(0.1)
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path / "dask"))
        workers = [start("worker", "--scheduler-file", str(told), *options) for _ in range(2)]
        running += workers
        yield json.loads(told.read_text())["address"], workers
    finally:
        for process in running:
            process.kill()
            process.wait()


def videos(folder: Path, *contents: str) -> list[Item]:
    folder.mkdir()
    for number, content in enumerate(contents):
        (folder / f"{number:02d}.mp4").write_text(f"{content} #{number}")
    return [Item(path, path.name, "lunge") for path in sorted(folder.glob("*.mp4"))]


@pytest.mark.parametrize("kill", [False, True], ids=["undisturbed", "a worker killed"])
@pytest.mark.filterwarnings("ignore")  # of dask's own
def test_a_cluster_gives_the_table_of_one_machine(
    tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]], kill: bool
) -> None:
    address, workers = cluster
    items = videos(tmp_path / "in", *["good 200", "fail 50", "good 100"] * 6)
    run(items, tmp_path / "local")
    for item in items:
        Path(f"{item.video}.log").unlink()
    with Batch(items, tmp_path / "out", SETTINGS) as batch:

        def told(_: object) -> None:
            if kill and len(list(kept_rows(tmp_path / "out"))) >= 3:
                workers[0].kill()

        batch.run(jobs=1, engine="dask", address=address, told=told)
    assert (tmp_path / "out" / TABLE).read_bytes() == (tmp_path / "local" / TABLE).read_bytes()
    assert all(Path(f"{item.video}.log").read_text().count("\n") == 1 for item in items)


@pytest.mark.filterwarnings("ignore")  # of ray's own
def test_ray_gives_the_table_of_one_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    items = videos(tmp_path / "in", *["good 50", "fail"] * 3)
    run(items, tmp_path / "local")
    with Batch(items, tmp_path / "out", SETTINGS) as batch:
        batch.run(jobs=1, engine="ray")
    assert (tmp_path / "out" / TABLE).read_bytes() == (tmp_path / "local" / TABLE).read_bytes()
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    items = videos(tmp_path / "in", "good")
    with (
        Batch(items, tmp_path / "out", SETTINGS) as batch,
        pytest.raises(FormcheckError, match="does not answer"),
        contextlib.redirect_stderr(None),
    ):
        batch.run(jobs=1, engine="dask", address="tcp://127.0.0.1:9")
