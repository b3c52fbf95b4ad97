"""A file that stands somewhere in a song."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

from stemwright.audio.containers import inspect
from stemwright.audio.reader import AudioFile
from stemwright.audio.stream import Stream, as_channels, fit, resample, resampled_frames
from stemwright.base.errors import AudioFileError, StemwrightError


def first_frame(start: Fraction, rate: int) -> int:
    """The frame nearest to a time in s at a rate in Hz, halves up."""
    return (2 * start.numerator * rate + start.denominator) // (2 * start.denominator)


def rate_and_frames(path: str) -> tuple[int, int] | None:
    """What a file declares, as far as it is known before the file is decoded.

    Parameters
    ----------
    path : str
        The path of the file.

    Returns
    -------
    tuple of (int, int) or None
        The sample rate in Hz, and the length in frames; None if the file cannot be read, does not declare
        them, or has no frames or no rate.
    """
    try:
        container = inspect(path)
    except StemwrightError:
        return None
    if not container.sample_rate or not container.frames:
        return None
    return container.sample_rate, container.frames


def beyond_end(start: Fraction, frames: int, rate: int) -> str:
    """The message for a start that is beyond the end of its file, or "".

    Parameters
    ----------
    start : Fraction
        The position in the file where it is to begin, in s.
    frames, rate : int
        The length of the file in frames, and its sample rate in Hz.

    Returns
    -------
    str
    """
    if not frames:
        return "the file has no audio in it (0 frames)"
    if first_frame(start, rate) < frames:
        return ""
    return f"start {float(start):g} s is beyond its end ({frames / rate:.3f} s)"


@dataclass(frozen=True)
class PlacedFile:
    """The file at `path` from its second `start` on, which stands at frame `begin` of the song."""

    path: str
    start: Fraction = Fraction(0)
    begin: int = 0

    @classmethod
    def from_dict(cls, path: str, stands: Mapping[str, Any]) -> PlacedFile:
        """The file at a path, where `to_dict` says; without it, all of it at the start of the song."""
        return cls(path, Fraction(stands.get("start", 0)), stands.get("begin", 0))

    def to_dict(self) -> dict[str, Any]:
        """Where it stands, as plain data."""
        return {"start": str(self.start), "begin": self.begin}

    def end(self, frames: int, source_rate: int, rate: int) -> int:
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
            The frame of the song at its end; `begin` if it has nothing from `start` on.
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

        Raises
        ------
        AudioFileError
            If it has nothing from `start` on.

        Yields
        ------
        numpy.ndarray
            Blocks of shape (frames, channels).
        """
        first = first_frame(self.start, file.rate)
        if first >= file.frames:
            raise AudioFileError(f"{file.path}: {beyond_end(self.start, file.frames, file.rate)}")
        blocks = as_channels(file.finite_blocks(first), channels)
        heard = resample(blocks, file.frames - first, channels, file.rate, rate)
        yield from chain(fit((), self.begin, channels), heard)
