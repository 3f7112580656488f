"""Draws people in a room with OpenGL: EGL and Mesa's software renderer, no display and no graphics card needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from samples.render.body import Body
from samples.render.camera import Camera, look_at, orthographic
from samples.render.errors import RenderError
from samples.render.room import Room, RoomMesh, light_direction
from samples.render.rotation import Array
from samples.render.shape import vertex_normals

SHADERS = Path(__file__).parent / "shaders"
SAMPLES = 4
"""Multi-sampling: points a pixel that decide how smooth edges are."""
SHADOW_SIZE = 1024
SHADOW_REACH = 1.6
"""Half the width of the square around the person in which shadows are cast, metres."""

FLOOR_KINDS = {"boards": 0, "carpet": 1, "tiles": 2}
WALL_KINDS = {"plaster": 0, "bricks": 1}


@dataclass(slots=True, eq=False)
class _Figure:
    """One person's buffers on the graphics side."""

    body: Body
    moving: Any
    surface: Any
    shadow: Any


class Scene:
    """A room with people in it; a context manager, because graphics memory is not Python's.

    Args:
        people: the bodies in the room, the exercising one first.
        room: light and colours.
        mesh: the room's triangles.
        azimuth: of the camera that the room was built for, degrees.
        size: (width, height) of the pictures.

    Raises:
        RenderError: no software OpenGL on this machine; the message names the packages.
    """

    def __init__(self, people: list[Body], room: Room, mesh: RoomMesh, azimuth: float, size: tuple[int, int]) -> None:
        try:
            settings: dict[str, Any] = {"require": 330, "backend": "egl"}
            self._context = moderngl.create_standalone_context(**settings)
        except Exception as error:  # moderngl raises plain Exception
            raise RenderError(
                "No OpenGL without a display: install EGL and Mesa's software renderer "
                f"(Debian, Ubuntu: apt install libegl1 libegl-mesa0 libgl1-mesa-dri). The cause: {error}"
            ) from error
        context = self._context
        self._room, self._mesh, self._size = room, mesh, size
        self._light = light_direction(room, azimuth)
        self._person = self._program("surface.vert", "common.frag", "person.frag")
        self._surface = self._program("surface.vert", "common.frag", "room.frag")
        self._backdrop = self._program("backdrop.vert", "backdrop.frag")
        self._shadow = self._program("shadow.vert", "shadow.frag")
        samples = min(SAMPLES, context.max_samples)
        self._canvas = context.framebuffer(
            [context.renderbuffer(size, 3, samples=samples)], context.depth_renderbuffer(size, samples=samples)
        )
        self._picture = context.framebuffer([context.renderbuffer(size, 3)])
        self._shadow_map = context.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
        self._shadow_map.compare_func = ""
        self._shadow_canvas = context.framebuffer([], self._shadow_map)
        self._figures = [self._figure(body) for body in people]
        rows = np.concatenate([mesh.ground, mesh.things]).astype("f4")
        buffer = context.buffer(rows.tobytes())
        self._room_surface = context.vertex_array(
            self._surface, [(buffer, "3f 3f 3f 1f", "position", "normal", "rest", "material")]
        )
        self._room_backdrop = context.vertex_array(self._backdrop, [(buffer, "3f 3f 16x", "position", "normal")])
        self._things_shadow = None
        if len(mesh.things):
            things = context.buffer(mesh.things.astype("f4").tobytes())
            self._things_shadow = context.vertex_array(self._shadow, [(things, "3f 28x", "position")])
        for program in (self._person, self._surface):
            self._set(
                program,
                light=self._light,
                light_colour=room.light_colour,
                ambient=room.ambient,
                exposure=room.exposure,
                shadow_map=0,
            )
        self._set(
            self._surface,
            floor_colour=room.floor,
            wall_colour=room.wall,
            mat_colour=room.mat,
            floor_kind=FLOOR_KINDS[room.floor_kind],
            wall_kind=WALL_KINDS[room.wall_kind],
        )
        self._set(
            self._backdrop,
            light=self._light,
            shadow_map=0,
            room_lit=1,
            room_shaded=2,
            resolution=tuple(map(float, size)),
        )
        self._still: tuple[bytes, list[Any]] = (b"", [])

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.release()

    def draw(self, skins: list[Array], camera: Camera) -> NDArray[np.uint8]:
        """One picture, (height, width, 3) uint8 RGB.

        Args:
            skins: (n, 3) skin points of each person in the world, as `Body.skin` gives them.
            camera: who looks; the still room is drawn again only when it changes.
        """
        context = self._context
        for figure, skin in zip(self._figures, skins, strict=True):
            both = np.concatenate([skin, vertex_normals(skin, figure.body.triangles)], axis=1)
            figure.moving.write(both.astype("f4").tobytes())
        context.enable(moderngl.DEPTH_TEST)
        centre = skins[0].mean(0)
        light_view = look_at(centre + self._light * 4, centre, (0, 0, 1) if self._light[1] > 0.95 else (0, 1, 0))
        light_projection = orthographic(SHADOW_REACH, 0.5, 9.0) @ light_view
        self._draw_shadows(light_projection)
        for program in (self._person, self._surface, self._backdrop):
            self._matrix(program, "view_projection", camera.view_projection)
            self._matrix(program, "light_projection", light_projection)
        for program in (self._person, self._surface):
            self._set(program, eye=camera.eye)
        self._draw_still_room(camera)
        self._canvas.use()
        self._canvas.clear(0.75, 0.75, 0.75, depth=1.0)
        self._shadow_map.use(0)
        for figure in self._figures:
            self._dress(figure.body)
            figure.surface.render()
        self._still[1][0].use(1)
        self._still[1][1].use(2)
        self._draw_room(self._room_backdrop, camera)
        context.copy_framebuffer(self._picture, self._canvas)
        flat = np.frombuffer(self._picture.read(components=3, alignment=1), np.uint8)
        return np.ascontiguousarray(flat.reshape(self._size[1], self._size[0], 3)[::-1])

    def _draw_shadows(self, light_projection: Array) -> None:
        self._shadow_canvas.use()
        self._shadow_canvas.clear(depth=1.0)
        self._matrix(self._shadow, "light_projection", light_projection)
        for figure in self._figures:
            figure.shadow.render()
        if self._things_shadow:
            self._things_shadow.render()

    def _draw_still_room(self, camera: Camera) -> None:
        """Two pictures of the empty room, all lit and all in shadow, made once a camera."""
        key = camera.view_projection.tobytes()
        if key == self._still[0]:
            return
        pictures = []
        for mode in (1, 2):
            self._set(self._surface, shadow_mode=mode)
            self._canvas.use()
            self._canvas.clear(0.75, 0.75, 0.75, depth=1.0)
            self._draw_room(self._room_surface, camera)
            texture = self._context.texture(self._size, 3)
            self._context.copy_framebuffer(self._context.framebuffer([texture]), self._canvas)
            pictures.append(texture)
        self._set(self._surface, shadow_mode=0)
        self._still = (key, pictures)

    def _draw_room(self, array: Any, camera: Camera) -> None:
        array.render(vertices=6)
        for i, inward in enumerate(self._mesh.walls):
            corner = self._mesh.ground[6 * (i + 1), :3]
            if (camera.eye - corner) @ inward > 0:  # walls between camera and person are left out
                array.render(vertices=6, first=6 * (i + 1))
        if len(self._mesh.things):
            array.render(vertices=len(self._mesh.things), first=len(self._mesh.ground))

    def _figure(self, body: Body) -> _Figure:
        context = self._context
        moving = context.buffer(reserve=len(body.points) * 24)
        still = np.concatenate([body.points, body.part[:, None], body.arm_share[:, None]], axis=1).astype("f4")
        looks = context.buffer(still.tobytes())
        index = context.buffer(body.triangles.astype("i4").tobytes())
        skin_index = context.buffer(body.triangles[: body.skin_triangles].astype("i4").tobytes())
        surface = context.vertex_array(
            self._person,
            [(moving, "3f 3f", "position", "normal"), (looks, "3f 1f 1f", "rest", "material", "arm")],
            index,
        )
        shadow = context.vertex_array(self._shadow, [(moving, "3f 12x", "position")], skin_index)
        return _Figure(body, moving, surface, shadow)

    def _dress(self, body: Body) -> None:
        person = body.person
        left, right = body.irises()
        self._set(
            self._person,
            skin=person.skin,
            hair=person.hair,
            top=person.top,
            bottom=person.bottom,
            shoes=person.shoes or person.skin,
            barefoot=int(person.shoes is None),
            iris_left=left,
            iris_right=right,
            mouth=body.mouth,
            head=body.head,
            brow=body.eye + np.array([0, 0.021, 0]),
            **body.cloth_limits(),
        )

    def _program(self, vertex: str, *fragment: str) -> Any:
        source = "".join((SHADERS / part).read_text(encoding="utf-8") for part in fragment)
        return self._context.program((SHADERS / vertex).read_text(encoding="utf-8"), source)

    @staticmethod
    def _set(program: Any, **values: Any) -> None:
        """Set uniforms; one that the compiler found unused is skipped."""
        for name, value in values.items():
            if name in program:
                program[name].value = tuple(map(float, value)) if np.ndim(value) else value

    @staticmethod
    def _matrix(program: Any, name: str, matrix: Array) -> None:
        if name in program:
            program[name].write(matrix.T.astype("f4").tobytes())
