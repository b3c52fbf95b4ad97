"""An audio file: conformed to the session, placed in time, trimmed, looped, faded."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise
from typing import Annotated

import numpy as np

from stemwright.audio import AudioFile, Spool, Stream, as_channels, fit, resample, resampled_frames
from stemwright.canvas import Canvas
from stemwright.errors import StemwrightError
from stemwright.levels import amplitude
from stemwright.ramps import ramp
from stemwright.sources._base import Source
from stemwright.spec.keys import Key
from stemwright.timeline import Duration, parse_duration, parse_position, round_half_up

_CUT_S = 0.005  # fade where a file is cut into, so that the cut does not click


def _clock(text: object) -> Duration:
    length = parse_duration(text)
    if length.is_musical:
        raise ValueError(
            f"must be in seconds, such as 2.5 s, 40 ms or 1:22: a file has no bars (is {text!r})"
        )
    return length


@dataclass(frozen=True)
class Audio(Source):
    """A recording: WAV, AIFF, FLAC, Ogg or MP3 of any sample rate, mono or stereo."""

    file: Annotated[
        str, Key("Path of the file, from the working directory; absolute and ~ work too.", min_length=1)
    ]
    at: Annotated[str, Key("Where in the song it begins.", parse=parse_position)] = "bar 1"
    start: Annotated[str, Key("Where in the file to begin.", parse=_clock)] = "0 s"
    length: (
        Annotated[str, Key("How much of it to play; all of it if not given.", parse=parse_duration)] | None
    ) = None
    loop_bars: (
        Annotated[
            int, Key("Repeat it every so many bars, each time on the bar line.", "bars", ge=1, le=1_000)
        ]
        | None
    ) = None
    loop_length: (
        Annotated[
            str, Key("How long to go on repeating; to the song's end if not given.", parse=parse_duration)
        ]
        | None
    ) = None
    fade_in: Annotated[str, Key("Fade in from where it begins.", parse=_clock)] = "0 s"
    fade_out: Annotated[str, Key("Fade out to where it ends.", parse=_clock)] = "0 s"
    gain_db: Annotated[float, Key("Change of level.", "dB", ge=-60, le=60)] = 0.0

    def __post_init__(self) -> None:
        if self.loop_length is not None and self.loop_bars is None:
            raise ValueError("loop_length needs loop_bars")

    @property
    def in_time(self) -> bool:
        at = parse_position(self.at)
        on_bar_one = at.bar == 1 and at.beat == 1 and not at.offset.is_musical
        length = self.length is not None and parse_duration(self.length).is_musical
        return (at.is_musical and not on_bar_one) or length or self.loop_bars is not None

    def inputs(self) -> list[tuple[tuple, str]]:
        return [(("file",), self.file)]

    def check(self, canvas: Canvas) -> None:
        at = parse_position(self.at)
        if canvas.timeline.frame(canvas.timeline.tempo.locate(at)) >= canvas.frames:
            seconds = canvas.frames / canvas.rate
            raise ValueError(f"at must lie before the song's end at {seconds:.3f} s (is {self.at!r})")

    def render(self, canvas: Canvas) -> Stream:
        start = self._start(canvas)
        begin = round_half_up(start * canvas.rate)
        with AudioFile(canvas.files["file"]) as file:
            first = round_half_up(_seconds(self.start) * file.rate)
            if first >= file.frames:
                raise StemwrightError(
                    f"{file.path}: start {self.start} lies behind its end ({file.frames / file.rate:.3f} s)"
                )
            whole = resampled_frames(file.frames - first, file.rate, canvas.rate)
            frames = whole if self.length is None else min(whole, _end(start, self.length, canvas) - begin)
            blocks = as_channels(file.blocks(first), canvas.channels)
            clip = resample(blocks, file.frames - first, canvas.channels, file.rate, canvas.rate)
            clip = _cut(clip, frames, canvas, bool(first), frames < whole)
            end = begin + frames
            if self.loop_bars is not None:
                clip = self._looped(clip, frames, canvas)
                end = canvas.frames if self.loop_length is None else _end(start, self.loop_length, canvas)
            end = min(end, canvas.frames)
            clip = _cut(clip, end - begin, canvas, False, self.loop_bars is not None or end < begin + frames)
            yield from self._levelled(chain(fit((), begin, canvas.channels), clip), begin, end, canvas)

    def _start(self, canvas: Canvas) -> Fraction:
        """Where it begins, in seconds."""
        at = parse_position(self.at)
        if canvas.timeline is not None:
            return canvas.timeline.tempo.seconds(canvas.timeline.tempo.locate(at))
        return at.seconds + at.offset.seconds

    def _looped(self, clip: Stream, frames: int, canvas: Canvas) -> Stream:
        """The clip again and again, each time from the frame of its own bar line, so that it never drifts."""
        timeline, every = canvas.timeline, Duration(bars=Fraction(self.loop_bars))
        starts = [timeline.tempo.locate(parse_position(self.at))]
        while timeline.frame(starts[-1]) < canvas.frames:
            starts.append(timeline.tempo.advance(starts[-1], every))
        units = [timeline.frame(b) - timeline.frame(a) for a, b in pairwise(starts)]
        kept = Spool(canvas.channels, fit(clip, min(frames, max(units, default=0)), canvas.channels))
        for unit in units:
            once = _cut(kept.blocks(), min(unit, kept.frames), canvas, False, unit < frames)
            yield from fit(once, unit, canvas.channels)

    def _levelled(self, blocks: Stream, begin: int, end: int, canvas: Canvas) -> Stream:
        factor = amplitude(self.gain_db)
        fade_in, fade_out = (round_half_up(_seconds(v) * canvas.rate) for v in (self.fade_in, self.fade_out))
        at = 0
        for block in blocks:
            n = np.arange(at, at + len(block))
            yield block * (factor * ramp(n - begin, fade_in) * ramp(end - 1 - n, fade_out))[:, None]
            at += len(block)


def _seconds(text: str) -> Fraction:
    return parse_duration(text).seconds


def _end(start: Fraction, text: str, canvas: Canvas) -> int:
    """The frame where a length ends that begins at `start`, in seconds."""
    length = parse_duration(text)
    if not length.is_musical:
        return round_half_up((start + length.seconds) * canvas.rate)
    tempo = canvas.timeline.tempo
    return canvas.timeline.frame(tempo.advance(tempo.quarters(start), length))


def _cut(stream: Stream, frames: int, canvas: Canvas, cut_in: bool, cut_out: bool) -> Stream:
    """`frames` of a stream, with short fades at those ends where it was cut into."""
    if not (cut_in or cut_out):
        yield from fit(stream, frames, canvas.channels)
        return
    fade = min(round(_CUT_S * canvas.rate), frames // 2)
    at = 0
    for block in fit(stream, frames, canvas.channels):
        n = np.arange(at, at + len(block))
        yield block * (ramp(n, fade if cut_in else 0) * ramp(frames - 1 - n, fade if cut_out else 0))[:, None]
        at += len(block)
