"""The base classes of effects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np

from stemwright.audio import AudioFile, Stream, at_gains, copies
from stemwright.effects._reach import Reach
from stemwright.music.component import Component, role
from stemwright.music.curve import Curve
from stemwright.music.render_context import RenderContext

SumLaw: TypeAlias = Literal["linear", "gain", "none"]


class Effect(Component):
    """Base of an effect: a frozen dataclass of its keys that maps one stream to another.

    `adds_frequencies` says whether its output may have frequencies that its input has not. Where no effect of a stem
    does, the gate `bandwidth` can tell whether a low-pass among them worked.

    `sum_law` says what it does to a sum of signals, such as a bus or the mix. `linear`: the effect of a sum is the sum
    of its effects on each. `gain`: it multiplies by a gain curve that follows from the whole sum, see `GainEffect`.
    `none`: neither. Through effects of the first two kinds, a sum can be divided into the shares of its stems.
    """

    adds_frequencies: ClassVar[bool] = True
    sum_law: ClassVar[SumLaw] = "none"
    repeatable = True
    """Whether it gives the same sound each time. Of what is not ours, it is a key, see `_repeatable`."""

    def side_chains(self) -> list[tuple[tuple, str]]:
        """The stems and buses that it listens to, each as (where in its keys, name).

        In its job, the render context's `files` has the path of each, after its effects and before its fader, by the
        `role` of that place.
        """
        return []

    def reach(self, context: RenderContext) -> Reach | None:
        """What of its input is heard in its output at a moment; None if that may be all of it.

        In its job, the input of a window begins as much earlier. The context is that of the plan, without files.
        """
        return None

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        """Process a stream of blocks.

        The result has at least as many frames, starts at the same time, and does not depend on the sizes of the blocks.
        """
        raise NotImplementedError


class GainEffect(Effect):
    """Base of an effect that multiplies its input by a gain curve: compressor, gate, ducker, limiter.

    The curve is computed once, from a whole bus; each stem's share of the bus is multiplied by the same curve, so that
    the shares add up to the bus.
    """

    sum_law: ClassVar[SumLaw] = "gain"

    def gains(self, blocks: Stream, context: RenderContext) -> Stream:
        """The gain curve for an input.

        Parameters
        ----------
        blocks : Stream
            The input, of shape (frames, channels).
        context : RenderContext
            The render context.

        Yields
        ------
        numpy.ndarray
            Amplitude factors of shape (frames, 1) for all channels, or (frames, channels), float64. They begin at the
            input's first frame (a look-ahead is compensated), and there are at least as many.
        """
        raise NotImplementedError

    def apply(self, blocks: Stream, gains: Stream, context: RenderContext) -> Stream:
        """The input at a gain curve: here their product. What splits its input first overrides this.

        Parameters
        ----------
        blocks : Stream
            The input, of shape (frames, channels).
        gains : Stream
            The curve, of shape (frames, 1) or (frames, channels).
        context : RenderContext
            The render context.

        Yields
        ------
        numpy.ndarray
            Blocks of shape (frames, channels).
        """
        for block, gain in paired(blocks, gains):
            yield at_gains(block, gain)

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        if any(role(where) in context.files for where, _ in self.side_chains()):
            # It hears that file. A copy of its input, which nobody reads, would be held to the end.
            return self.apply(blocks, self.gains(iter(()), context), context)
        heard, changed = copies(blocks)
        return self.apply(changed, self.gains(heard, context), context)


def with_values(
    blocks: Stream, *curves: Curve, factor: int = 1
) -> Iterator[tuple[np.ndarray, np.ndarray, *tuple[Any, ...]]]:
    """A stream, its frames, and the values of curves there.

    Parameters
    ----------
    blocks : Stream
        The stream, from the start of the song.
    *curves : Curve
        The curves.
    factor : int
        How many of its frames are one frame of the song, where it is oversampled.

    Yields
    ------
    tuple
        A block of shape (frames, channels), its frames from the start of the song, of shape (frames,), and of each
        curve its values there, of shape (frames, 1), or the number if it stays.
    """
    at = 0
    for block in blocks:
        n = np.arange(at, at + len(block)) / factor if factor > 1 else np.arange(at, at + len(block))
        stays = [curve.constant for curve in curves]
        values = [
            curve.at(n)[:, None] if value is None else value
            for curve, value in zip(curves, stays, strict=True)
        ]
        yield block, n, *values
        at += len(block)


def scaled(blocks: Stream, level: Curve) -> Stream:
    """A stream multiplied by a curve."""
    for block, _, factor in with_values(blocks, level):
        yield factor * block


def added(blocks: Stream, others: Stream) -> Stream:
    """The sum of two streams, to the end of the first. Raises ValueError if the second is shorter."""
    for block, other in paired(blocks, others):
        yield block + other


def paired(blocks: Stream, others: Stream) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Two streams side by side, in blocks of equal length, to the end of the first.

    Raises ValueError if the second is shorter.
    """
    other = np.zeros((0, 1))
    for block in blocks:
        at = 0
        while at < len(block):
            while not len(other):
                following = next(others, None)
                if following is None:
                    raise ValueError("the second stream ends before the first")
                other = following
            count = min(len(block) - at, len(other))
            yield block[at : at + count], other[:count]
            other = other[count:]
            at += count


def heard_blocks(context: RenderContext, name: str, otherwise: Stream) -> Stream:
    """The blocks of a side-chain.

    Parameters
    ----------
    context : RenderContext
        With the path of its file, if there is one.
    name : str
        Its place in the keys, such as `key`.
    otherwise : Stream
        The input, which is heard where no side-chain is named.

    Yields
    ------
    numpy.ndarray
        Blocks of shape (frames, channels).
    """
    path = context.files.get(name)
    if path is None:
        yield from otherwise
        return
    with AudioFile(path) as file:
        yield from file.blocks(context.origin - context.begins.get(path, 0))
