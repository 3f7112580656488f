from __future__ import annotations

import ctypes
import importlib
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest
from unconnected import KILLED, supported

from formcheck.errors import ModelError
from formcheck.see import blazepose
from formcheck.see.blazepose import Landmarker, without_exception
from formcheck.see.model import ModelFile, locate

HERE = Path(__file__).parent

USE = """
import sys
sys.path.insert(0, {here!r})
import drawn_person
from formcheck.see.estimator import Estimator
from formcheck.see.frame import Frame
from formcheck.see.model import ModelFile, locate
model = ModelFile(locate("full").path, {variant!r}, "file", trimmed=True)
estimator = Estimator(model)
assert estimator.estimate(Frame(0.0, drawn_person.draw())).seen
"""


def run(
    code: str, *, unconnected: bool = False, runtime: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs a script in a Python of its own, which has an `estimator` that has seen a person if one runs a model."""
    prelude = "" if runtime is None else USE.format(here=str(HERE), variant="full" if runtime == "LiteRT" else None)
    code = prelude + textwrap.dedent(code)
    paths = os.pathsep.join([str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.py")
        script.write_text(code, encoding="utf-8")
        before = [str(HERE / "unconnected.py")] if unconnected else []
        return subprocess.run(
            [sys.executable, *before, str(script)],
            env={**os.environ, "PYTHONPATH": paths, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


@pytest.fixture(scope="module")
def full() -> ModelFile:
    return locate("full")


# --- nothing is sent -------------------------------------------------------------------------------------------------

needs_filter = pytest.mark.skipif(
    not supported(), reason="only Linux can forbid connections to a single process (seccomp)"
)


@needs_filter
@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.getaddrinfo('example.org', 443)",
        "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
        "import threading, socket; s = socket.socket(type=socket.SOCK_DGRAM)\n"
        "t = threading.Thread(target=s.sendto, args=(b'', ('127.0.0.1', 9))); t.start(); t.join()",
    ],
)
def test_a_process_that_connects_is_caught(attempt: str) -> None:
    assert run(attempt, unconnected=True).returncode == KILLED
    assert run("print('quiet')", unconnected=True).stdout == "quiet\n"


@needs_filter
@pytest.mark.model
def test_mediapipe_alone_connects(full: ModelFile) -> None:
    # Should this fail after an update of mediapipe, then it sends nothing any more, and `blazepose` may become simpler.
    # Where there is a sound library, importing sounddevice would connect to the sound server of this machine first.
    bare = f"""
        import sys, types
        sys.modules["sounddevice"] = types.ModuleType("sounddevice")
        import numpy as np
        import mediapipe as mp
        vision = mp.tasks.vision
        options = vision.PoseLandmarkerOptions(mp.tasks.BaseOptions(model_asset_path={str(full.path)!r}))
        landmarker = vision.PoseLandmarker.create_from_options(options)
        landmarker.detect(mp.Image(mp.ImageFormat.SRGB, np.zeros((64, 64, 3), np.uint8)))
        print("about to close", flush=True)
        landmarker.close()
        print("closed", flush=True)
    """
    done = run(bare, unconnected=True)
    assert done.returncode == KILLED
    assert done.stdout == "about to close\n"


@needs_filter
@pytest.mark.model
@pytest.mark.parametrize(
    "end",
    [
        "estimator.close()",
        "pass  # estimator is left open",
        "del estimator; import gc; gc.collect()",
        "estimator.close()\nfor _ in range(3):\n  with Estimator(model) as e: e.estimate(Frame(0.0, drawn_person.draw()))",
        "1 / 0  # estimator is left open by an error",
    ],
)
@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"no_proxy": "*"},
        {
            "NO_PROXY": "localhost, .googleapis.com",
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "ALL_PROXY": "socks5://127.0.0.1:9",
        },
    ],
    ids=["plain", "no proxy at all", "own proxy"],
)
def test_an_estimator_never_connects(full: ModelFile, end: str, environment: dict[str, str]) -> None:
    done = run(end, unconnected=True, runtime="MediaPipe", **environment)
    assert done.returncode == (1 if "1 / 0" in end else 0), done.stderr


@needs_filter
@pytest.mark.model
def test_where_litert_runs_the_model_nothing_of_mediapipe_is_loaded_and_nothing_connects(full: ModelFile) -> None:
    look = """
        estimator.warm_up()
        estimator.close()
        import sys
        print([name for name in sys.modules if name.partition(".")[0] == "mediapipe"])
    """
    done = run(look, unconnected=True, runtime="LiteRT")
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


@needs_filter
@pytest.mark.model
@pytest.mark.slow
def test_an_estimator_does_not_connect_during_a_long_run(full: ModelFile) -> None:
    # MediaPipe takes statistics every 30 s and posts them from the 60th on.
    long = """
        import time
        for i in range(1, 50):
            time.sleep(2)
            estimator.estimate(Frame(2.0 * i, drawn_person.draw()))
        estimator.close()
    """
    done = run(long, unconnected=True, runtime="MediaPipe")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.model
@pytest.mark.skipif(sys.platform == "win32", reason="reads the C environment in the POSIX way")
def test_python_code_sees_no_difference_and_all_is_undone_at_the_end(
    full: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_char_p
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    importlib.import_module("cv2")  # which MediaPipe brings along; it sets variables of its own, for its windows
    before = dict(os.environ)
    bundle = full.path.read_bytes()
    with Landmarker(bundle, "image"):
        with Landmarker(bundle, "image"):
            assert getenv(b"https_proxy").startswith(b"blocked:")
        assert getenv(b"https_proxy").startswith(b"blocked:")
        assert getenv(b"no_proxy") == b"localhost"
        assert dict(os.environ) == before
    assert getenv(b"https_proxy") == b"http://proxy.example:3128"
    assert getenv(b"no_proxy") is None
    with pytest.raises(ValueError, match=r"."):
        Landmarker(b"no bundle", "image")
    assert getenv(b"https_proxy") == b"http://proxy.example:3128"


@pytest.mark.parametrize(
    ("no_proxy", "kept"),
    [
        ("", "localhost"),
        ("*", "localhost"),
        ("localhost,127.0.0.1", "localhost,127.0.0.1"),
        ("play.googleapis.com", "localhost"),
        ("intranet.example, .googleapis.com", "intranet.example"),
        ("GoogleAPIs.com,*.com,com", "localhost"),
        ("apis.com,notgoogleapis.com", "apis.com,notgoogleapis.com"),
        (" , ", "localhost"),
    ],
)
def test_exceptions_from_the_proxy_do_not_let_reports_pass(no_proxy: str, kept: str) -> None:
    assert without_exception(no_proxy) == kept


# --- nothing is printed ----------------------------------------------------------------------------------------------


def test_chatter_is_dropped_and_everything_else_is_kept(capfd: pytest.CaptureFixture[str]) -> None:
    with blazepose.quiet() as chatter:
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n")
        os.write(2, b"W0000 00:00:1795355700.720786   18320 inference_feedback_manager.cc:121] Feedback manager ...\n")
        os.write(2, b"E0000 00:00:1795355700.720786   18320 calculator.cc:12] it broke\n")
        os.write(2, b"WARNING:root:from Python's logging\n")
        print("from Python", file=sys.stderr)
    assert chatter.heard
    with blazepose.quiet() as chatter:
        os.write(2, b"WARNING:root:from Python's logging\n")
    assert not chatter.heard
    os.write(2, b"INFO: afterwards\n")
    assert set(capfd.readouterr().err.splitlines()) == {
        "E0000 00:00:1795355700.720786   18320 calculator.cc:12] it broke",
        "WARNING:root:from Python's logging",
        "from Python",
        "INFO: afterwards",
    }


def test_what_was_written_before_an_error_is_kept(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with blazepose.quiet():
            os.write(2, b"the reason\n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert capfd.readouterr().err == "the reason\n"


def test_it_works_without_a_stderr() -> None:
    code = "import os; from formcheck.see import blazepose\nos.close(2)\nwith blazepose.quiet(): print('done')"
    assert run(code).stdout == "done\n"


@pytest.mark.model
@pytest.mark.parametrize("runtime", ["LiteRT", "MediaPipe"])
def test_an_estimator_prints_nothing_and_errors_are_seen(full: ModelFile, runtime: str) -> None:
    pictures = """
        for i in range(2, 8):
            estimator.estimate(Frame(float(i), drawn_person.draw()))
        estimator.close()
    """
    done = run(pictures, runtime=runtime)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = run("raise SystemExit('the estimator is told to stop')", runtime=runtime)
    assert (done.returncode, done.stderr) == (1, "the estimator is told to stop\n")


# --- nothing is imported in vain -------------------------------------------------------------------------------------


def test_plotting_and_sound_are_loaded_on_first_use_and_then_work(tmp_path: Path) -> None:
    done = run(f"""
        import sys
        from formcheck.see import blazepose
        blazepose.mediapipe()
        assert "matplotlib.figure" not in sys.modules
        assert not any(type(finder) is blazepose._OnFirstUse for finder in sys.meta_path)
        import matplotlib
        matplotlib.use("svg")
        import matplotlib.pyplot as plt
        plt.plot([1, 2])
        plt.savefig({str(tmp_path / "plot.svg")!r})
    """)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "plot.svg").stat().st_size > 1000


def test_a_mediapipe_that_cannot_be_imported_is_an_error_that_says_what_to_install() -> None:
    for library in ("libGLESv2.so.2", "libxcb.so.1"):
        message = blazepose._cannot_load(OSError(f"{library}: cannot open shared object file: No such file"))
        assert library in message
        assert "apt-get install libgl1 libglib2.0-0 libegl1 libgles2" in message
        assert "pip install" not in message
    assert "pip install" in blazepose._cannot_load(ImportError("No module named 'mediapipe'"))
    with pytest.raises(ModelError, match="No module named 'formcheck_nothing'"):
        blazepose._imported("formcheck_nothing")
