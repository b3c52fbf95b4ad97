"""The base of chorus and flanger: a delay line that is read at a moving place between its frames.

pedalboard's chorus is not used: its LFO counts in 32-bit float, so that at 0.25 Hz it is a ninth of a cycle ahead
after five minutes (measured, 0.9.26); both channels have the same delay; and none is under 1 ms, as a flanger's is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.effects._base import with_values
from stemwright.effects._lfo import Feedback, LfoEffect, Mix, Spread, Sweep
from stemwright.effects._reach import Reach, echoing
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_SHORTEST_FRAMES = 3  # the frames that the interpolation reads must be there, also in feedback


@dataclass(frozen=True)
class ModulatedDelay(LfoEffect):
    """Base of chorus and flanger. The direct sound is not delayed."""

    sum_law = "linear"

    shape: Sweep = "sine"
    delay_ms: Annotated[
        float, Field("Delay in the middle of a cycle.", "ms", ge=0.1, le=100, automatable=True)
    ] = 12.0
    depth_ms: Annotated[
        float, Field("How much shorter and longer it becomes.", "ms", ge=0, le=50, automatable=True)
    ] = 2.0
    spread: Spread = 0.0
    feedback: Feedback = 0.0
    mix: Mix = 0.5

    def check(self, context: RenderContext) -> None:
        super().check(context)
        shortest = _SHORTEST_FRAMES / context.rate * 1_000
        if self._reach_ms(context)[0] < shortest:
            raise ValueError(
                f"delay_ms - depth_ms must be at least {_SHORTEST_FRAMES} frames, {shortest:.3g} ms "
                f"(is {self._reach_ms(context)[0]:g} ms)"
            )

    def reach(self, context: RenderContext) -> Reach:
        lowest, highest = self.curve_of("feedback", context).range
        longest = self._reach_ms(context)[1] / 1_000 * context.rate + _SHORTEST_FRAMES
        return Reach(echoing(max(-lowest, highest), longest))

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        shortest, longest = (math.floor(ms * context.rate / 1_000) for ms in self._reach_ms(context))
        reach = longest + _SHORTEST_FRAMES
        line = np.zeros((reach, context.channels))
        curves, wave = self.key_curves(context), self.wave(context)
        has_feedback = curves["feedback"].constant != 0
        moving = [curves[name] for name in ("delay_ms", "depth_ms", "feedback", "mix")]
        for block, n, delay_ms, depth_ms, fed_back, mix in with_values(blocks, *moving):
            spread = curves["spread"].at(n)
            fed_back = np.broadcast_to(fed_back, (len(block), 1))
            line = np.concatenate((line[-reach:], block))
            swing = np.column_stack([wave.at(n, channel * spread) for channel in range(context.channels)])
            places, weights = _taps(reach, (delay_ms + depth_ms * swing) * (context.rate / 1_000))
            wet = np.empty(block.shape)
            # What is fed back into the line must be there before it is read: as many frames at once as allow it.
            step = shortest - 2 if has_feedback else max(len(block), 1)
            for low in range(0, len(block), step):
                here = slice(low, low + step)
                np.add.reduce(line.take(places[:, here]) * weights[:, here], axis=0, out=wet[here])
                if has_feedback:
                    line[reach + low : reach + low + step] += fed_back[here] * wet[here]
            yield (1 - mix) * block + mix * wet

    def _reach_ms(self, context: RenderContext) -> tuple[float, float]:
        """The shortest and the longest delay that it may have."""
        delay, depth = (self.curve_of(name, context).range for name in ("delay_ms", "depth_ms"))
        return delay[0] - depth[1], delay[1] + depth[1]


def _taps(first: int, delay: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The four taps of the cubic (Lagrange's) through the frames around each place that is read.

    Parameters
    ----------
    first : int
        The frame of the line at which the first delay is counted.
    delay : numpy.ndarray
        Delays in frames, shape (frames, channels).

    Returns
    -------
    places : numpy.ndarray
        Where in the line each tap is, counted in samples of all channels; shape (4, frames, channels).
    weights : numpy.ndarray
        Its weight, of the same shape.
    """
    frames, channels = delay.shape
    whole = np.ceil(delay)
    x = whole - delay  # the place, counted from the second of the four frames
    second = np.arange(first, first + frames)[:, None] - whole.astype(np.int64)
    weights = np.stack(
        (
            -x * (x - 1) * (x - 2) / 6,
            (x + 1) * (x - 1) * (x - 2) / 2,
            -(x + 1) * x * (x - 2) / 2,
            (x + 1) * x * (x - 1) / 6,
        )
    )
    taps = np.arange(-1, 3)[:, None, None]
    return (second + taps) * channels + np.arange(channels), weights
