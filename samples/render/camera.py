"""A level pinhole camera in the room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samples.render.rotation import Array, Vector, unit


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the camera stands and what it sees.

    Attributes:
        azimuth: degrees around the person: 0 is on +z, 90 on +x.
        distance: metres from `at`, along the floor.
        height: of the lens above the floor, metres.
        at: the point that is in the middle of the picture.
        fov: vertical field of view, degrees.
        size: (width, height) of the picture in pixels.
    """

    azimuth: float
    distance: float
    height: float
    at: tuple[float, float, float]
    fov: float
    size: tuple[int, int]

    @property
    def towards(self) -> Array:
        """Horizontal unit vector from the person to the camera."""
        angle = np.radians(self.azimuth)
        return np.array([np.sin(angle), 0.0, np.cos(angle)])

    @property
    def eye(self) -> Array:
        """Position of the lens."""
        return np.array([self.at[0], self.height, self.at[2]]) + self.towards * self.distance

    @property
    def view(self) -> Array:
        """(4, 4) world to camera coordinates (x right, y up, -z away)."""
        return look_at(self.eye, np.asarray(self.at))

    @property
    def view_projection(self) -> Array:
        """(4, 4) world to clip coordinates."""
        return perspective(self.fov, self.size[0] / self.size[1]) @ self.view

    def pixels(self, points: Array) -> Array:
        """(n, 2) pixels, y down, of (n, 3) points in the world."""
        clip = np.concatenate([points, np.ones((*points.shape[:-1], 1))], axis=-1) @ self.view_projection.T
        flat = clip[..., :2] / clip[..., 3:4]
        return np.stack([(flat[..., 0] + 1) / 2 * self.size[0], (1 - flat[..., 1]) / 2 * self.size[1]], axis=-1)


def look_at(eye: Array, at: Array, up: Vector = (0, 1, 0)) -> Array:
    """(4, 4) view matrix of a camera at `eye` that looks at `at`."""
    ahead = unit(at - eye)
    right = unit(np.cross(ahead, np.asarray(up, dtype=np.float64)))
    matrix = np.eye(4)
    matrix[0, :3], matrix[1, :3], matrix[2, :3] = right, np.cross(right, ahead), -ahead
    matrix[:3, 3] = -matrix[:3, :3] @ eye
    return matrix


def perspective(fov: float, aspect: float, near: float = 0.1, far: float = 30.0) -> Array:
    """(4, 4) perspective projection; `fov` is vertical, degrees."""
    scale = 1 / np.tan(np.radians(fov) / 2)
    matrix = np.zeros((4, 4))
    matrix[0, 0], matrix[1, 1], matrix[3, 2] = scale / aspect, scale, -1
    matrix[2, 2], matrix[2, 3] = (far + near) / (near - far), 2 * far * near / (near - far)
    return matrix


def orthographic(half_width: float, near: float, far: float) -> Array:
    """(4, 4) parallel projection of a square of 2 × `half_width` metres."""
    matrix = np.eye(4)
    matrix[0, 0] = matrix[1, 1] = 1 / half_width
    matrix[2, 2], matrix[2, 3] = -2 / (far - near), -(far + near) / (far - near)
    return matrix


def fitting_camera(
    points: Array, azimuth: float, height: float, fov: float, size: tuple[int, int], *, margin: float = 0.12
) -> Camera:
    """The nearest camera that has all `points` (n, 3) in the picture with a margin (share of the picture)."""
    low, high = points.min(0), points.max(0)
    at = (low + high) / 2
    best = Camera(azimuth, 8.0, height, (float(at[0]), float(at[1]), float(at[2])), fov, size)
    near, far = 1.2, 8.0
    for _ in range(24):
        distance = (near + far) / 2
        camera = Camera(azimuth, distance, height, best.at, fov, size)
        share = camera.pixels(points) / size
        if share.min() >= margin / 2 and share.max() <= 1 - margin / 2:
            best, far = camera, distance
        else:
            near = distance
    return best
