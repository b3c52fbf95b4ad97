"""A ladder filter (pedalboard's)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from stemwright.audio import Stream
from stemwright.audio.biquads import nyquist_problem
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect
from stemwright.effects._reach import Reach, decaying
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_STEADY = 0.7
"""A resonance up to which it does not ring on for ever."""


@dataclass(frozen=True)
class Ladder(Effect):
    """A ladder filter, after Moog's of 1968: it resonates at its cut-off, and saturates."""

    example = "{cutoff_hz: 900, resonance: 0.4, drive: 1.5}"

    cutoff_hz: Annotated[float, Field("Cut-off frequency.", "Hz", ge=20, le=20_000, automatable=True)]
    shape: Annotated[Literal["lowpass", "highpass", "bandpass"], Field("The type of the filter.")] = "lowpass"
    slope_db: Annotated[Literal[12, 24], Field("Its slope: 12 or 24 dB per octave.")] = 24
    resonance: Annotated[
        float,
        Field(
            "Resonance at the cut-off: 0 none, 0.8 strong. With more it whistles by itself.",
            ge=0,
            le=0.8,
            automatable=True,
        ),
    ] = 0.0
    drive: Annotated[float, Field("Gain into its saturation.", ge=1, le=20, automatable=True)] = 1.0

    def check(self, context: RenderContext) -> None:
        if problem := nyquist_problem(self.curve_of("cutoff_hz", context).range[1], context.rate):
            raise ValueError(f"cutoff_hz {problem}")

    def reach(self, context: RenderContext) -> Reach | None:
        """Four one-pole stages in a loop with the gain 4 k: of their poles, the slowest is at -w (1 - k^¼).

        JUCE has k from 0.1 to 1. Impulses die away in a third of the time that is given here, measured up to a
        resonance of 0.7; from 0.75 on they do not. Where a key moves, JUCE's smoothing of it, in 32-bit float, hangs on
        all that was before: -68 dB at a resonance of 0.7 (measured).
        """
        cutoff, resonance = (self.curve_of(name, context).range for name in ("cutoff_hz", "resonance"))
        is_moving = any(curve.constant is None for curve in self.key_curves(context).values())
        if is_moving or resonance[1] > _STEADY:
            return None
        slowest = 2 * math.pi * cutoff[0] * (1 - (0.1 + 0.9 * resonance[1]) ** 0.25)
        return Reach(2 * decaying(1 / slowest, context.rate))

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        import pedalboard

        letter = {"lowpass": "L", "highpass": "H", "bandpass": "B"}[self.shape]
        mode = getattr(pedalboard.LadderFilter.Mode, f"{letter}PF{self.slope_db}")
        plugin: _pedalboard.Plugin = pedalboard.LadderFilter(mode)
        return _pedalboard.run_plugin(plugin, blocks, context, self.key_curves(context))
