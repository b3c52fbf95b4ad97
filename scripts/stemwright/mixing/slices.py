"""Slices: passages of a song, rendered in its own time, put one after another with what rings on after them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stemwright.audio import BLOCK, Spool, Stream
from stemwright.audio.fades import ramp

_SEAM_S = 0.010


def put_together(pieces: Sequence[tuple[int, Spool]], frames: int, channels: int) -> Stream:
    """The sum of pieces of audio, each from a frame on.

    Parameters
    ----------
    pieces : sequence of (int, Spool)
        The frame at which each begins, which may be before the first one, and the piece.
    frames, channels : int
        The length and the channels of the sum.

    Yields
    ------
    numpy.ndarray
        Blocks of shape (frames, channels).
    """
    for start in range(0, frames, BLOCK):
        total = np.zeros((min(BLOCK, frames - start), channels))
        for at, piece in pieces:
            first, after = max(start, at), min(start + len(total), at + piece.frames)
            if first < after:
                total[first - start : after - start] += piece.read(first - at, after - first)
        yield total


def wrapped(piece: Spool, lead: int, frames: int) -> list[tuple[int, Spool]]:
    """The places of a piece in a loop of itself: what comes before its start and after its end is in the loop, too.

    Parameters
    ----------
    piece : Spool
        The piece.
    lead : int
        How many frames of it are before the start of the loop.
    frames : int
        The length of the loop.

    Returns
    -------
    list of (int, Spool)
        As `put_together` takes them.
    """
    return [(at, piece) for at in range(frames - lead, -piece.frames, -frames)]


def without_end(blocks: Stream, frames: int, fade: int) -> Stream:
    """A stream that is faded out before `frames`, by a half cosine of `fade` frames.

    Parameters
    ----------
    blocks : Stream
        The stream.
    frames, fade : int
        Where the fade-out ends, and how long it is.

    Yields
    ------
    numpy.ndarray
        The blocks; from `frames` on, they are zero.
    """
    at = 0
    for block in blocks:
        end = at + len(block)
        if end > frames - fade:
            block = block * ramp(frames - 1 - np.arange(at, end), fade)[:, None]
        yield block
        at = end


def one_turn(blocks: Stream, start: int, frames: int, rate: int) -> Stream:
    """One turn of a loop that has been repeated through effects, such that it can follow itself.

    What moves at another pace than the loop, as an LFO, is not the same after a turn. So over its last 10 ms it is
    faded into what came before its first frame.

    Parameters
    ----------
    blocks : Stream
        The repeated loop.
    start, frames : int
        Where the turn begins, and its length.
    rate : int
        The sample rate in Hz.

    Yields
    ------
    numpy.ndarray
        Blocks of `frames` frames in total.
    """
    fade = min(round(_SEAM_S * rate), start, frames)
    before: list[np.ndarray] = []
    at = 0
    for block in blocks:
        end = at + len(block)
        before.append(block[max(0, start - fade - at) : max(0, start - at)])
        turn = block[max(0, start - at) : max(0, start + frames - at)]
        n = np.arange(len(turn)) + max(at, start) - (start + frames - fade)
        if len(turn) and n[-1] >= 0:
            gain, earlier = ramp(n, fade)[:, None], np.concatenate(before)
            turn = turn + gain * (earlier[np.maximum(n, 0)] - turn)
        yield turn
        at = end
