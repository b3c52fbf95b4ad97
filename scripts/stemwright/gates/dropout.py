"""Drop-out: no gap of exact zeros within the sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from stemwright.gates._base import Check, Gate, Subject
from stemwright.measure import Meter
from stemwright.measure.dropouts import Dropouts
from stemwright.validation.fields import Field

_WINDOW_MS = 40


@dataclass(frozen=True)
class Dropout(Gate):
    """The sound has no drop-outs: exact zeros on all channels with sound immediately before and after.

    A lost buffer or a bad join leaves such a gap. From about 1 ms on it is heard as a crackle. Sound is an RMS level of
    -30 dBFS or more in the 40 ms on each side. A rest is not a drop-out, since sound decays before it, even if it does
    so within 5 ms.

    Source: our own choice, as above. Remedy: correct the cause of the gap; an intended stop needs a fade of 5 ms.
    """

    example = "{least_ms: 2}"

    stages = ("processed", "mix", "master")

    least_ms: Annotated[float, Field("The shortest gap that counts.", "ms", ge=0.1, le=1_000)] = 1.0
    level_dbfs: Annotated[
        float, Field("RMS level in the 40 ms on each side that counts as sound.", "dBFS", ge=-120, le=0)
    ] = -30.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Dropouts(self.least_ms, _WINDOW_MS, self.level_dbfs),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        places = ", ".join(
            f"{at / meter.rate:.3f} s ({n / meter.rate * 1000:.1f} ms)" for at, n in meter.found[:5]
        )
        return [
            Check(
                "dropout",
                self.failed() if meter.count else "pass",
                meter.count,
                "drop-outs",
                f"= 0 of {self.least_ms:g} ms or more",
                remedy=f"at {places}: correct the cause; an intended stop needs a fade of 5 ms before it",
            )
        ]
