"""Check exercise form from a webcam or a recorded video.

The public interface::

    from formcheck import Pose, Session, analyze, load_template

    report = analyze("lunge.mp4", "lunge")          # a recorded video
    session = Session(load_template("lunge"))       # landmarks from any source
    moment = session.update(Pose(time, points, visibility, size))
    report = session.finish()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from formcheck.version import __version__

if TYPE_CHECKING:
    from formcheck.analysis import analyze, replay
    from formcheck.catalog import load_template
    from formcheck.errors import (
        CameraError,
        FormcheckError,
        ModelError,
        NotRecognizedError,
        OutputError,
        TemplateError,
        TrackError,
        VideoError,
    )
    from formcheck.judge.moment import Moment
    from formcheck.judge.report import Report
    from formcheck.judge.session import Session
    from formcheck.judge.template import Template
    from formcheck.pose import Landmark, Pose

_HOME = {
    "analyze": "formcheck.analysis",
    "replay": "formcheck.analysis",
    "load_template": "formcheck.catalog",
    "CameraError": "formcheck.errors",
    "FormcheckError": "formcheck.errors",
    "ModelError": "formcheck.errors",
    "NotRecognizedError": "formcheck.errors",
    "OutputError": "formcheck.errors",
    "TemplateError": "formcheck.errors",
    "TrackError": "formcheck.errors",
    "VideoError": "formcheck.errors",
    "Moment": "formcheck.judge.moment",
    "Report": "formcheck.judge.report",
    "Session": "formcheck.judge.session",
    "Template": "formcheck.judge.template",
    "Landmark": "formcheck.pose",
    "Pose": "formcheck.pose",
}

__all__ = [
    "CameraError",
    "FormcheckError",
    "Landmark",
    "ModelError",
    "Moment",
    "NotRecognizedError",
    "OutputError",
    "Pose",
    "Report",
    "Session",
    "Template",
    "TemplateError",
    "TrackError",
    "VideoError",
    "__version__",
    "analyze",
    "load_template",
    "replay",
]


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used, so that ``formcheck --help`` answers at once."""
    if name not in _HOME:
        raise AttributeError(f"module 'formcheck' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
