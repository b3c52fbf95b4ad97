"""Hum: a recording has no mains hum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.gates._base import Check, Gate, Severity, Subject
from stemwright.measure import Meter
from stemwright.measure.hum import Hum as HumMeter
from stemwright.measure.levels import Finite
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Hum(Gate):
    """A stem that plays recordings, after its effects, has no hum of 50 or 60 Hz in its quietest moments.

    Hum is three or more multiples of the mains frequency that stand out by 12 dB in the quietest tenth of the file.
    Its level is that of these lines together. A limit of -70 dBFS is 10 dB under the noise floor that audiobook
    publishers ask for.

    Source: EN 50160 for the frequency; the limits are our own. Remedy: cut it with notches, or record again with
    balanced cables, away from power supplies.
    """

    example = "{max_dbfs: -60}"

    stages = ("processed",)

    severity: Severity = "warn"
    max_dbfs: Annotated[float, Field("The highest level of hum.", "dBFS RMS", ge=-120, le=0)] = -70.0

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Stems that play recordings."""
        return (
            super().applies(song, artifact)
            and artifact.stem in song.document.stems
            and bool(song.source(artifact.stem).recordings())
        )

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (HumMeter(), Finite())

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        meter, finite = meters
        if finite.bad:
            return [self.not_finite("hum")]
        found, limit = meter.found, f"<= {self.max_dbfs:g}"
        if found is None:
            return [Check("hum", "pass", "none", "", limit)]
        mains, level = found
        if level <= self.max_dbfs:
            return [Check("hum", "pass", level, "dBFS RMS", limit)]
        notches = ", ".join(f"notch: {{frequency_hz: {mains * k:g}, q: 30}}" for k in (1, 2, 3))
        reason = f"hum of {mains:g} Hz and its harmonics in its quietest moments"
        remedy = f"cut it (eq with bands such as {notches}), gate the pauses (noise_gate), or record again"
        return [Check("hum", self.failed(), level, "dBFS RMS", limit, reason, remedy)]
