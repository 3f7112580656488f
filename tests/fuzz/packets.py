"""Mutations of what is inside of a container: packets lost, doubled, out of order, damaged, at absurd times."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import av
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from fuzz.octets import mutated

_ENDINGS = ("matroska", "mp4", "mov", "avi", "nut", "mpegts", "flv")
_ABSURD = (0, 1, -1, 10**9, -(10**9), 2**31, -(2**31), 2**33, 10**15, 2**62, -(2**62))


def mutated_packets(path: Path, dice: Random) -> bytes:
    """The video of a file in a container again, after mutations of its packets.

    Raises:
        av.FFmpegError, OSError, ValueError: the container does not take them.
    """
    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        base = stream.time_base or Fraction(1, 90_000)
        packets: list[list[Any]] = [
            [bytes(packet), packet.pts, packet.dts, packet.duration, packet.is_keyframe]
            for packet in source.demux(stream)
            if packet.size
        ]
        for _ in range(dice.choice((1, 1, 2, 3))):
            _mutate(packets, dice)
        out = io.BytesIO()
        with av.open(out, "w", format=dice.choice(_ENDINGS)) as target:
            copy = target.add_stream_from_template(stream, opaque=True)
            for data, pts, dts, duration, key in packets:
                packet = Packet(data)
                packet.time_base = base
                packet.pts, packet.dts, packet.duration = pts, dts, duration or 0
                packet.is_keyframe = key
                packet.stream = copy
                target.mux(packet)
    return out.getvalue()


def _mutate(packets: list[list[Any]], dice: Random) -> None:
    if not packets:
        return
    which = dice.randrange(len(packets))
    packet = packets[which]
    match dice.randrange(9):
        case 0:
            del packets[which : which + dice.choice((1, 3, 100))]
        case 1:
            packets[which:which] = [list(packet) for _ in range(dice.choice((1, 5, 100)))]
        case 2:
            part = packets[which : which + 8]
            dice.shuffle(part)
            packets[which : which + 8] = part
        case 3:
            packet[0] = mutated(packet[0], dice)
        case 4:
            packet[0] = packet[0][: dice.randrange(len(packet[0]) + 1)] or b"\0"
        case 5:  # from here on, the clock is elsewhere
            by = dice.choice(_ABSURD)
            for each in packets[which:]:
                each[1], each[2] = (each[1] or 0) + by, (each[2] or 0) + by
        case 6:
            packet[1] = packet[2] = dice.choice(_ABSURD)
        case 7:  # each picture lasts for ages
            by = dice.choice((3, 1000, 10**5, 10**7))
            for each in packets:
                each[1], each[2], each[3] = (each[1] or 0) * by, (each[2] or 0) * by, (each[3] or 0) * by
        case _:
            for each in packets:
                each[4] = not each[4]


def changing_size(dice: Random) -> bytes:
    """A stream whose pictures change size, and may become huge, in the middle."""
    codec, form = dice.choice((("mpeg2video", "mpegts"), ("libx264", "mpegts"), ("mpeg1video", "mpegvideo")))
    streams = []
    sizes = [(64, 48), (160, 96), (96, 160), (320, 176), (1920, 32), (32, 32)]
    for _ in range(dice.choice((2, 2, 3))):
        out = io.BytesIO()
        width, height = dice.choice(sizes)
        with av.open(out, "w", format=form) as target:
            stream = target.add_stream(codec, rate=25)
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for number in range(4):
                image = np.full((height, width, 3), 50 + 20 * number, np.uint8)
                target.mux(stream.encode(VideoFrame.from_ndarray(image, format="rgb24")))
            target.mux(stream.encode(None))
        streams.append(out.getvalue())
    data = b"".join(streams)
    return mutated(data, dice) if dice.random() < 0.4 else data
