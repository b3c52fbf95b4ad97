"""A compressor (pedalboard's), whose channels are linked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Compressor(Effect):
    """A compressor: reduces the level above a threshold."""

    example = "{threshold_db: -18, ratio: 3, attack_ms: 10, release_ms: 120}"
    adds_frequencies = False

    threshold_db: Annotated[float, Field("Level above which it compresses.", "dBFS", ge=-80, le=0)]
    ratio: Annotated[float, Field("Ratio of input to output decibels above the threshold.", ge=1, le=100)] = (
        4.0
    )
    attack_ms: Annotated[float, Field("Attack time.", "ms", ge=0.01, le=1_000)] = 1.0
    release_ms: Annotated[float, Field("Release time.", "ms", ge=1, le=10_000)] = 100.0
    link: Annotated[
        bool,
        Field("Whether the louder channel sets the gain of both, so that the stereo image stays in place."),
    ] = True

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        import pedalboard

        keys = asdict(self)
        is_linked = keys.pop("link")
        plugin: _pedalboard.Plugin = pedalboard.Compressor(**keys)
        return _pedalboard.run_plugin(_Linked(plugin) if is_linked else plugin, blocks, context)


class _Linked:
    """Applies to every channel the gain that a plugin has for the loudest one at each instant."""

    def __init__(self, plugin: _pedalboard.Plugin):
        self.plugin = plugin

    def process(self, input_array: np.ndarray, sample_rate: float, *, reset: bool) -> np.ndarray:
        loudest = np.abs(input_array).max(axis=0, keepdims=True)
        reduced = self.plugin.process(loudest, sample_rate, reset=reset)
        # In 64 bits the product is exact: the loudest channel is bit for bit what the plugin makes of it.
        scaled = input_array * reduced.astype(np.float64)
        return np.divide(scaled, loudest, out=scaled, where=loudest > 0)
