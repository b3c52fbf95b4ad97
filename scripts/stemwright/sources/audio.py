"""An audio file, converted to the session's format, placed in time, trimmed, looped and faded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import Annotated

import numpy as np

from stemwright.audio import AudioFile, Stream, fit, resampled_frames
from stemwright.audio.decoders import missing_program, programs_for
from stemwright.audio.fades import ramp
from stemwright.audio.placed_file import PlacedFile, beyond_end, rate_and_frames
from stemwright.base.decibels import amplitude
from stemwright.base.errors import StemwrightError
from stemwright.music.component import role
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import (
    Section,
    TempoMap,
    parse_duration,
    parse_position,
    round_half_up,
)
from stemwright.sources._alignment import Align, Alignment, Shift
from stemwright.sources._base import Source
from stemwright.sources._clip import Clip, conformed, frame_after, parse_seconds, seconds, song_seconds
from stemwright.sources._edited import UNKNOWN, Layout, Placement
from stemwright.sources._loop import conformed_loop, fills, loop_lengths, repeated
from stemwright.sources._reshaped import Pitch, Reshaping
from stemwright.sources._tuning import Tune
from stemwright.sources._warping import Warp
from stemwright.sources.edits import Edit
from stemwright.sources.edits import make as make_edit
from stemwright.sources.edits._base import RECORDING
from stemwright.validation import registry
from stemwright.validation.choice import Choice
from stemwright.validation.fields import Field
from stemwright.validation.problems import format_path

_EDITS = "stemwright.sources.edits"


@dataclass(frozen=True)
class Audio(Source):
    """A recording of any sample rate, mono or stereo: WAV (also RF64, BW64 and W64), AIFF, CAF, FLAC, Ogg or MP3; where
    ffmpeg is installed, also M4A and AAC, and FLAC of any depth or in Ogg.

    Where it begins or ends inside of the file, by `start`, `length`, an edit, a loop's bar or the song's end, it is
    faded for 5 ms against clicks, by a raised cosine, unless it has a fade_in or fade_out there. A loop with the length
    of its bars, to within 1 ms, repeats without a seam.

    All positions in `edits` are those of the original recording, so that their order does not matter: times of its file
    (`1.25 s`), or positions of the song (`bar 9 beat 2`) where the unedited recording stands in it. Each joint is a
    crossfade, half of it before the joint and half after it; outside of edits and crossfades all samples stay as they
    are. If the file has another sample rate than the session, it is edited at its own, and then resampled as a whole.

    With `warp`, `pitch` or `tune` it is held in memory, and may be ten minutes long. Stretching and pitch are by Rubber
    Band.
    """

    example = "{file: loops/shaker.wav, at: bar 5, loop_bars: 2, loop_length: 16 bars, fade_out: 2 s}"

    file: Annotated[
        str, Field("Path of the file, from the working directory; absolute and ~ work too.", min_length=1)
    ]
    at: Annotated[str, Field("Position in the song where it begins.", parse=parse_position)] = "0 s"
    start: Annotated[str, Field("Position in the file where it begins.", parse=parse_seconds)] = "0 s"
    length: (
        Annotated[
            str,
            Field("How much of it is heard, after its edits; by default all of it.", parse=parse_duration),
        ]
        | None
    ) = None
    edits: Annotated[
        list[Annotated[dict, Choice(_EDITS)]],
        Field("What is changed in the recording, such as cut: {start: 1.2 s, end: 1.9 s}."),
    ] = field(default_factory=list)
    align: Annotated[Align, Field("A recording that it is shifted to match.")] | None = None
    warp: Annotated[Warp, Field("Time-stretching, after the edits.")] | None = None
    pitch: Annotated[Pitch, Field("A change of pitch, after the edits.")] | None = None
    tune: Annotated[Tune, Field("Correction of single notes, after warp and pitch.")] | None = None
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
    fade_in: Annotated[str, Field("Length of the fade-in where it begins.", parse=parse_seconds)] = "0 s"
    fade_out: Annotated[str, Field("Length of the fade-out where it ends.", parse=parse_seconds)] = "0 s"
    gain_db: Annotated[float, Field("Change of its level.", "dB", ge=-60, le=60)] = 0.0

    def __post_init__(self) -> None:
        if self.loop_length is not None and self.loop_bars is None:
            raise ValueError("loop_length needs loop_bars")
        kinds: dict[str, type] = {"align": Align, "warp": Warp, "pitch": Pitch, "tune": Tune}
        for name, kind in kinds.items():
            if isinstance(keys := getattr(self, name), dict):  # in a job, whose keys are plain data
                object.__setattr__(self, name, kind(**keys))
        if self.warp and self.align:
            raise ValueError("align and warp exclude each other: both move it in time")
        if self.warp and self.warp.markers and (self.loop_bars or self.at != "0 s"):
            raise ValueError("at and loop_bars must be left out with warp.markers, which say where it is")

    @property
    def made_whole(self) -> bool:  # type: ignore[override]
        """Whether it is compared or reshaped as a whole."""
        return bool(self.align or self.warp or self.pitch or self.tune)

    @property
    def needs_timeline(self) -> bool:
        return self._counts_bars or self._reshaping.needs_timeline

    def uses(self, section: str) -> tuple[str, ...]:
        return ("key",) if self.tune and self.tune.uses_key else ()

    @property
    def _reshaping(self) -> Reshaping:
        return Reshaping(self.warp, self.pitch, self.tune)

    @property
    def _counts_bars(self) -> bool:
        """Whether it is placed or measured in bars and beats, apart from its warp."""
        places = [self.at, *([self.align.at] if self.align else [])]
        length = self.length is not None and parse_duration(self.length).is_musical
        on_bars = any(_is_past_bar_one(place) for place in places) or bool(self._edited_bars())
        return on_bars or length or self.loop_bars is not None

    def counts_bars(self, section: Section, tempo: TempoMap) -> bool:
        try:
            start = end = tempo.locate(parse_position(self.at))
            if self.warp and self.warp.counts_bars(section, tempo, start):
                return True
            if not self._counts_bars:
                return False
            edited = [tempo.locate(parse_position(place)) for place in self._edited_bars()]
        except ValueError:  # `problems` tells
            return False
        length = self.length if self.loop_bars is None else self.loop_length
        if length is not None and (self.loop_bars is not None or parse_duration(length).is_musical):
            end = tempo.advance(start, parse_duration(length))
        elif self.loop_bars is not None:
            end = section.end
        is_played = start < section.end and (section.start <= start or section.start < end)
        return is_played or any(section.start <= place < section.end for place in edited)

    def held_bytes(self, context: RenderContext) -> int:
        return self._reshaping.held_bytes(context)

    def modules(self) -> list[str]:
        return [registry.module_name(_EDITS, kind) for entry in self.edits for kind in entry]

    def input_files(self) -> list[tuple[tuple, str]]:
        return [*self._heard_files(), *([(("align", "file"), self.align.file)] if self.align else [])]

    def libraries(self) -> dict[str, str]:
        return {
            name: version
            for _, path in self.input_files()
            for name, version in programs_for(os.path.expanduser(path)).items()
        }

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        for where, path in self.input_files():
            if what := missing_program(os.path.expanduser(path)):
                yield where, what

    def recordings(self) -> list[tuple[str, float]]:
        return [
            (path, float(seconds(self.start)) if where == (RECORDING,) else 0.0)
            for where, path in self._heard_files()
        ]

    def check(self, context: RenderContext) -> None:
        for key, text in ("at", self.at), ("align.at", self.align.at if self.align else "0 s"):
            try:
                begin = song_seconds(text, context) * context.rate
            except ValueError as error:  # a beat that its bar does not have
                raise ValueError(f"{key}: {error}") from None
            if begin + Fraction(1, 2) >= context.frames:
                end = context.frames / context.rate
                raise ValueError(f"{key} must lie before the song's end at {end:.3f} s (is {text!r})")

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        if found := list(super().problems(context)):
            yield from found
            return
        if found := list(self._reshaping.problems(context)):
            yield from found
            return
        known = {name: facts for name, path in context.files.items() if (facts := rate_and_frames(path))}
        rate, frames = known.get(RECORDING, (context.rate, UNKNOWN))
        if problem := beyond_end(seconds(self.start), frames, rate):
            yield ("start",), problem
            return
        lengths = {name: resampled_frames(own, each, rate) for name, (each, own) in known.items()}
        if self.warp and not self.edits and frames != UNKNOWN:
            yield from self.warp.beyond(Fraction(frames, rate))
        yield from self._layout(self._start(context), rate, lengths, context).mistakes

    def remarks(self, context: RenderContext) -> Iterator[str]:
        if alignment := self._alignment(context):
            yield from alignment.warnings

    def render(self, context: RenderContext) -> Stream:
        start, alignment = self._start(context), self._alignment(context)
        shift = alignment.shift if alignment else Shift()
        if alignment:
            print(alignment.report)
        with ExitStack() as files:
            clip = self._conformed(start, shift, files, context)
            clip, start = self._reshaping.apply(clip, start, seconds(self.start), context)
            yield from self._placed(clip, start, shift, context)

    def _alignment(self, context: RenderContext) -> Alignment | None:
        """How far it is shifted to match another recording, if it is."""
        if self.align is None:
            return None
        begin, at = (round_half_up(song_seconds(v, context) * context.rate) for v in (self.at, self.align.at))
        here = PlacedFile(context.files[RECORDING], seconds(self.start), begin)
        return self.align.find(here, context.files["align.file"], at, context.frames, context.rate)

    def _conformed(self, start: Fraction, shift: Shift, files: ExitStack, context: RenderContext) -> Clip:
        """The recording after its edits, from its start on, at the session's rate."""
        opened = {
            role(where): files.enter_context(AudioFile(context.files[role(where)]))
            for where, _ in self._heard_files()
        }
        file = opened[RECORDING]
        if problem := beyond_end(seconds(self.start), file.frames, file.rate):
            raise StemwrightError(f"{file.path}: {problem}")
        lengths = {name: resampled_frames(each.frames, each.rate, file.rate) for name, each in opened.items()}
        layout = self._layout(start + shift.seconds(context.rate), file.rate, lengths, context)
        for where, message in layout.mistakes:
            raise StemwrightError(f"{file.path}: {format_path(where)} {message}")
        recording = layout.edit_list(opened, context.channels)
        clip = conformed(recording, context)
        loops = self._loop_lengths(context.frames, context)
        if loops and fills(clip.frames, loops, context) and self._wanted(clip, start, context) == clip.frames:
            return conformed_loop(recording, clip.frames, context)
        return replace(clip, cut_in=layout.cut_in, cut_out=layout.cut_out)

    def _placed(self, clip: Clip, start: Fraction, shift: Shift, context: RenderContext) -> Stream:
        """The clip in the song: cut to its length, repeated, shifted, faded, and at its gain."""
        begin = round_half_up(start * context.rate)
        last = context.frames - shift.whole  # of what is shifted so far, all before it is in the song
        fade_in, fade_out = (round_half_up(seconds(v) * context.rate) for v in (self.fade_in, self.fade_out))
        wanted = self._wanted(clip, start, context)
        clip = replace(clip, frames=wanted, cut_out=clip.cut_out or wanted < clip.frames)
        if begin + wanted > last:
            length = f"{wanted / context.rate:,.3f} s long"
            print(f"{context.files[RECORDING]}: {length}, cut at the song's end")
        if loops := self._loop_lengths(last, context):
            end = last if self.loop_length is None else frame_after(start, self.loop_length, context)
            end = min(end, last)
            turns = repeated(clip, loops, end - begin, (bool(fade_in), bool(fade_out)), context)
            clip = Clip(turns, end - begin, cut_out=True)
        else:
            end = min(begin + wanted, last)
            clip = replace(clip, frames=end - begin, cut_out=clip.cut_out or begin + wanted > end)
        clip = replace(clip, cut_in=clip.cut_in and not fade_in, cut_out=clip.cut_out and not fade_out)
        placed = chain(fit((), begin, context.channels), clip.blocks(context))
        shifted = shift.apply(placed, context.channels)
        factor, at = amplitude(self.gain_db), 0
        for block in shifted:
            n = np.arange(at, at + len(block)) - shift.whole
            yield block * (factor * ramp(n - begin, fade_in) * ramp(end - 1 - n, fade_out))[:, None]
            at += len(block)

    def _wanted(self, clip: Clip, start: Fraction, context: RenderContext) -> int:
        """How many frames of the clip are heard at most."""
        if self.length is None:
            return clip.frames
        end = frame_after(start, self.length, context)
        return min(clip.frames, end - round_half_up(start * context.rate))

    def _loop_lengths(self, end: int, context: RenderContext) -> list[int]:
        """The lengths of its repetitions; none if it has none."""
        return [] if self.loop_bars is None else loop_lengths(self.at, self.loop_bars, end, context)

    def _layout(self, at: Fraction, rate: int, lengths: Mapping[str, int], context: RenderContext) -> Layout:
        """Its edits laid out, with the recording at a second of the song."""
        slack = self.align.reach if self.align else 0.0
        placement = Placement(seconds(self.start), at, rate, context, lengths.get(RECORDING, UNKNOWN), slack)
        return Layout(self._edits, placement, lengths)

    @cached_property
    def _edits(self) -> list[tuple[tuple, Edit]]:
        """Each edit, with its place in the keys."""
        return [
            (("edits", index, kind), make_edit({kind: keys}))
            for index, entry in enumerate(self.edits)
            for kind, keys in entry.items()
        ]

    def _edited_bars(self) -> list[str]:
        """The positions of its edits that are given in bars or beats."""
        return [text for _, edit in self._edits for text in edit.on_bars]

    def _heard_files(self) -> list[tuple[tuple, str]]:
        """The files that are heard, as in `input_files`."""
        others = [
            ((*place, *where), path) for place, edit in self._edits for where, path in edit.input_files()
        ]
        return [((RECORDING,), self.file), *others]

    def _start(self, context: RenderContext) -> Fraction:
        """The position where it begins, in s from the start of the song."""
        return song_seconds(self.at, context)


def _is_past_bar_one(text: str) -> bool:
    """Whether a position depends on the tempo or the meter."""
    at = parse_position(text)
    on_bar_one = at.bar == 1 and at.beat == 1 and not at.offset.is_musical
    return at.is_musical and not on_bar_one
