"""Bandwidth: a low-pass has done its work, and a reference has not been through a lossy codec."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.audio import inspect
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.measure import Meter
from stemwright.measure.attenuation import UPPER, octave_attenuation_db
from stemwright.measure.levels import Finite
from stemwright.measure.spectrum import Spectrum
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_KEEP_SPECTRUM = ("compressor", "delay", "fade", "gain", "highpass", "limiter", "lowpass", "reverb")
"""Effects that add nothing above a low-pass but what was there. After any other one, nothing can be concluded."""


@dataclass(frozen=True)
class Bandwidth(Gate):
    """A low-passed stem is down by 24 dB an octave above its cut-off; a reference has no wall in its spectrum.

    The stem is held against what it was made of, band by band (its source may be bright or dull), and to
    what the written order can do: 6.02 dB for each (Butterworth, from half to twice the cut-off), twice that
    with zero_phase, but no more than `octave_db`. It is skipped where there is nothing to take away, or where
    another effect shapes the spectrum.

    Lossy codecs cut a recording off at 11 to 19 kHz, by tens of dB within a few hundred Hz (LAME at 128 kbit/s:
    17 kHz). A wall nearer than a tenth to the end of what the file's sample rate, or its source's, can hold is
    that rate's and no codec's.

    Source: the Butterworth magnitude, and codecs measured. Remedy: check the cut-off and the order of the low-pass;
    get the recording as it was made.
    """

    example = "{octave_db: 18}"

    stages = ("reference", "processed")

    octave_db: Annotated[
        float, Field("What a low-pass must take away an octave above its cut-off.", "dB", gt=0, le=96)
    ] = 24.0
    wall_hz: Annotated[
        float,
        Field("A reference whose spectrum ends as a wall below this is reported.", "Hz", gt=0, le=96_000),
    ] = 19_000.0
    wall_db: Annotated[float, Field("The height of such a wall.", "dB", gt=0, le=120)] = 20.0

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`effects`: the chain of a stem that is low-passed."""
        return {"effects": song.effects(artifact.stem).entries()} if _is_low_passed(song, artifact) else {}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`raw`: the stem before its low-pass; `source`: what a reference was conformed from."""
        if artifact.judged_as == "reference":
            return {"source": artifact.inputs["source"]}
        return {"raw": artifact.inputs["stem"]} if _is_low_passed(song, artifact) else {}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Spectrum(), Finite()) if subject.stage == "reference" else ()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        is_reference = subject.stage == "reference"
        return [self._reference(subject, *meters) if is_reference else self._stem(subject)]

    def _reference(self, subject: Subject, spectrum: Spectrum, finite: Finite) -> Check:
        name = "bandwidth"
        if finite.bad:
            return self.not_finite(name)
        if not spectrum.windows:
            return Check(name, "skip", reason=f"it is shorter than {spectrum.size:,} frames")
        rates = [inspect(source).sample_rate for source in subject.inputs.get("source", ())]
        rate = min([spectrum.rate, *filter(None, rates)])
        limit = min(self.wall_hz, 0.45 * rate)
        wall = spectrum.brickwall_hz(self.wall_db)
        return Check(
            name,
            "warn" if wall is not None and wall < limit else "pass",
            "none" if wall is None else round(wall),
            "" if wall is None else "Hz",
            f"no wall of {self.wall_db:g} dB under {limit:,.0f} Hz",
            remedy="it has been through a lossy codec, or a lower sample rate: get the recording as it was made",
        )

    def _stem(self, subject: Subject) -> Check:
        name, unit = "bandwidth", "dB"
        chain = subject.context.get("effects", [])
        lowpasses = [keys for effect in chain for kind, keys in effect.items() if kind == "lowpass"]
        if not lowpasses:
            return Check(name, "skip", reason="no low-pass among its effects")
        rate = subject.format["sample_rate"]
        lowest = min(lowpasses, key=lambda keys: keys["cutoff_hz"])
        cutoff = lowest["cutoff_hz"]
        others = _shaping(chain, cutoff)
        if others:
            return Check(name, "skip", reason=f"{' and '.join(others)} shape its spectrum too")
        if UPPER[1] * cutoff > 0.49 * rate:
            return Check(
                name, "skip", reason=f"an octave above {cutoff:g} Hz is beyond what {rate:,} Hz hold"
            )
        wanted = min(self.octave_db, _reach_db(**lowest))
        limit = f">= {wanted:.1f} at {2 * cutoff:g} Hz (order {lowest['order']})"
        try:
            found = octave_attenuation_db(subject.inputs["raw"][0], subject.path, cutoff)
        except ValueError as error:
            return Check(name, self.failed(), None, unit, limit, str(error), "see frames and finite")
        if found is None:
            return Check(name, "skip", None, unit, limit, "its source has nothing to take away there")
        status = "pass" if found >= wanted else self.failed()
        remedy = (
            f"delete {subject.path}, and the next run makes it again; if it stays, the effect is at fault"
        )
        return Check(name, status, round(found, 1), unit, limit, remedy=remedy)


def _is_low_passed(song: LoadedSong, artifact: Artifact) -> bool:
    """Whether an artifact is a processed stem with a low-pass among its effects."""
    is_processed = artifact.judged_as == "processed"
    return is_processed and any("lowpass" in entry for entry in song.effects(artifact.stem).entries())


def _reach_db(order: int, zero_phase: bool, **_: object) -> float:
    """Butterworth's attenuation at twice the cut-off over that at half of it, in dB.

    With |H|² = 1 / (1 + f^(2 order)) that is 20 log10 2 for each order; the bilinear transform makes it more.
    """
    return 20 * math.log10(2) * order * (2 if zero_phase else 1)


def _shaping(chain: Sequence[Mapping[str, Mapping]], cutoff_hz: float) -> list[str]:
    """Effects that change the spectrum where it is measured, besides low-passes."""
    return [
        kind
        for effect in chain
        for kind, keys in effect.items()
        if kind not in _KEEP_SPECTRUM or (kind == "highpass" and keys["cutoff_hz"] > cutoff_hz / 8)
    ]
