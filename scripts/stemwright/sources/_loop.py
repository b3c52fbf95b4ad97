"""Loops: a clip that repeats on bar lines."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, pairwise
from math import gcd

from stemwright.audio import Spool, Stream, fit, resample, without_start
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Duration, parse_position
from stemwright.sources._clip import Clip, Recording

_SEAMLESS_S = 0.001  # a loop whose length differs from that of its bars by no more is seamless
_MARGIN = 4096  # frames, more than the length of the resampler's filter


def loop_lengths(at: str, bars: int, context: RenderContext) -> list[int]:
    """The length of each repetition. Each begins on its own bar line, so that the loop does not drift.

    Parameters
    ----------
    at : str
        The position of the first.
    bars : int
        The number of bars after which it repeats.
    context : RenderContext
        With the timeline.

    Returns
    -------
    list of int
        Lengths in frames, until the song's end.
    """
    timeline, every = context.required_timeline(), Duration(bars=Fraction(bars))
    starts = [timeline.tempo.locate(parse_position(at))]
    while timeline.frame(starts[-1]) < context.frames:
        starts.append(timeline.tempo.advance(starts[-1], every))
    return [timeline.frame(b) - timeline.frame(a) for a, b in pairwise(starts)]


def is_seamless(frames: int, lengths: Sequence[int], context: RenderContext) -> bool:
    """Whether a clip of so many frames fills each repetition, to within 1 ms."""
    return all(abs(frames - length) <= _SEAMLESS_S * context.rate for length in lengths)


def conformed_loop(recording: Recording, frames: int, context: RenderContext) -> Clip:
    """A recording, resampled as one period of an endless loop: its start is preceded by its end.

    Parameters
    ----------
    recording : Recording
        The recording.
    frames : int
        Its length at the session's rate.
    context : RenderContext
        The render context.

    Returns
    -------
    Clip
    """
    step = recording.rate // gcd(recording.rate, context.rate)
    margin = (
        min(-(-_MARGIN // step), recording.frames // step) * step
    )  # a whole number of frames at both rates
    blocks = chain(
        recording.blocks(recording.frames - margin), recording.blocks(), recording.blocks(0, margin)
    )
    wide, skip = recording.frames + 2 * margin, margin * context.rate // recording.rate
    resampled = resample(blocks, wide, context.channels, recording.rate, context.rate)
    return Clip(without_start(resampled, skip), frames)


def repeated(clip: Clip, lengths: list[int], seamless: bool, used: int, context: RenderContext) -> Stream:
    """A clip repeated.

    Parameters
    ----------
    clip : Clip
        The clip. One that is seamless continues with its own start where a repetition is a frame longer.
    lengths : list of int
        The length of each repetition in frames.
    seamless : bool
        Whether it is.
    used : int
        How many frames of the clip are used at most.
    context : RenderContext
        The render context.

    Yields
    ------
    numpy.ndarray
        Blocks of shape (frames, channels).
    """
    spool = Spool(
        context.channels, fit(clip.blocks(context), min(clip.frames, max(lengths), used), context.channels)
    )
    for length in lengths:
        turn: Stream
        if seamless:
            turn = chain(spool.blocks(), spool.blocks())
        else:
            played = Clip(spool.blocks(), min(length, spool.frames), cut_out=length < clip.frames)
            turn = played.blocks(context)
        yield from fit(turn, length, context.channels)
