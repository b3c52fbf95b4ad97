"""A phaser.

pedalboard's is not used: its LFO cannot follow the tempo, and counts in 32-bit float, so that at 0.25 Hz it is a
twentieth of a cycle ahead after five minutes (measured, 0.9.26); and both channels have the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import BLOCK, Stream, reblock
from stemwright.audio.biquads import at_rest, filter_each
from stemwright.effects._base import with_values
from stemwright.effects._lfo import LfoEffect, Mix, Spread, Sweep
from stemwright.effects._reach import Reach, ringing
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_STEP = 4  # frames between two positions of the filter


@dataclass(frozen=True)
class Phaser(LfoEffect):
    """A phaser: six all-pass stages, which an LFO moves, make three notches where direct and shifted sound cancel.

    Give either length or rate_hz.
    """

    example = "{length: 2 bars, centre_hz: 800, octaves: 1.5, feedback: 0.3}"
    sum_law = "linear"

    shape: Sweep = "sine"
    centre_hz: Annotated[
        float,
        Field(
            "Frequency in the middle of a cycle, where each stage shifts by 90°.",
            "Hz",
            ge=20,
            le=20_000,
            automatable=True,
        ),
    ] = 800.0
    octaves: Annotated[
        float, Field("How far down and up it moves.", "octaves", ge=0, le=4, automatable=True)
    ] = 1.5
    spread: Spread = 0.0
    feedback: Annotated[
        float, Field("Level of its output that is fed back into it.", ge=0, le=0.9, automatable=True)
    ] = 0.0
    mix: Mix = 0.5

    def check(self, context: RenderContext) -> None:
        super().check(context)
        centre, octaves = (self.curve_of(name, context).range[1] for name in ("centre_hz", "octaves"))
        highest = centre * 2**octaves
        if highest >= context.rate / 2:
            raise ValueError(
                f"the top of its sweep must be below half the sample rate, {context.rate / 2:g} (is {highest:g} Hz): "
                "lower centre_hz or octaves"
            )

    def reach(self, context: RenderContext) -> Reach:
        curves = self.key_curves(context)
        centre, octaves = curves["centre_hz"].range, 2 ** curves["octaves"].range[1]
        ends = np.array([centre[0] / octaves, centre[1] * octaves])
        feedback = np.full(2, curves["feedback"].range[1])
        return Reach(max(map(ringing, self._sections(ends, feedback, context.rate))))

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        # Channels that move alike are filtered in one call.
        curves, oscillation = self.key_curves(context), self.wave(context)
        is_spread = curves["spread"].constant != 0 and context.channels == 2
        groups = [slice(0, 1), slice(1, 2)] if is_spread else [slice(None)]
        state = at_rest(np.zeros((3, 6)), context.channels)
        for block, n, mix in with_values(reblock(blocks, BLOCK), curves["mix"]):
            count = -(-len(block) // _STEP)
            padded = np.concatenate((block, np.zeros((count * _STEP - len(block), context.channels))))
            wet = np.ascontiguousarray(padded.reshape(count, _STEP, -1).transpose(0, 2, 1))
            middles = n[0] + _STEP * np.arange(count) + _STEP / 2
            centre, octaves, feedback, spread = (
                curves[name].at(middles) for name in ("centre_hz", "octaves", "feedback", "spread")
            )
            for index, group in enumerate(groups):
                wave = oscillation.at(middles, index * spread)
                filters = self._sections(centre * 2 ** (octaves * wave), feedback, context.rate)
                filter_each(filters, wet[:, group], state[group])
            shifted = wet.transpose(0, 2, 1).reshape(-1, context.channels)[: len(block)]
            yield (1 - mix) * block + mix * shifted

    def _sections(self, frequency_hz: np.ndarray, feedback: np.ndarray, rate: int) -> np.ndarray:
        """The filters at some frequencies, shape (count, 3, 6).

        A stage is (a + z⁻¹) / (1 + a z⁻¹), and all with their feedback f are N / (D - f N), N and D being the sixth
        powers of its numerator and denominator: X⁶ - f Y⁶ is the product of X - g Y over the sixth roots g of f. The
        roots are paired: the two real ones, and each complex one with its conjugate.
        """
        tangent = np.tan(np.pi * frequency_hz / rate)
        a = (tangent - 1) / (tangent + 1)
        root = feedback ** (1 / 6)
        sections = np.empty((len(a), 3, 6))
        for index, g in enumerate((root, root * np.exp(1j * np.pi / 3), root * np.exp(2j * np.pi / 3))):
            other = -g if index == 0 else np.conj(g)
            d0 = ((1 - g * a) * (1 - other * a)).real
            d1 = ((1 - g * a) * (a - other) + (1 - other * a) * (a - g)).real
            d2 = ((a - g) * (a - other)).real
            sections[:, index] = np.column_stack((a * a, 2 * a, np.ones_like(a), d0, d1, d2)) / d0[:, None]
        return sections
