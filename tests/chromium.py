"""Headless Chromium for tests: what to install where it is missing, and axe-core from npm."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import platformdirs
import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

AXE = "4.14.1"
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"


def cannot(reason: str) -> NoReturn:
    """Skips the test; in continuous integration, where everything is installed, it fails instead."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def chromium() -> Iterator[Any]:
    """A running browser, as playwright's `Browser`."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        cannot("browser tests need playwright: pip install playwright")
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        cannot("browser tests need Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@cache
def axe() -> str:
    """The script of axe-core, fetched from npm once into the cache folder."""
    folder = Path(platformdirs.user_cache_dir("formcheck-tests")) / f"axe-core-{AXE}"
    script = folder / "axe.min.js"
    if not script.is_file():
        npm = shutil.which("npm")
        if npm is None:
            cannot("the accessibility test needs npm, to fetch axe-core")
        folder.mkdir(parents=True, exist_ok=True)
        fetched = subprocess.run(
            [npm, "pack", "--silent", f"axe-core@{AXE}", "--pack-destination", str(folder)],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        if fetched.returncode:
            cannot(f"axe-core could not be fetched from npm: {fetched.stderr.strip()[-300:]}")
        with tarfile.open(folder / f"axe-core-{AXE}.tgz") as package:
            member = package.extractfile("package/axe.min.js")
            assert member is not None
            script.write_bytes(member.read())
    data = script.read_bytes()
    assert hashlib.sha256(data).hexdigest() == AXE_SHA256, f"{script} is not axe-core {AXE}; remove it"
    return data.decode("utf-8")
