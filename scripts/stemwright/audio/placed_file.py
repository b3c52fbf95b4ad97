"""A file that stands somewhere in a song."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

from stemwright.audio.reader import AudioFile
from stemwright.audio.stream import Stream, as_channels, fit, resample, resampled_frames


def first_frame(start: Fraction, rate: int) -> int:
    """The frame nearest to a time in s at a rate in Hz, halves up."""
    return (2 * start.numerator * rate + start.denominator) // (2 * start.denominator)


@dataclass(frozen=True)
class PlacedFile:
    """The file at `path` from its second `start` on, which stands at frame `begin` of the song."""

    path: str
    start: Fraction = Fraction(0)
    begin: int = 0

    def frames(self, frames: int, source_rate: int, rate: int) -> int:
        """Where it ends in the song.

        Parameters
        ----------
        frames : int
            The length of the file in frames.
        source_rate, rate : int
            The sample rates of the file and of the song, in Hz.

        Returns
        -------
        int
            The frame of the song at its end; `begin` if it has nothing from its start on.
        """
        left = max(0, frames - first_frame(self.start, source_rate))
        return self.begin + resampled_frames(left, source_rate, rate)

    def stream(self, file: AudioFile, rate: int, channels: int) -> Stream:
        """What is heard of it, open as `file`, from the start of the song on: silence, then the file.

        Parameters
        ----------
        file : AudioFile
            The open file.
        rate, channels : int
            The sample rate in Hz, and the channels, of the song.

        Yields
        ------
        numpy.ndarray
            Blocks of shape (frames, channels).
        """
        first = first_frame(self.start, file.rate)
        blocks = as_channels(file.finite_blocks(first), channels)
        heard = resample(blocks, file.frames - first, channels, file.rate, rate)
        yield from chain(fit((), self.begin, channels), heard)
