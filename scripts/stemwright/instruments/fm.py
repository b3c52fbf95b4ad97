"""Frequency modulation synthesis with four operators (Chowning 1973), in Yamaha's four-operator algorithms.

`dsp.operators` synthesises a note without aliasing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

import numpy as np

from stemwright.audio.biquads import butterworth, filtered
from stemwright.base.decibels import amplitude
from stemwright.instruments._base import Instrument, Note
from stemwright.instruments.dsp.chunks import chunks
from stemwright.instruments.dsp.edges import fade_edges, remove_dc
from stemwright.instruments.dsp.envelope import Envelope
from stemwright.instruments.dsp.operators import OperatorNetwork, OperatorState
from stemwright.instruments.dsp.tables import MAX_FREQUENCY
from stemwright.music.pitch import frequency
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Configurable, Field

_ALGORITHMS: dict[int, tuple[tuple[int, ...], dict[int, tuple[int, ...]]]] = {
    1: ((1,), {1: (2,), 2: (3,), 3: (4,)}),
    2: ((1,), {1: (2,), 2: (3, 4)}),
    3: ((1,), {1: (2, 4), 2: (3,)}),
    4: ((1,), {1: (2, 3), 3: (4,)}),
    5: ((1, 3), {1: (2,), 3: (4,)}),
    6: ((1, 2, 3), {1: (4,), 2: (4,), 3: (4,)}),
    7: ((1, 2, 3), {3: (4,)}),
    8: ((1, 2, 3, 4), {}),
}
"""Of each algorithm, the carriers, and the modulators of each operator that has any."""

_LOWEST_HZ = 15.0


@dataclass(frozen=True)
class Operator(Configurable):
    """An operator: a sine with an envelope, as a carrier (heard) or a modulator of another operator."""

    ratio: Annotated[float, Field("Its frequency, relative to that of the note.", ge=0.125, le=32)] = 1.0
    cents: Annotated[float, Field("Fine tuning.", "cents", ge=-100, le=100)] = 0.0
    level: Annotated[
        float, Field("Its level; for a modulator, 1 is a phase swing of 4 pi radians.", ge=0, le=1)
    ] = 0.0
    velocity: Annotated[
        float, Field("How much its level depends on the velocity (its square).", ge=0, le=1)
    ] = 0.5
    scaling_db: Annotated[float, Field("Fall of its level for each octave above A3.", "dB", ge=0, le=12)] = (
        0.0
    )
    envelope: Annotated[Envelope, Field("The envelope of its level.")] = field(default_factory=Envelope)

    def __post_init__(self) -> None:
        if isinstance(self.envelope, dict):
            object.__setattr__(self, "envelope", Envelope(**self.envelope))

    def peak_level(self, note: Note) -> float:
        """Its level, 0 to 1, at the peak of its envelope, for the pitch and velocity of a note."""
        fall = amplitude(-self.scaling_db * max(0.0, note.pitch - 57) / 12)
        return self.level * fall * (1 - self.velocity * (1 - note.velocity**2))


@dataclass(frozen=True)
class Fm(Instrument):
    """Four-operator FM synthesis: electric pianos, bells, basses, brass. Operator 4 has feedback into itself."""

    example = "{algorithm: 5, operators: [{level: 1}, {ratio: 14, level: 0.05}, {level: 1}, {level: 0.1}]}"

    algorithm: Annotated[
        int,
        Field(
            "Which operator modulates which (> modulates, + is mixed with): "
            "1 is 4>3>2>1, 2 (3,4)>2>1, 3 (3>2,4)>1, "
            "4 (2,4>3)>1, 5 2>1 + 4>3, 6 4>(1,2,3), 7 1 + 2 + 4>3, 8 1 + 2 + 3 + 4.",
            ge=1,
            le=8,
        ),
    ] = 5
    operators: Annotated[
        list[Annotated[Operator, Field("An operator.")]],
        Field("The four operators, 1 first.", min_length=4, max_length=4),
    ] = field(
        default_factory=lambda: [
            Operator(level=1.0),
            Operator(level=0.15),
            Operator(level=1.0),
            Operator(level=0.1),
        ]
    )
    feedback: Annotated[
        float, Field("Feedback of operator 4 into itself: 0 gives a sine, 1 a saw.", ge=0, le=1)
    ] = 0.0
    level_db: Annotated[float, Field("Level of the instrument.", "dB", ge=-60, le=12)] = 0.0

    def __post_init__(self) -> None:
        self._nest(operators=Operator)

    def check(self, context: RenderContext) -> None:
        carriers, _ = _ALGORITHMS[self.algorithm]
        if not any(self.operators[i - 1].level for i in carriers):
            raise ValueError(
                f"nothing would sound: of algorithm {self.algorithm}, what is heard is operator "
                f"{' + '.join(map(str, carriers))}, at level 0: raise it"
            )

    @property
    def sounds_below(self) -> bool:
        return any(each.level and not float(each.ratio).is_integer() for each in self.operators)

    def rings(self, note: Note, rate: int) -> int:
        return max(operator.envelope.frames(note.frames, rate) for operator in self.operators)

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        all_carriers, modulators = _ALGORITHMS[self.algorithm]
        hertz = [frequency(note.pitch) * o.ratio * 2.0 ** (o.cents / 1200) for o in self.operators]
        carriers = [
            i for i in all_carriers if self.operators[i - 1].level and hertz[i - 1] < MAX_FREQUENCY * rate
        ]
        if not carriers:
            return np.zeros((note.frames, channels))
        frames = max(self.operators[i - 1].envelope.frames(note.frames, rate) for i in carriers)
        states = [
            OperatorState(h, o.peak_level(note), partial(o.envelope.level, note.frames, rate))
            for h, o in zip(hertz, self.operators, strict=True)
        ]
        wave = OperatorNetwork(states, modulators, self.feedback).play(carriers, rate, frames)
        # Side bands that fold at 0 Hz may end up below the audible range: remove them.
        low = butterworth(2, _LOWEST_HZ, "high", rate)
        blocks = filtered(low, (wave[part, None] for part in chunks(frames)), 1)
        for chunk, block in zip(chunks(frames), blocks, strict=True):
            wave[chunk] = block[:, 0]
        # The powers of carriers add up, and modulation does not change the power of any.
        power = sum(self.operators[i - 1].level ** 2 for i in carriers)
        wave *= note.velocity * amplitude(self.level_db - 12) / np.sqrt(power)
        edge = round(0.001 * rate)
        return np.broadcast_to(remove_dc(fade_edges(wave, edge, edge)[:, None]), (frames, channels))
