"""A transient shaper: gains for the attacks of sounds and for what follows, whatever their level."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import tee
from typing import Annotated

import numpy as np

from stemwright.audio import Stream, fit
from stemwright.effects._base import GainEffect
from stemwright.effects._dynamics import envelope, held, loudest
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_PEAKS_MS = 25.0  # half a period at 20 Hz
_FAST_ATTACK_MS, _FAST_RELEASE_MS = 2.0, 30.0
_SLOW_ATTACK_MS, _SLOW_RELEASE_MS = 150.0, 1_000.0
_FLOOR = 1e-6
"""An amplitude (-120 dBFS) below which nothing is shaped."""


@dataclass(frozen=True)
class TransientShaper(GainEffect):
    """A transient shaper: raises or lowers the attacks of sounds, and their decay, whatever their level."""

    example = "{attack_db: 6, sustain_db: -6}"
    adds_frequencies = False

    attack_db: Annotated[float, Field("Gain at the attack of a sound.", "dB", ge=-24, le=24)] = 0.0
    sustain_db: Annotated[float, Field("Gain while a sound decays.", "dB", ge=-24, le=24)] = 0.0

    def gains(self, blocks: Stream, context: RenderContext) -> Stream:
        """By the ratios of envelopes, one fast, one with a slow attack and one with a slow release.

        While a level stays, they are equal and the gain is 0 dB.
        """
        whole = fit(blocks, context.frames, context.channels)
        levels = held(loudest(np.abs(block) for block in whole), _PEAKS_MS, context.rate)
        heard = tee(levels, 3)
        envelopes = (
            envelope(heard[0], _FAST_ATTACK_MS, _FAST_RELEASE_MS, context),
            envelope(heard[1], _SLOW_ATTACK_MS, _FAST_RELEASE_MS, context),
            envelope(heard[2], _FAST_ATTACK_MS, _SLOW_RELEASE_MS, context),
        )
        for blocks_of_each in zip(*envelopes, strict=True):
            fast, rising, falling = (block + _FLOOR for block in blocks_of_each)
            gain_db = self.attack_db * (1 - rising / fast) + self.sustain_db * (1 - fast / falling)
            yield 10 ** (gain_db / 20)
