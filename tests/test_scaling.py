"""docs/scaling.md: the simulation is right where the answer is known, and what the page shows can be run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import batch_stand_in
import numpy as np
import pytest
import typer
import yaml
from benchmarks.cluster import (
    SCENES,
    Cluster,
    Run,
    Work,
    check,
    cost_of_a_frame,
    cost_table,
    lists,
    scene_table,
    simulate,
    videos,
)
from benchmarks.cluster import Cost as VideoCost
from hypothesis import given, settings
from hypothesis import strategies as some

from formcheck.batch import crew
from formcheck.batch.items import Item, find_items
from formcheck.cli import app

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
QUICK: dict[str, Any] = {"start_s": 0.0, "hand_out_s": 0.0}


def work(*seconds: float, megabytes: float = 0.0) -> Work:
    return Work(np.array(seconds, float), np.full(len(seconds), megabytes))


# --- the simulation ----------------------------------------------------------------------------------------------------


def test_whoever_is_free_takes_the_next() -> None:
    run = simulate(work(10, 4, 4, 4), Cluster(2, **QUICK))
    assert run == Run(wall_s=12, busy_s=22, again_s=0, waited_s=0, lost=0, done=4)
    assert run.used(2) == pytest.approx(22 / 24)


def test_starting_and_handing_out_take_their_time() -> None:
    assert simulate(work(5, 5), Cluster(2, start_s=30, hand_out_s=1)).wall_s == 30 + 2 + 5


def test_a_scheduler_that_is_slower_than_the_workers_decides_how_long_it_takes() -> None:
    assert simulate(work(*[0.1] * 100), Cluster(50, start_s=0, hand_out_s=1)).wall_s == pytest.approx(100.1)


def test_slow_workers_get_less_to_do() -> None:
    assert simulate(work(*[1] * 300), Cluster(10, **QUICK)).wall_s == pytest.approx(30)
    uneven = simulate(work(*[1] * 300), Cluster(10, slow=0.5, slowness=2.0, **QUICK), seed=3)
    assert 31 < uneven.wall_s < 50  # a fixed share for each would take 60


def test_a_shared_disk_makes_all_wait() -> None:
    crowd = Cluster(10, storage_mb_s=10.0, **QUICK)
    run = simulate(work(*[1] * 100, megabytes=10.0), crowd)
    assert run.wall_s == pytest.approx(100, rel=0.05)  # 1,000 MB at 10 MB/s
    assert run.waited_s == pytest.approx(run.busy_s - 100, rel=0.01)
    alone = simulate(work(1, megabytes=10.0), crowd)
    assert alone.wall_s == 1  # all of the disk is its own


def test_what_is_lost_is_done_again_or_resumed() -> None:
    dying = Cluster(20, lost_per_hour=20.0, **QUICK)
    long = work(*[60.0] * 400)
    again, resumed = (
        simulate(long, dying, seed=1),
        simulate(long, Cluster(20, lost_per_hour=20, redo_s=5, **QUICK), seed=1),
    )
    for run in (again, resumed):
        assert run.done == 400
        assert run.lost > 50
        assert run.busy_s == pytest.approx(400 * 60 + run.again_s)
    assert resumed.again_s <= 5 * resumed.lost
    assert again.again_s > 3 * resumed.again_s
    assert resumed.wall_s < again.wall_s


@settings(deadline=None)
@given(
    seconds=some.lists(some.floats(0.01, 100), min_size=1, max_size=60),
    workers=some.integers(1, 12),
    lost=some.sampled_from([0.0, 20.0]),
    seed=some.integers(0, 5),
)
def test_nothing_is_left_out_and_nothing_is_faster_than_possible(
    seconds: list[float], workers: int, lost: float, seed: int
) -> None:
    run = simulate(work(*seconds), Cluster(workers, lost_per_hour=lost, redo_s=1.0, **QUICK), seed=seed)
    assert run.done == len(seconds)
    assert run.busy_s == pytest.approx(sum(seconds) + run.again_s)
    assert run.wall_s >= max(max(seconds), sum(seconds) / workers) - 1e-6
    if not lost:
        assert run.wall_s <= sum(seconds) / workers + max(seconds) + 1e-6  # Graham's bound


def test_lists_keep_their_machines_busy_but_end_later() -> None:
    all_of_them = videos(2000)
    apart = lists(all_of_them, 100, 4)
    assert len(apart.seconds) == 20
    assert float(apart.megabytes.sum()) == pytest.approx(float(all_of_them.megabytes.sum()))
    one_by_one = simulate(all_of_them, Cluster(20, **QUICK))
    by_list = simulate(apart, Cluster(5, **QUICK))
    assert one_by_one.wall_s < by_list.wall_s < 1.5 * one_by_one.wall_s


def test_the_cost_of_a_picture_is_told_from_that_of_a_video() -> None:
    costs = [VideoCost("a", (640, 480), n, n / 30, 0.4 + 0.02 * n, 1.0, 1.0, 1.0) for n in (60, 300, 900)]
    assert cost_of_a_frame(costs) == pytest.approx((0.4, 0.02))
    assert cost_of_a_frame(costs[:1]) == pytest.approx((0.4, 0.02))


def test_a_real_batch_takes_as_long_as_predicted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "judge", batch_stand_in.judge)
    folder = tmp_path / "videos"
    folder.mkdir()
    for i in range(24):
        (folder / f"{i:02}.mp4").write_text(f"takes {(100, 150, 200, 900)[i % 4]} ms, {'abcdefgh'[i % 8] * (i + 1)}")
    items = [Item(path, path.name, "lunge") for path in sorted(folder.glob("*.mp4"))]
    done = check(items, batch_stand_in.SETTINGS, 2)
    assert len(done.seconds) == 24
    assert sum(done.seconds) > 8.0
    assert done.took_s > sum(done.seconds) / 2
    assert done.predicted_s == pytest.approx(done.took_s, rel=0.25, abs=1.5)


# --- the page ------------------------------------------------------------------------------------------------------------


def table(name: str) -> list[str]:
    found = re.search(rf"<!-- table: {name} -->\n((?:\|.*\n)+)", PAGE)
    assert found
    return found[1].splitlines()


def test_the_table_of_costs_is_what_the_program_prints() -> None:
    assert table("cost") == cost_table()


@pytest.mark.slow
def test_the_table_of_scenes_is_what_the_program_prints() -> None:
    assert table("scenes") == scene_table()


def test_the_table_of_scenes_names_those_that_are_simulated() -> None:
    rows = [row.split(" | ")[0].strip("| ") for row in table("scenes")[2:]]
    assert rows[: len(SCENES)] == list(SCENES)
    assert len(rows) == len(SCENES) + 3


def block(mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n```\w*\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found, mark
    return found[1]


@pytest.mark.skipif(sys.platform != "linux", reason="GNU tools")
def test_lists_are_cut_and_tables_put_together_as_shown(tmp_path: Path) -> None:
    videos = [tmp_path / f"{i:04}.mp4" for i in range(2345)]
    for video in videos:
        video.touch()
    rows = "".join(f"{video},{'lunge' if i % 2 else 'squat'}\n" for i, video in enumerate(videos))
    (tmp_path / "all.csv").write_text("video,exercise\n" + rows)
    subprocess.run(["bash", "-euo", "pipefail", "-c", block("command: lists")], cwd=tmp_path, check=True)
    made = sorted(path.name for path in (tmp_path / "lists").iterdir())
    assert made == ["0.csv", "1.csv", "2.csv"]
    items = [find_items(tmp_path / "lists" / name, None, without=tmp_path / "out") for name in made]
    assert [len(each) for each in items] == [1000, 1000, 345]
    assert sorted(item.video for each in items for item in each) == videos
    assert items[0][0].video != videos[0]  # shuffled
    for number in range(3):
        folder = tmp_path / "results" / str(number)
        folder.mkdir(parents=True)
        (folder / "videos.csv").write_text(f"video,status\n{number},done\n", encoding="utf-8-sig")
    subprocess.run(["bash", "-euo", "pipefail", "-c", block("command: together")], cwd=tmp_path, check=True)
    assert (tmp_path / "videos.csv").read_text(encoding="utf-8-sig") == "video,status\n0,done\n1,done\n2,done\n"


# --- manifests -----------------------------------------------------------------------------------------------------------


def batch_options() -> dict[str, Any]:
    program: Any = typer.main.get_command(app)
    return {text: parameter for parameter in program.commands["batch"].params for text in parameter.opts}


@pytest.fixture
def job() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(block("file: job.yaml"))
    return read


def test_the_job_calls_batch_with_options_that_there_are(job: dict[str, Any]) -> None:
    (container,) = job["spec"]["template"]["spec"]["containers"]
    command, source, *rest = container["args"]
    assert command == "batch"
    assert all(isinstance(word, str) for word in container["args"])
    known = batch_options()
    while rest:
        if not known[rest.pop(0)].is_flag:
            assert not rest.pop(0).startswith("-")
    assert source == "/videos/lists/$(LIST).csv"
    cores = container["args"][container["args"].index("--jobs") + 1]
    assert cores == container["resources"]["requests"]["cpu"]


def test_each_index_has_a_list_and_a_folder_of_its_own_that_is_mounted(job: dict[str, Any]) -> None:
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert job["apiVersion"] == "batch/v1"
    assert job["kind"] == "Job"
    assert job["spec"]["completionMode"] == "Indexed"
    assert job["spec"]["maxFailedIndexes"] == job["spec"]["completions"] >= job["spec"]["parallelism"]
    (variable,) = container["env"]
    assert variable["name"] == "LIST"
    assert "job-completion-index" in variable["valueFrom"]["fieldRef"]["fieldPath"]
    mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
    assert {mount["name"] for mount in mounts.values()} == {volume["name"] for volume in pod["volumes"]}
    out = container["args"][container["args"].index("--out") + 1]
    assert out == "/results/$(LIST)"
    assert not mounts["/results"].get("readOnly")
    assert mounts["/videos"]["readOnly"]


def test_the_job_may_do_nothing_that_it_need_not(job: dict[str, Any]) -> None:
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["restartPolicy"] == "Never"  # what a policy for failures needs
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    policy = yaml.safe_load(block("file: network.yaml"))
    assert policy["kind"] == "NetworkPolicy"
    assert set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    assert not {"ingress", "egress"} & set(policy["spec"])  # nothing is permitted
    assert policy["spec"]["podSelector"]["matchLabels"] == job["spec"]["template"]["metadata"]["labels"]


def test_failed_videos_do_not_make_a_list_run_again(job: dict[str, Any]) -> None:
    ignored, failing = job["spec"]["podFailurePolicy"]["rules"]
    assert ignored["action"] == "Ignore"
    assert failing["action"] == "FailIndex"
    assert failing["onExitCodes"]["values"] == [1, 2]
    assert job["spec"]["backoffLimitPerIndex"] >= 0  # without which there is no FailIndex


def test_the_image_has_the_libraries_of_the_readme_and_the_model() -> None:
    image = block("file: Dockerfile")
    libraries = set(re.findall(r"\blib[\w-]+", image.split("install -y")[1].splitlines()[0]))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert libraries - {"libapt"} <= set(re.findall(r"\blib[\w-]+", readme))
    assert libraries >= {"libgl1", "libegl1", "libgles2"}
    assert "formcheck model full --fetch" in image
    assert re.search(r"^USER [1-9]\d*", image, re.MULTILINE)
    assert 'ENTRYPOINT ["formcheck"]' in image
