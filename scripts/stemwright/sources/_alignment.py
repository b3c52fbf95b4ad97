"""Aligning a recording with another one, by cross-correlation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import chain
from math import floor
from typing import Annotated

from stemwright.audio import AudioFile, Stream, fit, without_start
from stemwright.audio.fractional_delay import delayed
from stemwright.audio.placed_file import PlacedFile
from stemwright.base.errors import StemwrightError
from stemwright.measure.delay import Delay, find_delay
from stemwright.music.timeline import Duration, parse_position
from stemwright.sources._clip import parse_seconds, seconds
from stemwright.validation.fields import Configurable, Field

_WEAK = 2 / 3  # the next best match of unrelated music is 0.7 of the best or more
_WHOLE = 0.02  # closer to a whole number of frames than can be measured: no sample is changed
_FURTHEST_S = 60


def _parse_reach(text: object) -> Duration:
    length = parse_seconds(text)
    if not 0 < length.seconds <= _FURTHEST_S:
        raise ValueError(f"must be more than 0 s, and at most {_FURTHEST_S} s (is {text!r})")
    return length


@dataclass(frozen=True)
class Shift:
    """How far a recording is shifted: by whole frames, and by a part of one, from -0.5 to 0.5."""

    whole: int = 0
    fraction: float = 0.0

    def seconds(self, rate: int) -> Fraction:
        """The same in s, at a sample rate in Hz."""
        return (self.whole + Fraction(self.fraction)) / rate

    def apply(self, blocks: Stream, channels: int) -> Stream:
        """Shift a stream that begins with the song; what would begin before it is cut."""
        if self.fraction:
            blocks = delayed(blocks, self.fraction, channels)
        silence = fit((), max(0, self.whole), channels)
        return chain(silence, without_start(blocks, max(0, -self.whole)))


@dataclass(frozen=True)
class Alignment:
    """What was found: the shift, a report of it for the log, and why it may be wrong."""

    shift: Shift
    report: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Align(Configurable):
    """The recording is shifted so that it matches another one that has the same sound in it, such as a guide or a rough
    mix. Found is the delay at which their cross-correlation, weighted by frequency, is greatest. The shift is printed
    in the job's log, with a warning if another one fits nearly as well. It need not be whole frames: parts of a frame
    are interpolated. Where it is whole, to 0.02 frames, samples stay as they are.
    """

    file: Annotated[str, Field("Path of the other recording, which is not heard.", min_length=1)]
    start: Annotated[str, Field("Position in that file where it begins.", parse=parse_seconds)] = "0 s"
    at: Annotated[str, Field("Position in the song where that stands.", parse=parse_position)] = "bar 1"
    search: Annotated[str, Field("The greatest shift, early or late; at most 60 s.", parse=_parse_reach)] = (
        "1 s"
    )

    @property
    def reach(self) -> float:
        """The greatest shift in s."""
        return float(_parse_reach(self.search).seconds)

    def find(self, recording: PlacedFile, path: str, at: int, frames: int, rate: int) -> Alignment:
        """Find how far a recording must be shifted.

        Parameters
        ----------
        recording : PlacedFile
            The recording, where it stands.
        path : str
            The path of the other one in the job.
        at : int
            The frame of the song where that stands.
        frames, rate : int
            The length of the song in frames, and its sample rate in Hz.

        Returns
        -------
        Alignment

        Raises
        ------
        StemwrightError
            If they do not sound at the same time anywhere.
        """
        guide = PlacedFile(path, seconds(self.start), at)
        names = f"{os.path.basename(recording.path)} to match {os.path.basename(path)}"
        found = _delay(recording, guide, frames, rate, self.reach)
        if found is None:
            raise StemwrightError(
                f"cannot shift {names}: within {self.search}, they never sound at the same time. Correct where they "
                "begin (at, start), or search farther"
            )
        exact = found.seconds * rate
        whole = floor(exact + 0.5)
        fraction = exact - whole
        shift = Shift(whole, 0.0 if abs(fraction) < _WHOLE else fraction)
        milliseconds, moved = 1000 * float(shift.seconds(rate)), shift.whole + shift.fraction
        report = f"shifted {names}: by {milliseconds:+.3f} ms ({moved:+.2f} frames)"
        report += f", correlation {found.correlation:.2f}"
        return Alignment(shift, report, tuple(_warnings(found, names)))


@cache
def _delay(recording: PlacedFile, guide: PlacedFile, frames: int, rate: int, reach: float) -> Delay | None:
    """The delay between two files; of the same two, it is found once in a job."""
    with AudioFile(recording.path, lenient=True) as one, AudioFile(guide.path) as other:
        return find_delay(
            lambda: fit(recording.stream(one, rate, 1), frames, 1),
            lambda: fit(guide.stream(other, rate, 1), frames, 1),
            frames,
            rate,
            reach,
        )


def _warnings(found: Delay, names: str) -> Iterator[str]:
    if found.rival > _WEAK:
        yield (
            f"shifted {names}, but the match is weak or ambiguous: {1000 * found.rival_seconds:+.1f} ms instead of "
            f"{1000 * found.seconds:+.1f} ms fits {min(1, found.rival):.0%} as well. Listen to it, or search less far"
        )
    elif found.correlation < 0:
        yield f"shifted {names}, in which its polarity is inverted: the effect `polarity` would turn it"
