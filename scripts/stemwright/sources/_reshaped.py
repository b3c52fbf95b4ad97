"""A clip reshaped in time and pitch: warped, transposed, tuned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated

import numpy as np

from stemwright.audio import fit
from stemwright.audio.time_stretch import stretched
from stemwright.base.errors import StemwrightError
from stemwright.music.render_context import RenderContext
from stemwright.sources._clip import Clip
from stemwright.sources._tuning import Tune
from stemwright.sources._warping import Warp
from stemwright.validation.fields import Configurable, Field

_LONGEST_S = 600
_HELD = 8  # times the clip, as 64-bit samples: measured


@dataclass(frozen=True)
class Pitch(Configurable):
    """A change of pitch that keeps the time."""

    semitones: Annotated[float, Field("Change of pitch.", "semitones", ge=-24, le=24)] = 0.0
    cents: Annotated[
        float, Field("Change of pitch, added to that in semitones.", "cents", ge=-100, le=100)
    ] = 0.0
    formants: Annotated[
        bool,
        Field("Whether formants stay where they are, as for a voice; otherwise they move with the pitch."),
    ] = False

    @property
    def change(self) -> float:
        """The change of pitch in semitones, at most two octaves."""
        return min(24.0, max(-24.0, self.semitones + self.cents / 100))


@dataclass(frozen=True)
class Reshaping:
    """What changes a clip's time and pitch; without any of it, a clip stays as it is."""

    warp: Warp | None
    pitch: Pitch | None
    tune: Tune | None

    @property
    def needs_timeline(self) -> bool:
        """Whether it depends on tempo, meter or sections."""
        return bool(self.warp and self.warp.needs_timeline) or bool(self.tune and self.tune.uses_key)

    def held_bytes(self, context: RenderContext) -> int:
        """How many bytes it holds in memory at once, if its clip is as long as the song."""
        if not (self.warp or self.pitch or self.tune):
            return 0
        return _HELD * 8 * min(context.frames, _LONGEST_S * context.rate) * context.channels

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        """Find the mistakes in its keys, each with its place and a message."""
        change = self.pitch.change if self.pitch else 0.0
        found = {
            "warp": self.warp.problems(context, change) if self.warp else (),
            "tune": self.tune.problems(context) if self.tune else (),
        }
        yield from (((name, *where), message) for name, each in found.items() for where, message in each)

    def apply(
        self, clip: Clip, start: Fraction, offset: Fraction, context: RenderContext
    ) -> tuple[Clip, Fraction]:
        """Reshape a clip, which is read into memory.

        Parameters
        ----------
        clip : Clip
            The clip.
        start : Fraction
            Where it begins in the song, in s.
        offset : Fraction
            Where it begins in the recording, in s.
        context : RenderContext
            The render context; with a timeline, if it needs one.

        Returns
        -------
        clip : Clip
            The clip as it is heard.
        start : Fraction
            Where that begins in the song, in s; not before its start.

        Raises
        ------
        StemwrightError
            If the clip is longer than ten minutes, or comes to lie outside of the song.
        """
        if not (self.warp or self.pitch or self.tune):
            return clip, start
        rate = context.rate
        _check_length(clip.frames, rate)
        samples = np.concatenate([*fit(clip.stream, clip.frames, context.channels)])
        marks = [(0.0, float(start * rate)), (float(len(samples)), float(start * rate + len(samples)))]
        if self.warp is not None:
            marks = self.warp.marks(samples, start, offset, context)
        begin = round(marks[0][1])
        _check_length(round(marks[-1][1]) - begin, rate)
        change = self.pitch.change if self.pitch else 0.0
        if self.warp is not None or change:
            moved = [(frame, place - begin) for frame, place in marks]
            samples = stretched(samples, rate, moved, change, self.pitch is not None and self.pitch.formants)
        if self.tune is not None:
            samples = self.tune.apply(samples, begin, context)
        heard = samples[max(0, -begin) :]
        if begin >= context.frames or not len(heard):
            begins, ends = begin / rate, (begin + len(samples)) / rate
            raise StemwrightError(
                f"is not heard: it would begin at {begins:,.3f} s and end at {ends:,.3f} s, outside of the song, which "
                f"ends at {context.frames / rate:,.3f} s. Correct `file` and `at` of its markers"
            )
        cut_in = clip.cut_in or len(heard) < len(samples)
        return replace(clip, stream=[heard], frames=len(heard), cut_in=cut_in), Fraction(max(begin, 0), rate)


def _check_length(frames: int, rate: int) -> None:
    """Raise StemwrightError for a clip that is too long to be held in memory."""
    if frames > _LONGEST_S * rate:
        raise StemwrightError(
            f"a clip that is warped, transposed or tuned may be {_LONGEST_S // 60} minutes long, since it is held in "
            f"memory, and this one is {frames / rate:,.0f} s long: make several of it, by start and edits"
        )
