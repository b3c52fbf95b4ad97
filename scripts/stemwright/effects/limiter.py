"""A true-peak limiter (pedalboard's BrickwallLimiter), with its look-ahead compensated."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Annotated

import numpy as np

from stemwright.audio import Stream, fit
from stemwright.effects import _pedalboard
from stemwright.effects._base import GainEffect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_PROBE = 2.0**-10
"""What a further channel holds to read the gain from it: far below every ceiling, and a power of two, whose product
with the gain is exact."""


@dataclass(frozen=True)
class Limiter(GainEffect):
    """A brick-wall limiter: keeps peaks below a ceiling, with look-ahead."""

    # Its gain never returns quite to where it was, since it is released in 32-bit float: a second of release leaves
    # -57 dB (measured, pedalboard 0.9.26). So it has no `reach`.

    example = "{ceiling_db: -1, release_ms: 80}"
    adds_frequencies = False

    ceiling_db: Annotated[float, Field("Highest level of the output.", "dB", ge=-24, le=0)] = -1.0
    release_ms: Annotated[float, Field("Release time.", "ms", ge=1, le=5_000)] = 100.0
    lookahead_ms: Annotated[float, Field("Look-ahead time.", "ms", ge=0.1, le=50)] = 5.0
    true_peak: Annotated[bool, Field("Limit true peaks (4 times oversampled), not only sample peaks.")] = True

    def gains(self, blocks: Stream, context: RenderContext) -> Stream:
        wider = replace(context, channels=context.channels + 1)
        probed = (
            np.hstack([block, np.full((len(block), 1), _PROBE)])
            for block in fit(blocks, context.frames, context.channels)
        )
        for limited in _pedalboard.run_plugin(self._plugin(), probed, wider):
            yield limited[:, -1:] / _PROBE

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        """What the plugin gives: the input at the gain curve, rounded to 32-bit float."""
        return _pedalboard.run_plugin(self._plugin(), blocks, context)

    def _plugin(self) -> _pedalboard.Plugin:
        import pedalboard

        return pedalboard.BrickwallLimiter(**asdict(self))
