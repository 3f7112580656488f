"""Skips what a machine cannot do."""

import os
from functools import cache
from typing import Any

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    # Continuous integration installs what is needed; there, a test that cannot run has failed.
    if item.get_closest_marker("render") and not os.environ.get("CI") and (reason := why_not_rendered()):
        pytest.skip(reason)


@cache
def why_not_rendered() -> str | None:
    """What keeps this machine from rendering people, or None."""
    try:
        import moderngl

        settings: dict[str, Any] = {"require": 330, "backend": "egl"}
        moderngl.create_standalone_context(**settings).release()
    except ImportError as error:
        return f"rendering needs the extra 'render': {error}"
    except Exception as error:  # moderngl raises plain Exception
        return f"rendering needs software OpenGL (EGL), see docs/rendering.md: {error}"
    return None
