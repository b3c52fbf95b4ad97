"""Edit lists: a recording made of pieces of recordings, with crossfades at their joints.

As in an audio editor, a crossfade is centred on its joint: the piece before it goes on for half of the crossfade, and
the piece after it begins half of it earlier, both with what their recordings have there. So no joint moves, and outside
of the crossfades each sample is that of its recording, to the bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import gcd
from typing import Literal, TypeAlias

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.audio.reader import AudioFile
from stemwright.audio.spool import Spool
from stemwright.audio.stream import BLOCK, RESAMPLER_MARGIN, Stream, as_channels, resample, resampled_frames

Curve: TypeAlias = Literal["linear", "equal_power", "cosine"]


@dataclass(frozen=True)
class Piece:
    """A piece: `frames` frames of a recording from its frame `start` on, forwards or in reverse, at a gain.

    `source` is the name of the recording; without one, the piece is silent. A `fade` is as long as the piece, with a
    `curve` as in `ramp`.
    """

    frames: int
    source: str | None = None
    start: int = 0
    reverse: bool = False
    gain: float = 1.0
    fade: Literal["", "in", "out"] = ""
    curve: Curve = "cosine"

    def levels(self, n: np.ndarray) -> np.ndarray | float:
        """Its gain at frames counted from its start, which may lie before or after it."""
        if self.fade == "in":
            return self.gain * ramp(n, self.frames, self.curve)
        if self.fade == "out":
            return self.gain * ramp(self.frames - 1 - n, self.frames, self.curve)
        return self.gain

    def continues(self, before: Piece) -> bool:
        """Whether it goes on where the one before it ends, in the same recording."""
        if self.source is None or before.source is None:
            return self.source == before.source
        same = self.source == before.source and not self.reverse and not before.reverse
        return same and self.start == before.start + before.frames

    @property
    def first_gain(self) -> float:
        """Its gain at its start."""
        return 0.0 if self.fade == "in" else self.gain

    @property
    def last_gain(self) -> float:
        """Its gain at its end."""
        return 0.0 if self.fade == "out" else self.gain


@dataclass(frozen=True)
class Joint:
    """A crossfade from one piece to the next: half its length in frames, 0 for none, and its curve."""

    half: int = 0
    curve: Curve = "equal_power"


class Take:
    """A file that pieces are read from, at a sample rate and in channels of their choice.

    What can be read from any frame at once is read where it is; else, what is used is decoded, converted and buffered
    on disk.

    Parameters
    ----------
    file : AudioFile
        The file, which stays open while it is read.
    rate, channels : int
        The sample rate in Hz and the channels wanted.
    used : (int, int)
        The first frame that is used, and the end of what is, at the rate wanted.
    in_order : bool
        Whether it is read only once, from the first frame to the last: then nothing needs a buffer.
    """

    def __init__(
        self, file: AudioFile, rate: int, channels: int, used: tuple[int, int], in_order: bool = False
    ):
        self.channels = channels
        self.frames = resampled_frames(file.frames, file.rate, rate)
        self._file, self._offset = file, 0
        self._spool: Spool | None = None
        if file.rate != rate or not (file.is_seekable or in_order):
            self._offset, blocks = _resampled_from(file, rate, channels, used)
            self._spool = Spool(channels, blocks)

    def blocks(self, start: int, frames: int) -> Stream:
        """Stream `frames` frames from `start`. Before the file begins and after it ends, there is silence."""
        first, end = max(0, start), min(self.frames, start + frames)
        if start < first:
            yield np.zeros((min(first, start + frames) - start, self.channels))
        if first < end and self._spool:
            for at in range(first, end, BLOCK):
                yield self._spool.read(at - self._offset, min(BLOCK, end - at))
        elif first < end:
            yield from as_channels(self._file.finite_blocks(first, end - first), self.channels)
        if start + frames > max(end, start):
            yield np.zeros((start + frames - max(end, start), self.channels))


def _resampled_from(file: AudioFile, rate: int, channels: int, used: tuple[int, int]) -> tuple[int, Stream]:
    """A stretch of a file at another rate, and the frame at which it begins there."""
    first, end = used
    if file.rate == rate:
        first = max(0, first)
        return first, as_channels(file.finite_blocks(first, min(end, file.frames) - first), channels)
    step = file.rate // gcd(file.rate, rate)  # frames that are a whole number at both rates
    before = max(0, first * file.rate // rate - RESAMPLER_MARGIN) // step * step
    after = min(file.frames, end * file.rate // rate + RESAMPLER_MARGIN)
    blocks = as_channels(file.finite_blocks(before, after - before), channels)
    return before * rate // file.rate, resample(blocks, after - before, channels, file.rate, rate)


class EditList:
    """Pieces one after another, read as one recording.

    Parameters
    ----------
    pieces : sequence of Piece
        The pieces in order.
    joints : sequence of Joint
        The crossfades between them: one fewer. None is longer than a piece on either side of it.
    takes : mapping of str to Take
        The recordings, by the names that the pieces have for them.
    rate, channels : int
        The sample rate in Hz and the channels of all of them.
    """

    def __init__(
        self,
        pieces: Sequence[Piece],
        joints: Sequence[Joint],
        takes: Mapping[str, Take],
        rate: int,
        channels: int,
    ):
        self.rate, self.channels = rate, channels
        self._pieces, self._joints, self._takes = tuple(pieces), (Joint(), *joints, Joint()), takes
        self._starts = [0, *accumulate(piece.frames for piece in pieces)]
        self.frames = self._starts[-1]

    def blocks(self, start: int = 0, frames: int | None = None) -> Stream:
        """Stream `frames` frames from `start`, by default all to the end."""
        end = self.frames if frames is None else start + frames
        for index, first, last, is_joint in self._stretches():
            first, last = max(first, start), min(last, end)
            if first < last and is_joint:
                yield from self._crossfade(index, first, last)
            elif first < last:
                yield from self._plain(self._pieces[index], first - self._starts[index], last - first)

    def _stretches(self) -> Iterator[tuple[int, int, int, bool]]:
        """(piece, first frame, end, whether it is a crossfade to the next piece) of each stretch, in order."""
        for index, start in enumerate(self._starts[:-1]):
            end, after = self._starts[index + 1], self._joints[index + 1].half
            yield index, start + self._joints[index].half, end - after, False
            yield index, end - after, end + after, True

    def _plain(self, piece: Piece, start: int, frames: int) -> Stream:
        """Frames of a piece, counted from its start."""
        at = start
        for block in self._read(piece, start, frames):
            if piece.fade or piece.gain != 1:
                block = block * np.reshape(piece.levels(np.arange(at, at + len(block))), (-1, 1))
            yield block
            at += len(block)

    def _crossfade(self, index: int, first: int, last: int) -> Stream:
        """Frames of the crossfade after a piece."""
        joint, centre = self._joints[index + 1], self._starts[index + 1]
        before, after = self._pieces[index], self._pieces[index + 1]
        for at in range(first, last, BLOCK):
            n = np.arange(at, min(at + BLOCK, last)) - centre
            falling = before.levels(n + before.frames)
            if before.last_gain:  # else it has an explicit fade to silence, which no second one is added to
                falling = falling * ramp(joint.half - 1 - n, 2 * joint.half, joint.curve)
            rising = after.levels(n)
            if after.first_gain:
                rising = rising * ramp(n + joint.half, 2 * joint.half, joint.curve)
            old, new = (
                np.concatenate(list(self._read(piece, int(n[0]) + offset, len(n))))
                for piece, offset in ((before, before.frames), (after, 0))
            )
            yield old * np.reshape(falling, (-1, 1)) + new * np.reshape(rising, (-1, 1))

    def _read(self, piece: Piece, start: int, frames: int) -> Stream:
        """Frames of a piece before its gain, counted from its start; before and after it the recording goes on."""
        if piece.source is None:
            yield from (np.zeros((min(BLOCK, frames - at), self.channels)) for at in range(0, frames, BLOCK))
        elif not piece.reverse:
            yield from self._takes[piece.source].blocks(piece.start + start, frames)
        else:
            for at in range(start, start + frames, BLOCK):
                count = min(BLOCK, start + frames - at)
                first = piece.start + piece.frames - at - count
                yield np.concatenate(list(self._takes[piece.source].blocks(first, count)))[::-1]
