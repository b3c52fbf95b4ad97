"""An audio file, converted to the session's format, placed in time, trimmed, looped and faded."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Annotated

import numpy as np

from stemwright.audio import AudioFile, Stream, fit
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
from stemwright.sources._clip import Clip, Recording, conformed, frame_after, seconds
from stemwright.sources._loop import conformed_loop, is_seamless, loop_lengths, repeated
from stemwright.validation.fields import Field


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
    at: Annotated[str, Field("Position in the song where it begins.", parse=parse_position)] = "bar 1"
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
        return [(self.file, float(seconds(self.start)))]

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
            clip, loops, seamless = self._clip(file, start, begin, context)
            # Between these two lines a clip may become one of another length: what follows asks only `clip.frames`.
            end = begin + clip.frames
            played: Iterable[np.ndarray] = clip.blocks(context)
            if loops:
                used = context.frames - begin + context.rate  # and a second, so that no fade is of this cut
                played = repeated(clip, loops, seamless, used, context)
                end = (
                    context.frames
                    if self.loop_length is None
                    else frame_after(start, self.loop_length, context)
                )
            if begin + clip.frames > context.frames:
                print(f"{file.path}: {clip.frames / context.rate:,.3f} s long, cut at the song's end")
            end = min(end, context.frames)
            is_cut = self.loop_bars is not None or end < begin + clip.frames
            placed = Clip(played, end - begin, cut_out=is_cut).blocks(context)
            yield from self._apply_gain(chain(fit((), begin, context.channels), placed), begin, end, context)

    def _clip(
        self, file: AudioFile, start: Fraction, begin: int, context: RenderContext
    ) -> tuple[Clip, list[int], bool]:
        """The stretch of the file that is played, the lengths of its repetitions, and whether these are seamless."""
        first = round_half_up(seconds(self.start) * file.rate)
        if first >= file.frames:
            raise StemwrightError(
                f"{file.path}: start {self.start} is beyond its end ({file.frames / file.rate:.3f} s)"
            )
        recording = Recording(file, first, context.channels)
        clip = conformed(recording, context)
        frames = clip.frames
        if self.length is not None:
            frames = min(frames, frame_after(start, self.length, context) - begin)
        loops = [] if self.loop_bars is None else loop_lengths(self.at, self.loop_bars, context)
        seamless = bool(loops) and is_seamless(frames, loops, context)
        if seamless and frames == clip.frames:
            return conformed_loop(recording, frames, context), loops, seamless
        return Clip(clip.stream, frames, bool(first), frames < clip.frames), loops, seamless

    def _start(self, context: RenderContext) -> Fraction:
        """The position where it begins, in s from the start of the song."""
        at = parse_position(self.at)
        if context.timeline is not None:
            return context.timeline.tempo.seconds(context.timeline.tempo.locate(at))
        return at.seconds + at.offset.seconds

    def _apply_gain(self, blocks: Stream, begin: int, end: int, context: RenderContext) -> Stream:
        factor = amplitude(self.gain_db)
        fade_in, fade_out = (round_half_up(seconds(v) * context.rate) for v in (self.fade_in, self.fade_out))
        at = 0
        for block in blocks:
            n = np.arange(at, at + len(block))
            yield block * (factor * ramp(n - begin, fade_in) * ramp(end - 1 - n, fade_out))[:, None]
            at += len(block)
