"""Loops: a clip that repeats on bar lines."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, pairwise
from math import gcd

from stemwright.audio import Spool, Stream, fit, resample, without_start
from stemwright.audio.edit_list import EditList
from stemwright.audio.stream import RESAMPLER_MARGIN
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Duration, parse_position
from stemwright.sources._clip import Clip

_SEAMLESS_S = 0.001  # a loop whose length differs from that of its bars by no more is seamless


def loop_lengths(at: str, bars: int, end: int, context: RenderContext) -> list[int]:
    """The length of each repetition. Each begins on its own bar line, so that the loop does not drift.

    Parameters
    ----------
    at : str
        The position of the first.
    bars : int
        The number of bars after which it repeats.
    end : int
        The frame of the song until which it does.
    context : RenderContext
        With the timeline.

    Returns
    -------
    list of int
        Lengths in frames.
    """
    timeline, every = context.required_timeline(), Duration(bars=Fraction(bars))
    starts = [timeline.tempo.locate(parse_position(at))]
    while timeline.frame(starts[-1]) < end:
        starts.append(timeline.tempo.advance(starts[-1], every))
    return [timeline.frame(b) - timeline.frame(a) for a, b in pairwise(starts)]


def fills(frames: int, lengths: Sequence[int], context: RenderContext) -> bool:
    """Whether a loop fills each of its repetitions, to within 1 ms.

    Parameters
    ----------
    frames : int
        The length of the loop.
    lengths : sequence of int
        The lengths of its repetitions, in frames.
    context : RenderContext
        The render context.

    Returns
    -------
    bool
    """
    return all(abs(frames - each) <= _SEAMLESS_S * context.rate for each in lengths)


def conformed_loop(recording: EditList, frames: int, context: RenderContext) -> Clip:
    """A recording, resampled as one period of an endless loop: its start is preceded by its end.

    Parameters
    ----------
    recording : EditList
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
        min(-(-RESAMPLER_MARGIN // step), recording.frames // step) * step
    )  # a whole number of frames at both rates
    blocks = chain(
        recording.blocks(recording.frames - margin), recording.blocks(), recording.blocks(0, margin)
    )
    wide, skip = recording.frames + 2 * margin, margin * context.rate // recording.rate
    resampled = resample(blocks, wide, context.channels, recording.rate, context.rate)
    return Clip(without_start(resampled, skip), frames)


def repeated(
    clip: Clip, lengths: list[int], end: int, faded: tuple[bool, bool], context: RenderContext
) -> Stream:
    """A clip repeated.

    Parameters
    ----------
    clip : Clip
        The clip. One that is not cut continues with its own start where a repetition is a frame longer.
    lengths : list of int
        The length of each repetition in frames.
    end : int
        How many frames of them all are heard.
    faded : (bool, bool)
        Whether an explicit fade begins with the first repetition, and one ends at the end: there is no other then.
    context : RenderContext
        The render context.

    Yields
    ------
    numpy.ndarray
        Blocks of shape (frames, channels).
    """
    used = end + context.rate  # a second more than is heard, so that no fade is of this cut
    spool = Spool(context.channels, fit(clip.stream, min(clip.frames, max(lengths), used), context.channels))
    is_seamless = fills(clip.frames, lengths, context) and not (clip.cut_in or clip.cut_out)
    at = 0
    for length in lengths:
        turn: Stream
        if is_seamless:
            turn = chain(spool.blocks(), spool.blocks())
        else:
            cut_in = clip.cut_in and not (faded[0] and at == 0)
            cut_out = (clip.cut_out or length < clip.frames) and not (faded[1] and at + length >= end)
            turn = Clip(spool.blocks(), min(length, spool.frames), cut_in, cut_out).blocks(context)
        yield from fit(turn, length, context.channels)
        at += length
