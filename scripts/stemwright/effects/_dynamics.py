"""What effects on dynamics share: the level that they hear, held and smoothed, and the gain of a plugin.

Attack and release times are JUCE's, whose ballistics filter is in pedalboard's compressor: in that time 1 − exp(−2π) =
99.8 % of a step are covered, so the time constant is the time divided by 2π.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Annotated

import numpy as np

from stemwright.audio import Stream, copies, fit, reblock
from stemwright.base.decibels import amplitude
from stemwright.effects._base import GainEffect, heard_blocks, paired, with_values
from stemwright.effects._pedalboard import Plugin, run_plugin
from stemwright.music.curve import Curve
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_name

_FAINTEST = np.float32(1e-20)
"""An amplitude (-400 dBFS) that stands for silence: what a plugin makes of it still tells its gain."""

_SILENT_DB = -180.0
"""The level in dBFS below which an envelope is zero."""

KeyName = Annotated[
    str,
    Field(
        "Side-chain: the stem or bus whose level it follows, after its effects and before its fader. To follow several "
        "stems, route them to a bus and name that.",
        parse=parse_name,
    ),
]


class KeyedEffect(GainEffect):
    """Base of a gain effect that may follow the level of another stem or bus, named by its field `key`."""

    key: str | None

    def side_chains(self) -> list[tuple[tuple, str]]:
        return [(("key",), self.key)] if self.key else []

    def levels(self, blocks: Stream, context: RenderContext) -> Stream:
        """The absolute values of what it follows, the key or its input, cut or filled to the context's length."""
        for block in fit(heard_blocks(context, "key", blocks), context.frames, context.channels):
            yield np.abs(block)


def loudest(levels: Stream) -> Stream:
    """The largest level among the channels at each instant, of shape (frames, 1): one gain for all of them."""
    for block in levels:
        yield reduce(np.maximum, block.T)[:, np.newaxis]  # 20 times as fast as max(axis=1)


def plugin_gains(
    plugin: Plugin, levels: Stream, channels: int, context: RenderContext, curves: Mapping[str, Curve]
) -> Stream:
    """The gain that a plugin has at each instant: what it makes of a level, divided by the level.

    Parameters
    ----------
    plugin : Plugin
        A dynamics processor without latency, newly made.
    levels : Stream
        Absolute values of shape (frames, channels), as long as the context.
    channels : int
        Their number of channels.
    context : RenderContext
        Its rate and frames are used.
    curves : mapping of str to Curve
        The values of attributes of the plugin, as `run_plugin` takes them.

    Yields
    ------
    numpy.ndarray
        Amplitude factors of the same shape, exact to the rounding of 32-bit float.
    """
    given, heard = copies(np.maximum(block.astype(np.float32), _FAINTEST) for block in levels)
    made = run_plugin(plugin, given, replace(context, channels=channels), curves)
    for result, level in paired(made, heard):
        yield result / level


def held(levels: Stream, milliseconds: float, rate: int) -> Stream:
    """The largest level of the last milliseconds at each instant.

    A tone whose half period is not longer than that has one level. The windows are made of shorter ones, which double.

    Parameters
    ----------
    levels : Stream
        Values from zero, of shape (frames, channels).
    milliseconds : float
        The length of the window, which ends at the instant; at least one frame.
    rate : int
        The sample rate in Hz.

    Yields
    ------
    numpy.ndarray
        Values of the same shape, in blocks of other sizes.
    """
    span = max(1, round(milliseconds / 1_000 * rate))
    before: np.ndarray | None = None
    for block in reblock(levels):
        start = np.zeros((span - 1, block.shape[1])) if before is None else before
        window = np.concatenate([start, block])
        before = window[len(block) :]
        width = 1
        while width < span:
            step = min(width, span - width)
            window = np.maximum(window[:-step], window[step:])
            width += step
        yield window


def envelope(levels: Stream, channels: int, context: RenderContext, curves: Mapping[str, Curve]) -> Stream:
    """Levels that rise in the attack time and fall in the release time, by JUCE's ballistics filter.

    It is read from pedalboard's compressor: at a ratio of 2 and a threshold below everything, its gain is the square
    root of threshold over envelope.

    Parameters
    ----------
    levels : Stream
        Values from zero, of shape (frames, channels), as long as the context.
    channels : int
        Their number of channels.
    context : RenderContext
        Its rate and frames are used.
    curves : mapping of str to Curve
        With `attack_ms` and `release_ms`, times in ms from 0.001. Where they move, they are set every few frames.

    Yields
    ------
    numpy.ndarray
        Of the same shape, with the precision of 32-bit float; zero below -180 dB.
    """
    import pedalboard

    plugin = pedalboard.Compressor(_SILENT_DB, 2.0)
    for gains in plugin_gains(plugin, levels, channels, context, _times(curves)):
        yield np.where(gains < 1, amplitude(_SILENT_DB) / gains**2, 0.0)


def compressed(levels: Stream, channels: int, context: RenderContext, curves: Mapping[str, Curve]) -> Stream:
    """The gain of a compressor with a hard knee: that of pedalboard's.

    Where its threshold or ratio moves, which in the plugin would be in steps, it is computed from the envelope.

    Parameters
    ----------
    levels : Stream
        Values from zero, of shape (frames, channels), as long as the context.
    channels : int
        Their number of channels.
    context : RenderContext
        Its rate and frames are used.
    curves : mapping of str to Curve
        With `threshold_db`, `ratio`, `attack_ms`, `release_ms`, and perhaps `knee_db`: then the knee is at its lower
        end, half of that below the threshold.

    Yields
    ------
    numpy.ndarray
        Amplitude factors of the same shape, with the precision of 32-bit float.
    """
    import pedalboard

    moving = [curves["threshold_db"], curves.get("knee_db", Curve.of(0)), curves["ratio"]]
    threshold_db, knee_db, ratio = (curve.constant for curve in moving)
    if threshold_db is not None and knee_db is not None and ratio is not None:
        plugin = pedalboard.Compressor(threshold_db - knee_db / 2, ratio)
        yield from plugin_gains(plugin, levels, channels, context, _times(curves))
        return
    heard = envelope(levels, channels, context, curves)
    for level, _, threshold_db, knee_db, ratio in with_values(heard, *moving):
        yield np.maximum(level / amplitude(threshold_db - knee_db / 2), 1) ** (1 / ratio - 1)


def _times(curves: Mapping[str, Curve]) -> dict[str, Curve]:
    return {name: curves[name] for name in ("attack_ms", "release_ms")}
