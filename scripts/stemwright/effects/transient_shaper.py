"""A transient shaper: gains for the attacks of sounds and for what follows, whatever their level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import Stream, copies, fit
from stemwright.effects._base import GainEffect, with_values
from stemwright.effects._dynamics import envelope, held, loudest
from stemwright.effects._reach import Reach, settling
from stemwright.music.curve import Curve
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_PEAKS_MS = 25.0  # half a period at 20 Hz
_TIMES_MS = (2.0, 30.0), (150.0, 30.0), (2.0, 1_000.0)
"""Attack and release of the three envelopes: both fast, a slow attack, a slow release."""

_FLOOR = 1e-6
"""An amplitude (-120 dBFS) below which nothing is shaped."""


@dataclass(frozen=True)
class TransientShaper(GainEffect):
    """A transient shaper: raises or lowers the attacks of sounds, and their decay, whatever their level."""

    example = "{attack_db: 6, sustain_db: -6}"
    adds_frequencies = False

    attack_db: Annotated[
        float, Field("Gain at the attack of a sound.", "dB", ge=-24, le=24, automatable=True)
    ] = 0.0
    sustain_db: Annotated[
        float, Field("Gain while a sound decays.", "dB", ge=-24, le=24, automatable=True)
    ] = 0.0

    def reach(self, context: RenderContext) -> Reach:
        peaks = round(_PEAKS_MS / 1_000 * context.rate)
        return Reach(peaks + settling(max(map(max, _TIMES_MS)), context.rate))

    def gains(self, blocks: Stream, context: RenderContext) -> Stream:
        """By the ratios of envelopes, one fast, one with a slow attack and one with a slow release.

        While a level stays, they are equal and the gain is 0 dB.
        """
        whole = fit(blocks, context.frames, context.channels)
        levels = held(loudest(np.abs(block) for block in whole), _PEAKS_MS, context.rate)
        heard = copies(levels, 3)
        envelopes = (
            envelope(each, 1, context, {"attack_ms": Curve.of(attack), "release_ms": Curve.of(release)})
            for each, (attack, release) in zip(heard, _TIMES_MS, strict=True)
        )
        parts = (
            np.hstack([1 - rising / fast, 1 - fast / falling])
            for fast, rising, falling in (
                [block + _FLOOR for block in of_each] for of_each in zip(*envelopes, strict=True)
            )
        )
        curves = (self.curve_of(name, context) for name in ("attack_db", "sustain_db"))
        for part, _, attack_db, sustain_db in with_values(parts, *curves):
            gain_db = attack_db * part[:, :1] + sustain_db * part[:, 1:]
            yield 10 ** (gain_db / 20)
