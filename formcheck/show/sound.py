"""The sound of a recording, laid beside the pictures of a new MP4."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from formcheck.errors import VideoError
from formcheck.see.container import open_container

_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)


class Sound:
    """The main sound track of the file `path`, as packets for `output`, in time order.

    AAC and MP3 are copied as they are. Everything else is encoded anew as AAC: other codecs fit into an MP4 as well,
    but not every browser plays them there. The streams of `output` must be complete before packets are drawn.

    Attributes:
        start: seconds on the clock of `path` at which the sound begins.
        loss: what of the sound could not be kept, None if nothing is missing.
    """

    def __init__(self, path: Path, output: OutputContainer) -> None:
        self.loss: str | None = None
        self.start = 0.0
        self._waiting: Packet[AudioStream] | None = None
        self._shift = 0.0
        self._container: InputContainer | None = None
        self._packets: Iterator[Packet[AudioStream]] = iter(())
        try:
            self._container = open_container(path)
            self._packets = self._prepare(self._container, output)
        except (VideoError, av.FFmpegError, OSError, ValueError, IndexError) as error:
            self.loss = f"the sound could not be kept ({error})"

    def delay(self, seconds: float) -> None:
        """Move everything by `seconds`, which may be negative. Call it before the first packet is drawn."""
        self._shift = seconds

    def until(self, time: float) -> Iterator[Packet[AudioStream]]:
        """The packets that begin before `time` (seconds in the output) and were not drawn yet."""
        while True:
            try:
                packet = self._waiting if self._waiting is not None else next(self._packets, None)
            except (av.FFmpegError, ValueError, IndexError) as error:
                self._lose(f"the sound ends early ({error})")
                packet = None
            if packet is None:
                return
            if packet.pts is not None and packet.pts * packet.time_base >= time:
                self._waiting = packet
                return
            self._waiting = None
            yield packet

    def close(self) -> None:
        """Let go of the file."""
        self._packets = iter(())
        if self._container is not None:
            self._container.close()

    def _prepare(self, container: InputContainer, output: OutputContainer) -> Iterator[Packet[AudioStream]]:
        source = container.streams.best("audio")
        if not isinstance(source, AudioStream) or source.codec_context is None:
            if container.streams.audio:
                self.loss = "the sound could not be kept: its codec is not known here"
            return iter(())
        if not source.codec_context.sample_rate or not source.codec_context.channels:
            self.loss = "the sound could not be kept: the file does not say what it is"
            return iter(())
        if len(container.streams.audio) > 1:
            self.loss = "only the main one of several sound tracks was kept"
        if source.start_time is not None and source.time_base is not None:
            self.start = float(source.start_time * source.time_base)
        name, rate = source.codec_context.name, source.codec_context.sample_rate
        if name == "aac" or (name in ("mp3", "mp3float") and rate >= 16000):
            return self._copied(container, source, output.add_stream_from_template(source))
        rate = next((usual for usual in _AAC_RATES if usual >= rate), 48000)
        target = output.add_stream("aac", rate=rate)
        target.codec_context.layout = "mono" if source.codec_context.channels == 1 else "stereo"
        target.codec_context.time_base = Fraction(1, rate)
        target.codec_context.bit_rate = 64_000 * target.codec_context.channels
        return self._encoded(container, source, target)

    def _copied(
        self, container: InputContainer, source: AudioStream, target: AudioStream
    ) -> Iterator[Packet[AudioStream]]:
        latest: int | None = None
        for packet in self._read(container, source):
            shift = round(self._shift / packet.time_base)
            stamp = packet.dts if packet.dts is not None else packet.pts
            if stamp is None:
                if latest is None:
                    continue
                stamp = latest
            else:
                stamp += shift
            # A player needs increasing times; where the recording's are not, they are nudged.
            lag = 0 if packet.pts is None or packet.dts is None else packet.pts - packet.dts
            packet.dts = stamp if latest is None else max(stamp, latest)
            packet.pts = packet.dts + max(lag, 0)
            latest = packet.dts + max(packet.duration or 0, 1)
            packet.stream = target
            yield packet

    def _encoded(
        self, container: InputContainer, source: AudioStream, target: AudioStream
    ) -> Iterator[Packet[AudioStream]]:
        encoder = target.codec_context
        # Holes and overlaps of more than 20 ms become silence and cuts, so that the rest stays in sync.
        keep_sync = {"async": "1", "min_hard_comp": "0.02"}
        resampler = AudioResampler(encoder.format, encoder.layout, encoder.sample_rate, encoder.frame_size, keep_sync)
        for frame in self._decoded(container, source):
            try:
                pieces = resampler.resample(frame)
            except (ValueError, av.FFmpegError) as error:
                self._lose(f"the sound ends early: its format changes ({error})")
                pieces = resampler.resample(None)
                frame = None
            for piece in pieces:
                if piece.pts is not None and piece.time_base is not None:
                    piece.pts += round(self._shift / piece.time_base)
                yield from target.encode(piece)
            if frame is None:
                break
        yield from target.encode(None)

    def _decoded(self, container: InputContainer, source: AudioStream) -> Iterator[AudioFrame | None]:
        for packet in self._read(container, source):
            try:
                yield from source.codec_context.decode(packet)
            except av.FFmpegError as error:
                self._lose(f"a part of the sound is damaged ({error.strerror})")
        yield from source.codec_context.decode(None)
        yield None

    def _read(self, container: InputContainer, source: AudioStream) -> Iterator[Packet[AudioStream]]:
        try:
            for packet in container.demux(source):
                if packet.size:
                    yield packet
        except (av.FFmpegError, OSError) as error:
            self._lose(f"the sound breaks off ({error.strerror})")

    def _lose(self, what: str) -> None:
        self.loss = self.loss or what
