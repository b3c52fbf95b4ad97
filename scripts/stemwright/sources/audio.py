"""An audio file, converted to the session's format, placed in time, trimmed, looped and faded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise
from math import gcd
from typing import Annotated

import numpy as np

from stemwright.audio import (
    AudioFile,
    Spool,
    Stream,
    as_channels,
    fit,
    resample,
    resampled_frames,
    without_start,
)
from stemwright.audio.decoders import missing_program, programs_for
from stemwright.audio.fades import ramp
from stemwright.base.decibels import amplitude
from stemwright.base.errors import StemwrightError
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import (
    Duration,
    Section,
    TempoMap,
    parse_duration,
    parse_position,
    round_half_up,
)
from stemwright.sources._base import Source
from stemwright.validation.fields import Field

_CUT_FADE_S = 0.005  # fade where a file is cut, against clicks
_SEAMLESS_S = 0.001  # a loop whose length differs from that of its bars by no more is seamless
_MARGIN = 4096  # frames, more than the length of the resampler's filter


def _parse_seconds(text: object) -> Duration:
    length = parse_duration(text)
    if length.is_musical:
        raise ValueError(
            f"must be in seconds, such as 2.5 s, 40 ms or 1:22: a file has no bars (is {text!r})"
        )
    return length


@dataclass(frozen=True)
class Audio(Source):
    """A recording of any sample rate, mono or stereo: WAV (also RF64, BW64 and W64), AIFF, CAF, FLAC, Ogg or MP3; where
    ffmpeg is installed, also M4A and AAC, and FLAC of any depth or in Ogg.

    A loop with the length of its bars, to within 1 ms, repeats without a seam; any other is cut with a fade of 5 ms.
    """

    example = "{file: loops/shaker.wav, at: bar 5, loop_bars: 2, loop_length: 16 bars, fade_out: 2 s}"

    file: Annotated[
        str, Field("Path of the file, from the working directory; absolute and ~ work too.", min_length=1)
    ]
    at: Annotated[str, Field("Position in the song where it begins.", parse=parse_position)] = "0 s"
    start: Annotated[str, Field("Position in the file where it begins.", parse=_parse_seconds)] = "0 s"
    length: (
        Annotated[str, Field("Length of the file to play; by default all of it.", parse=parse_duration)]
        | None
    ) = None
    loop_bars: (
        Annotated[
            int,
            Field(
                "Number of bars after which it repeats, each time on the bar line.", "bars", ge=1, le=1_000
            ),
        ]
        | None
    ) = None
    loop_length: (
        Annotated[str, Field("How long to repeat it; by default until the song's end.", parse=parse_duration)]
        | None
    ) = None
    fade_in: Annotated[str, Field("Length of the fade-in where it begins.", parse=_parse_seconds)] = "0 s"
    fade_out: Annotated[str, Field("Length of the fade-out where it ends.", parse=_parse_seconds)] = "0 s"
    gain_db: Annotated[float, Field("Change of its level.", "dB", ge=-60, le=60)] = 0.0

    def __post_init__(self) -> None:
        if self.loop_length is not None and self.loop_bars is None:
            raise ValueError("loop_length needs loop_bars")

    @property
    def needs_timeline(self) -> bool:
        at = parse_position(self.at)
        on_bar_one = at.bar == 1 and at.beat == 1 and not at.offset.is_musical
        length = self.length is not None and parse_duration(self.length).is_musical
        return (at.is_musical and not on_bar_one) or length or self.loop_bars is not None

    def counts_bars(self, section: Section, tempo: TempoMap) -> bool:
        if not self.needs_timeline:
            return False
        try:
            start = end = tempo.locate(parse_position(self.at))
        except ValueError:  # `check` tells
            return False
        length = self.length if self.loop_bars is None else self.loop_length
        if length is not None and (self.loop_bars is not None or parse_duration(length).is_musical):
            end = tempo.advance(start, parse_duration(length))
        elif self.loop_bars is not None:
            end = section.end
        return start < section.end and (section.start <= start or section.start < end)

    def input_files(self) -> list[tuple[tuple, str]]:
        return [(("file",), self.file)]

    def libraries(self) -> dict[str, str]:
        return programs_for(os.path.expanduser(self.file))

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        if what := missing_program(os.path.expanduser(self.file)):
            yield ("file",), what

    def recordings(self) -> list[tuple[str, float]]:
        return [(self.file, float(_seconds(self.start)))]

    def check(self, context: RenderContext) -> None:
        at = parse_position(self.at)
        timeline = context.required_timeline()
        if timeline.frame(timeline.tempo.locate(at)) >= context.frames:
            seconds = context.frames / context.rate
            raise ValueError(f"at must lie before the song's end at {seconds:.3f} s (is {self.at!r})")

    def render(self, context: RenderContext) -> Stream:
        start = self._start(context)
        begin = round_half_up(start * context.rate)
        with AudioFile(context.files["file"]) as file:
            first = round_half_up(_seconds(self.start) * file.rate)
            if first >= file.frames:
                raise StemwrightError(
                    f"{file.path}: start {self.start} is beyond its end ({file.frames / file.rate:.3f} s)"
                )
            available = resampled_frames(file.frames - first, file.rate, context.rate)
            frames = (
                available
                if self.length is None
                else min(available, _end(start, self.length, context) - begin)
            )
            loop_lengths = self._loop_lengths(context)
            seamless = bool(loop_lengths) and all(
                abs(frames - length) <= _SEAMLESS_S * context.rate for length in loop_lengths
            )
            if seamless and frames == available:
                clip = fit(_resampled_loop(file, first, context), available, context.channels)
            else:
                blocks = as_channels(file.finite_blocks(first), context.channels)
                clip = resample(blocks, file.frames - first, context.channels, file.rate, context.rate)
                clip = _fit_with_fades(clip, frames, context, bool(first), frames < available)
            end = begin + frames
            if loop_lengths:
                used = context.frames - begin + context.rate  # and a second, so that no fade is of this cut
                clip = _repeat(clip, frames, loop_lengths, seamless, used, context)
                end = context.frames if self.loop_length is None else _end(start, self.loop_length, context)
            if begin + frames > context.frames:
                print(f"{file.path}: {frames / context.rate:,.3f} s long, cut at the song's end")
            end = min(end, context.frames)
            clip = _fit_with_fades(
                clip, end - begin, context, False, self.loop_bars is not None or end < begin + frames
            )
            yield from self._apply_gain(chain(fit((), begin, context.channels), clip), begin, end, context)

    def _start(self, context: RenderContext) -> Fraction:
        """The position where it begins, in s from the start of the song."""
        at = parse_position(self.at)
        if context.timeline is not None:
            return context.timeline.tempo.seconds(context.timeline.tempo.locate(at))
        return at.seconds + at.offset.seconds

    def _loop_lengths(self, context: RenderContext) -> list[int]:
        """The length in frames of each repetition. Each begins on its own bar line, so that the loop does not drift."""
        if self.loop_bars is None:
            return []
        timeline, every = context.required_timeline(), Duration(bars=Fraction(self.loop_bars))
        starts = [timeline.tempo.locate(parse_position(self.at))]
        while timeline.frame(starts[-1]) < context.frames:
            starts.append(timeline.tempo.advance(starts[-1], every))
        return [timeline.frame(b) - timeline.frame(a) for a, b in pairwise(starts)]

    def _apply_gain(self, blocks: Stream, begin: int, end: int, context: RenderContext) -> Stream:
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
    """The frame at the end of a length that begins at `start`, in s."""
    length = parse_duration(text)
    if not length.is_musical:
        return round_half_up((start + length.seconds) * context.rate)
    timeline = context.required_timeline()
    tempo = timeline.tempo
    return timeline.frame(tempo.advance(tempo.quarters(start), length))


def _resampled_loop(file: AudioFile, first: int, context: RenderContext) -> Stream:
    """The file from a frame on, resampled as one period of an endless loop: its start is preceded by its end."""
    step = file.rate // gcd(file.rate, context.rate)
    margin = (
        min(-(-_MARGIN // step), (file.frames - first) // step) * step
    )  # a whole number of frames at both rates
    blocks = chain(
        file.finite_blocks(file.frames - margin), file.finite_blocks(first), file.finite_blocks(first, margin)
    )
    frames, skip = file.frames - first + 2 * margin, margin * context.rate // file.rate
    heard = as_channels(blocks, context.channels)
    return without_start(resample(heard, frames, context.channels, file.rate, context.rate), skip)


def _repeat(
    clip: Stream, frames: int, loop_lengths: list[int], seamless: bool, used: int, context: RenderContext
) -> Stream:
    """The clip repeated with the given lengths in frames, of which no more than `used` are.

    A seamless clip continues with its own start where a repetition is a frame longer than the clip.
    """
    spool = Spool(context.channels, fit(clip, min(frames, max(loop_lengths), used), context.channels))
    for length in loop_lengths:
        turn: Stream
        if seamless:
            turn = chain(spool.blocks(), spool.blocks())
        else:
            turn = _fit_with_fades(spool.blocks(), min(length, spool.frames), context, False, length < frames)
        yield from fit(turn, length, context.channels)


def _fit_with_fades(
    stream: Stream, frames: int, context: RenderContext, cut_in: bool, cut_out: bool
) -> Stream:
    """`frames` frames of a stream, with short fades at the ends where it was cut."""
    if not (cut_in or cut_out):
        yield from fit(stream, frames, context.channels)
        return
    fade = min(round(_CUT_FADE_S * context.rate), frames // 2)
    at = 0
    for block in fit(stream, frames, context.channels):
        n = np.arange(at, at + len(block))
        yield block * (ramp(n, fade if cut_in else 0) * ramp(frames - 1 - n, fade if cut_out else 0))[:, None]
        at += len(block)
