"""What effects on dynamics share: the level that they hear, and the gain that a plugin has at each instant."""

from __future__ import annotations

from dataclasses import replace
from itertools import tee
from typing import Annotated

import numpy as np

from stemwright.audio import Stream, fit
from stemwright.effects._base import GainEffect, heard_blocks, paired
from stemwright.effects._pedalboard import Plugin, run_plugin
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_name

_FAINTEST = 1e-20
"""An amplitude (-400 dBFS) that stands for silence: what a plugin makes of it still tells its gain."""

KeyName = Annotated[
    str,
    Field(
        "Side-chain: the stem or bus whose level it follows, after its effects and before its fader.",
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
        yield block.max(axis=1, keepdims=True)


def plugin_gains(plugin: Plugin, levels: Stream, channels: int, context: RenderContext) -> Stream:
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

    Yields
    ------
    numpy.ndarray
        Amplitude factors of the same shape, exact to the rounding of 32-bit float.
    """
    given, heard = tee(np.maximum(block, _FAINTEST).astype(np.float32) for block in levels)
    made = run_plugin(plugin, given, replace(context, channels=channels))
    for result, level in paired(made, heard):
        yield result / level
