"""Drop-out: no gap of exact zeros within the sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.measure import Meter
from stemwright.measure.dropouts import Dropouts
from stemwright.measure.levels import Finite
from stemwright.music.timeline import Timeline
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong

_WINDOW_MS = 40
_ON_GRID_S = Fraction(1, 1000)


@dataclass(frozen=True)
class Dropout(Gate):
    """The sound has no drop-outs: exact zeros on all channels that cut running sound.

    A lost buffer or a bad join leaves such a gap. From about 1 ms on it is heard as a crackle. Sound is an RMS level of
    -30 dBFS or more in the 40 ms on each side. A rest is not a drop-out: the sound before it fades, within 5 ms or
    more; or it lasts 20 ms or more and the waveforms cross zero on both sides; or it begins and ends on sixteenths or
    triplets of the timeline (±1 ms); or it follows a short sound, such as a click or a hat, that all end as abruptly
    in this file, or one that recurs, equally long. Nor are the zeros of a waveform such as a pulse.

    Of holes cut at random into running sound, 1 to 500 ms long, 1 in 100 is missed, of those cut from zero crossings
    on, up to 1 in 20, in a staccato bass 1 in 14; `bench/dropouts.py` measures it, and false alarms.

    Source: our own choice, as above. Remedy: correct the cause of the gap; an intended stop needs a fade of 5 ms.
    """

    example = "{least_ms: 2}"

    stages = ("processed", "mix", "master")

    least_ms: Annotated[float, Field("The shortest gap that counts.", "ms", ge=0.1, le=1_000)] = 1.0
    level_dbfs: Annotated[
        float, Field("RMS level in the 40 ms on each side that counts as sound.", "dBFS", ge=-120, le=0)
    ] = -30.0

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`tempo`: the timeline without its sections: where beats are; nothing if it has no tempo."""
        return {} if song.document.bpm is None else {"tempo": {**song.timeline.to_dict(), "sections": []}}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        limits = self.least_ms, _WINDOW_MS, self.level_dbfs
        if "tempo" in subject.context:
            is_on_grid = partial(_is_on_grid, Timeline.from_dict(subject.context["tempo"]))
            return Dropouts(*limits, is_on_grid), Finite()
        return Dropouts(*limits), Finite()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        meter, finite = meters
        limit = f"= 0 of {self.least_ms:g} ms or more"
        if finite.bad and not meter.count:
            return [self.not_finite("dropout", "drop-outs", limit)]
        places = ", ".join(
            f"{at / meter.rate:.3f} s ({n / meter.rate * 1000:.1f} ms)" for at, n in meter.found[:5]
        )
        return [
            Check(
                "dropout",
                self.failed() if meter.count else "pass",
                meter.count,
                "drop-outs",
                limit,
                remedy=f"at {places}: correct the cause; an intended stop needs a fade of 5 ms before it",
                places=meter.found,
            )
        ]


def _is_on_grid(timeline: Timeline, frame: int) -> bool:
    """Whether a frame is on a sixteenth or an eighth triplet, within 1 ms and a hundredth of a quarter."""
    tempo = timeline.tempo
    at = tempo.quarters(Fraction(frame, timeline.rate))
    quarter, from_bar_one = 60 / tempo.bpm(at), at - tempo.pickup
    near = min(abs(from_bar_one - Fraction(round(from_bar_one * steps), steps)) for steps in (3, 4)) * quarter
    return near <= min(_ON_GRID_S, quarter / 100)
