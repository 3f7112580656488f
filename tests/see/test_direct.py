"""MediaPipe's C functions, called directly, give what its Python layer gives."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from drawn_person import draw

from formcheck.see import blazepose
from formcheck.see.blazepose import Landmarker
from formcheck.see.direct import Direct, Unsupported
from formcheck.see.model import ModelFile, locate


@pytest.fixture(scope="module")
def full() -> ModelFile:
    return locate("full")


def usual(landmarker: Landmarker, image: Any, milliseconds: int) -> Any:
    found = landmarker.detect(image, milliseconds).pose_landmarks
    return np.array([[(p.x, p.y, p.visibility) for p in marks] for marks in found])


@pytest.mark.model
@pytest.mark.parametrize("mode", ["video", "image"])
def test_the_landmarks_are_the_same_to_the_last_bit(full: ModelFile, mode: Any) -> None:
    pictures = [draw(), np.roll(draw(), 9, axis=1), np.roll(draw(), 17, axis=1)]
    bundle = full.path.read_bytes()
    with Landmarker(bundle, mode) as one, Landmarker(bundle, mode) as other:
        for i, picture in enumerate(pictures):
            expected = usual(one, picture, 33 * i)
            assert expected.shape == (1, 33, 3)
            assert np.array_equal(other.poses(picture, 33 * i), expected)
        assert other._direct is not None, "this MediaPipe is not supported: see formcheck/see/direct.py"


@pytest.mark.model
def test_nobody_is_an_array_without_rows_and_parts_of_pictures_are_taken(full: ModelFile) -> None:
    with Landmarker(full.path.read_bytes(), "image") as landmarker:
        person = draw()
        whole = landmarker.poses(person)  # in the usual way, to be silent
        assert landmarker.poses(np.zeros_like(person)).shape == (0, 33, 3)
        wide = np.concatenate([person, person], axis=1)
        assert np.array_equal(landmarker.poses(wide[:, : person.shape[1]]), whole)


@pytest.mark.model
def test_errors_of_the_library_are_raised_and_it_goes_on_afterwards(full: ModelFile) -> None:
    with Landmarker(full.path.read_bytes(), "video") as landmarker:
        for i in (0, 1):
            landmarker.poses(draw(), i)
        assert landmarker._direct is not None
        with pytest.raises((ValueError, RuntimeError), match="timestamp"):
            landmarker.poses(draw(), 0)
        assert len(landmarker.poses(draw(), 50)) == 1


@pytest.mark.model
def test_another_version_of_mediapipe_is_used_in_the_usual_way(
    full: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlike(*_: object) -> None:
        raise Unsupported

    monkeypatch.setattr(blazepose, "Direct", unlike)
    with Landmarker(full.path.read_bytes(), "image") as landmarker:
        first, second = landmarker.poses(draw()), landmarker.poses(draw())
        assert landmarker._direct is None
        assert first.shape == (1, 33, 3)
        assert np.array_equal(first, second)


@pytest.mark.parametrize(
    "landmarker",
    [
        SimpleNamespace(),
        SimpleNamespace(_lib=SimpleNamespace(_lib=SimpleNamespace()), _handle=1),
        SimpleNamespace(
            _lib=SimpleNamespace(_lib=SimpleNamespace(MpImageCreateFromUint8Data=SimpleNamespace(argtypes=[int]))),
            _handle=1,
        ),
    ],
    ids=["no library", "no functions", "other arguments"],
)
def test_what_is_built_in_another_way_is_not_called(landmarker: object) -> None:
    with pytest.raises(Unsupported):
        Direct(landmarker, 1, video=True)
