"""An audio file: conformed to the session, placed in time, trimmed, looped, faded."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise
from math import gcd
from typing import Annotated

import numpy as np

from stemwright.audio import AudioFile, Spool, Stream, as_channels, fit, resample, resampled_frames
from stemwright.audio.fades import ramp
from stemwright.base.decibels import amplitude
from stemwright.base.errors import StemwrightError
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Duration, parse_duration, parse_position, round_half_up
from stemwright.sources._base import Source
from stemwright.validation.fields import Field

_CUT_S = 0.005  # fade where a file is cut into, so that the cut does not click
_CLOSES_S = 0.001  # a loop that is its bars' length, but for so much, is meant to close without a seam
_MARGIN = 4096  # frames: more than the resampler looks around it


def _clock(text: object) -> Duration:
    length = parse_duration(text)
    if length.is_musical:
        raise ValueError(
            f"must be in seconds, such as 2.5 s, 40 ms or 1:22: a file has no bars (is {text!r})"
        )
    return length


@dataclass(frozen=True)
class Audio(Source):
    """A recording: WAV, AIFF, FLAC, Ogg or MP3 of any sample rate, mono or stereo.

    A loop that is its bars' length, to within 1 ms, closes without a seam; another is cut with a fade of 5 ms.
    """

    example = "{file: loops/shaker.wav, at: bar 5, loop_bars: 2, loop_length: 16 bars, fade_out: 2 s}"

    file: Annotated[
        str, Field("Path of the file, from the working directory; absolute and ~ work too.", min_length=1)
    ]
    at: Annotated[str, Field("Where in the song it begins.", parse=parse_position)] = "bar 1"
    start: Annotated[str, Field("Where in the file to begin.", parse=_clock)] = "0 s"
    length: (
        Annotated[str, Field("How much of it to play; all of it if not given.", parse=parse_duration)] | None
    ) = None
    loop_bars: (
        Annotated[
            int, Field("Repeat it every so many bars, each time on the bar line.", "bars", ge=1, le=1_000)
        ]
        | None
    ) = None
    loop_length: (
        Annotated[
            str, Field("How long to go on repeating; to the song's end if not given.", parse=parse_duration)
        ]
        | None
    ) = None
    fade_in: Annotated[str, Field("Fade in from where it begins.", parse=_clock)] = "0 s"
    fade_out: Annotated[str, Field("Fade out to where it ends.", parse=_clock)] = "0 s"
    gain_db: Annotated[float, Field("Change of level.", "dB", ge=-60, le=60)] = 0.0

    def __post_init__(self) -> None:
        if self.loop_length is not None and self.loop_bars is None:
            raise ValueError("loop_length needs loop_bars")

    @property
    def needs_timeline(self) -> bool:
        at = parse_position(self.at)
        on_bar_one = at.bar == 1 and at.beat == 1 and not at.offset.is_musical
        length = self.length is not None and parse_duration(self.length).is_musical
        return (at.is_musical and not on_bar_one) or length or self.loop_bars is not None

    def input_files(self) -> list[tuple[tuple, str]]:
        return [(("file",), self.file)]

    def check(self, context: RenderContext) -> None:
        at = parse_position(self.at)
        if context.timeline.frame(context.timeline.tempo.locate(at)) >= context.frames:
            seconds = context.frames / context.rate
            raise ValueError(f"at must lie before the song's end at {seconds:.3f} s (is {self.at!r})")

    def render(self, context: RenderContext) -> Stream:
        start = self._start(context)
        begin = round_half_up(start * context.rate)
        with AudioFile(context.files["file"]) as file:
            first = round_half_up(_seconds(self.start) * file.rate)
            if first >= file.frames:
                raise StemwrightError(
                    f"{file.path}: start {self.start} lies behind its end ({file.frames / file.rate:.3f} s)"
                )
            whole = resampled_frames(file.frames - first, file.rate, context.rate)
            frames = whole if self.length is None else min(whole, _end(start, self.length, context) - begin)
            units = self._units(context)
            closes = bool(units) and all(abs(frames - unit) <= _CLOSES_S * context.rate for unit in units)
            if closes and frames == whole:
                clip = fit(_turning(file, first, context), whole, context.channels)
            else:
                blocks = as_channels(file.blocks(first), context.channels)
                clip = resample(blocks, file.frames - first, context.channels, file.rate, context.rate)
                clip = _cut(clip, frames, context, bool(first), frames < whole)
            end = begin + frames
            if units:
                clip = _looped(clip, frames, units, closes, context)
                end = context.frames if self.loop_length is None else _end(start, self.loop_length, context)
            end = min(end, context.frames)
            clip = _cut(clip, end - begin, context, False, self.loop_bars is not None or end < begin + frames)
            yield from self._levelled(chain(fit((), begin, context.channels), clip), begin, end, context)

    def _start(self, context: RenderContext) -> Fraction:
        """Where it begins, in seconds."""
        at = parse_position(self.at)
        if context.timeline is not None:
            return context.timeline.tempo.seconds(context.timeline.tempo.locate(at))
        return at.seconds + at.offset.seconds

    def _units(self, context: RenderContext) -> list[int]:
        """The length in frames of each turn of the loop: every turn begins at its own bar line, so none drifts."""
        if self.loop_bars is None:
            return []
        timeline, every = context.timeline, Duration(bars=Fraction(self.loop_bars))
        starts = [timeline.tempo.locate(parse_position(self.at))]
        while timeline.frame(starts[-1]) < context.frames:
            starts.append(timeline.tempo.advance(starts[-1], every))
        return [timeline.frame(b) - timeline.frame(a) for a, b in pairwise(starts)]

    def _levelled(self, blocks: Stream, begin: int, end: int, context: RenderContext) -> Stream:
        factor = amplitude(self.gain_db)
        fade_in, fade_out = (round_half_up(_seconds(v) * context.rate) for v in (self.fade_in, self.fade_out))
        at = 0
        for block in blocks:
            n = np.arange(at, at + len(block))
            yield block * (factor * ramp(n - begin, fade_in) * ramp(end - 1 - n, fade_out))[:, None]
            at += len(block)


def _seconds(text: str) -> Fraction:
    return parse_duration(text).seconds


def _end(start: Fraction, text: str, context: RenderContext) -> int:
    """The frame where a length ends that begins at `start`, in seconds."""
    length = parse_duration(text)
    if not length.is_musical:
        return round_half_up((start + length.seconds) * context.rate)
    tempo = context.timeline.tempo
    return context.timeline.frame(tempo.advance(tempo.quarters(start), length))


def _turning(file: AudioFile, first: int, context: RenderContext) -> Stream:
    """The file from a frame on, resampled as part of an endless loop: what comes before its start is its end."""
    step = file.rate // gcd(file.rate, context.rate)
    margin = min(-(-_MARGIN // step), (file.frames - first) // step) * step  # whole frames at both rates
    blocks = chain(file.blocks(file.frames - margin), file.blocks(first), file.blocks(first, margin))
    frames, skip = file.frames - first + 2 * margin, margin * context.rate // file.rate
    for block in resample(
        as_channels(blocks, context.channels), frames, context.channels, file.rate, context.rate
    ):
        yield block[skip:]
        skip = max(0, skip - len(block))


def _looped(clip: Stream, frames: int, units: list[int], closes: bool, context: RenderContext) -> Stream:
    """The clip again and again. One that closes goes on into its own start for the frame that a turn may lack."""
    kept = Spool(context.channels, fit(clip, min(frames, max(units)), context.channels))
    for unit in units:
        if closes:
            once = chain(kept.blocks(), kept.blocks())
        else:
            once = _cut(kept.blocks(), min(unit, kept.frames), context, False, unit < frames)
        yield from fit(once, unit, context.channels)


def _cut(stream: Stream, frames: int, context: RenderContext, cut_in: bool, cut_out: bool) -> Stream:
    """`frames` of a stream, with short fades at those ends where it was cut into."""
    if not (cut_in or cut_out):
        yield from fit(stream, frames, context.channels)
        return
    fade = min(round(_CUT_S * context.rate), frames // 2)
    at = 0
    for block in fit(stream, frames, context.channels):
        n = np.arange(at, at + len(block))
        yield block * (ramp(n, fade if cut_in else 0) * ramp(frames - 1 - n, fade if cut_out else 0))[:, None]
        at += len(block)
