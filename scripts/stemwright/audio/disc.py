"""A compact disc as one stream: tracks one after the other, each beginning on a sector.

A disc has 44,100 frames in a second and 588 in a sector, of which there are 75 in a second (IEC 60908); a cue sheet can
name nothing finer. So after a gap a track begins on a sector, and the gap is up to a sector longer than was asked for.
Tracks without a gap between them are one sound: not a frame is put between them, they are resampled together, and the
second one is marked at the sector in which it begins, up to 13.3 ms early, so that its attack belongs to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stemwright.audio.reader import AudioFile
from stemwright.audio.stream import Stream, as_channels, fit, resample, resampled_frames

RATE, CHANNELS, SECTOR, SECTORS_PER_SECOND = 44_100, 2, 588, 75


@dataclass(frozen=True)
class Source:
    """What becomes a track: its sample `rate` in Hz, its length in `frames`, and the silence before it in `gap_s`."""

    rate: int
    frames: int
    gap_s: Fraction


@dataclass(frozen=True)
class DiscTrack:
    """Where a track is on the disc.

    Attributes
    ----------
    start, end : int
        The frame at which it begins, and the one after its last.
    mark : int
        The sector at which players find it (INDEX 01).
    pause : int or None
        The sector at which the gap before it begins (INDEX 00); None if there is none.
    """

    start: int
    end: int
    mark: int
    pause: int | None


def layout(sources: Sequence[Source]) -> list[DiscTrack]:
    """Place tracks on a disc, in order. The first begins with the disc, whatever its gap."""
    placed: list[DiscTrack] = []
    for group in _groups(sources):
        pause, first = None, placed[-1].end if placed else 0
        if placed and (gap := sources[group[0]].gap_s):
            silence = _sectors(first)
            first = SECTOR * _sectors(first + _half_up(gap * RATE))
            pause = silence if silence < first // SECTOR else None
        before = 0
        for index in group:
            rate = sources[index].rate
            until = before + sources[index].frames
            start, end = (first + resampled_frames(at, rate, RATE) for at in (before, until))
            placed.append(DiscTrack(start, end, start // SECTOR, pause if index == group[0] else None))
            before = until
    return placed


def disc_frames(tracks: Sequence[DiscTrack]) -> int:
    """The length of a disc in frames: whole sectors."""
    return SECTOR * _sectors(tracks[-1].end)


def disc_stream(paths: Sequence[str], sources: Sequence[Source]) -> Stream:
    """The sound of a disc.

    Parameters
    ----------
    paths : sequence of str
        The audio file of each track.
    sources : sequence of Source
        What is planned of each. A file of another length is cut, or goes on in silence.

    Yields
    ------
    numpy.ndarray
        Blocks of `disc_frames(layout(sources))` frames in total, of two channels.
    """
    tracks = layout(sources)
    groups = _groups(sources)
    ends = [tracks[group[0]].start for group in groups[1:]] + [disc_frames(tracks)]
    for group, end in zip(groups, ends, strict=True):
        total = sum(sources[index].frames for index in group)
        joined = _joined([paths[index] for index in group], [sources[index].frames for index in group])
        resampled = resample(joined, total, CHANNELS, sources[group[0]].rate, RATE)
        yield from fit(resampled, end - tracks[group[0]].start, CHANNELS)


def _joined(paths: Sequence[str], lengths: Sequence[int]) -> Stream:
    for path, frames in zip(paths, lengths, strict=True):
        with AudioFile(path) as file:
            yield from fit(as_channels(file.blocks(), CHANNELS), frames, CHANNELS)


def _groups(sources: Sequence[Source]) -> list[list[int]]:
    """The tracks that are one sound, by their numbers from 0: no gap between them, and one sample rate."""
    groups: list[list[int]] = []
    for index, source in enumerate(sources):
        if index and not source.gap_s and source.rate == sources[index - 1].rate:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _sectors(frames: int) -> int:
    """The number of sectors that hold so many frames."""
    return -(-frames // SECTOR)


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def tracks_between(tracks: Sequence[DiscTrack], first: int, frames: int) -> Iterator[tuple[int, int, int]]:
    """What of a block belongs to which track.

    Parameters
    ----------
    tracks : sequence of DiscTrack
        The tracks.
    first : int
        The frame of the disc with which the block begins.
    frames : int
        Its length.

    Yields
    ------
    tuple of (int, int, int)
        The number of a track from 0, its first frame in the block, and the one after its last there.
    """
    for number, track in enumerate(tracks):
        start, end = max(track.start, first), min(track.end, first + frames)
        if start < end:
            yield number, start - first, end - first
