"""Tiny recordings made for the tests: every picture says which one it is and where its top left corner is."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

SIZE = (96, 64)
FPS = 10
CLOCK = 90_000
RATE = 48_000


def picture(number: int, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """Grey that grows with the number, up to 32; top left a white square, top right a black one."""
    width, height = size
    image = np.full((height, width, 3), 40 + 6 * (number % 33), np.uint8)
    corner = min(size) // 4
    image[:corner, :corner] = 255
    image[:corner, -corner:] = 0
    return image


def number_of(image: NDArray[np.uint8]) -> int:
    """Which picture it is, read from its centre."""
    height, width = image.shape[:2]
    centre = image[height // 2 - 4 : height // 2 + 4, width // 2 - 4 : width // 2 + 4]
    return round((float(centre.mean()) - 40) / 6)


def is_upright(image: NDArray[np.uint8]) -> bool:
    """Whether the white square is top left and the black one top right."""
    return float(image[2:8, 2:8].mean()) > 230 and float(image[2:8, -8:-2].mean()) < 25


def write_clip(
    path: Path,
    *,
    times: Sequence[float] | None = None,
    count: int = 12,
    size: tuple[int, int] = SIZE,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    rotation: int = 0,
    mirrored: bool = False,
    aspect: Fraction | None = None,
    sound: str | None = None,
    sound_from: float = 0.0,
    sound_seconds: float | None = None,
    key_every: int | None = None,
) -> Path:
    """A clip whose picture `i` is `picture(i)`, shown from `times[i]` (default: every tenth of a second).

    `rotation` is what players turn the stored pictures by, clockwise; they are stored so that the result is upright.
    Every `key_every`th picture is stored so that reading can begin there. `sound` is a codec; it beeps for 0.1 s at every full second of the clip, from `sound_from` on.
    """
    times = [i / FPS for i in range(count)] if times is None else times
    with av.open(str(path), "w") as output:
        clock = {"gif": 100, "mpeg1video": 25, "mpeg2video": 25, "mpeg4": 25}.get(codec, CLOCK)
        rate = 25 if clock == 25 else FPS
        options = {"bf": "0"} if codec == "libx264" else {}
        if key_every is not None:
            options["g"] = str(key_every)
        stream = output.add_stream(codec, rate=rate, options=options)
        assert isinstance(stream, VideoStream)
        stored = size if rotation % 180 == 0 else size[::-1]
        stream.width, stream.height = stored
        stream.pix_fmt = pixels
        stream.codec_context.time_base = Fraction(1, clock)
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation or mirrored:
            stream.set_display_rotation(-rotation, hflip=mirrored)
        tone = output.add_stream(sound, rate=RATE) if sound else None
        assert tone is None or isinstance(tone, AudioStream)
        for number, time in enumerate(times):
            image = picture(number, size)
            if mirrored:
                image = image[:, ::-1]
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(np.rot90(image, rotation // 90)), format="rgb24")
            frame = frame.reformat(format=pixels)
            frame.time_base = stream.codec_context.time_base
            frame.pts = round(time / frame.time_base)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
        if tone is not None:
            samples = beeps(
                sound_seconds if sound_seconds is not None else max(times) + 1 / FPS - sound_from, sound_from
            )
            step = getattr(tone.codec_context, "frame_size", 0) or 1024
            for start in range(0, samples.size, step):
                piece = samples[start : start + step]
                heard = AudioFrame.from_ndarray(np.stack([piece, piece]), format="fltp", layout="stereo")
                heard.sample_rate, heard.time_base = RATE, Fraction(1, RATE)
                heard.pts = start + round(sound_from * RATE)
                for converted in AudioResampler(tone.codec_context.format, "stereo", RATE).resample(heard):
                    output.mux(tone.encode(converted))
            output.mux(tone.encode(None))
    return path


def beeps(seconds: float, start: float = 0.0) -> NDArray[np.float32]:
    """A tone of 1 kHz for 0.1 s at every full second of the clock, silence between, from `start` on."""
    clock = np.arange(round(seconds * RATE)) / RATE + start
    return np.where(clock % 1 < 0.1, 0.5 * np.sin(2 * np.pi * 1000 * clock), 0).astype(np.float32)


def beep_times(path: Path) -> list[float]:
    """When the beeps of a file begin, in seconds after its first picture."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        first = next(container.decode(stream)).time
    onsets: list[float] = []
    with av.open(str(path)) as container:
        last_loud = -1.0
        for frame in container.decode(audio=0):
            samples = np.abs(frame.to_ndarray().astype(np.float64))
            loudness = (
                samples.reshape(-1, len(frame.layout.channels)).max(1) if frame.format.is_packed else samples.max(0)
            )
            full = float(np.iinfo(np.int16).max) if "16" in frame.format.name else 1.0
            for index in np.flatnonzero(loudness > 0.2 * full):
                time = (frame.time or 0.0) + float(index) / frame.sample_rate
                if time > last_loud + 0.3:
                    onsets.append(time - first)
                last_loud = time
    return onsets
