"""Bandwidth: a low-pass attenuates as it should, and a reference was not encoded with a lossy codec."""

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


@dataclass(frozen=True)
class Bandwidth(Gate):
    """A low-passed stem is 24 dB down an octave above its cut-off; the spectrum of a reference does not end abruptly.

    The processed stem is compared with the stem before its effects, band by band, so that a bright or dull source does
    not matter. The required attenuation is what the order of the filter can do: 6.02 dB per order (Butterworth, from
    half to twice the cut-off), twice that with zero_phase, but not more than `octave_db`. The check is skipped if there
    is no signal to attenuate, if a cut-off moves, or if another effect shapes the spectrum.

    Lossy codecs cut a recording off between 11 and 19 kHz, by tens of dB within a few hundred Hz (LAME at 128 kbit/s:
    17 kHz). Such a step ("wall") above 90 % of the Nyquist frequency of the file or of its source is due to that sample
    rate, and is ignored.

    Source: the Butterworth magnitude, and measurements of codecs. Remedy: check the cut-off and the order of the
    low-pass; get the original recording.
    """

    example = "{octave_db: 18}"

    stages = ("reference", "processed")

    octave_db: Annotated[
        float, Field("The attenuation required an octave above the cut-off of a low-pass.", "dB", gt=0, le=96)
    ] = 24.0
    wall_hz: Annotated[
        float,
        Field(
            "The gate warns if the spectrum of a reference ends in a wall below this.", "Hz", gt=0, le=96_000
        ),
    ] = 19_000.0
    wall_db: Annotated[float, Field("The least height of such a wall.", "dB", gt=0, le=120)] = 20.0

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`effects`: those of a stem that has a low-pass; `adding_frequencies`: the kinds that may undo it."""
        if not _is_low_passed(song, artifact):
            return {}
        chain = song.effects(artifact.stem)
        adding = sorted({kind for e in chain.effects if e.adds_frequencies for kind in e.entry()})
        return {"effects": chain.entries(), "adding_frequencies": adding}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`raw`: the stem before its effects; `source`: the file that a reference was conformed from."""
        if artifact.judged_as == "reference":
            return {"source": artifact.inputs["source"]}
        return {"raw": artifact.inputs["audio"]} if _is_low_passed(song, artifact) else {}

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
            return Check(name, "skip", reason=f"the file is shorter than {spectrum.size:,} frames")
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
            remedy="it was encoded with a lossy codec, or had a lower sample rate: get the original recording",
        )

    def _stem(self, subject: Subject) -> Check:
        name, unit = "bandwidth", "dB"
        if subject.alone:
            return Check(name, "skip", reason="needs the effects of a stem, but this file belongs to no song")
        chain = subject.context.get("effects", [])
        lowpasses = [keys for effect in chain for kind, keys in effect.items() if kind == "lowpass"]
        if not lowpasses:
            return Check(name, "skip", reason="its effects include no low-pass")
        cutoffs = [keys["cutoff_hz"] for e in chain for k, keys in e.items() if k in ("lowpass", "highpass")]
        if not all(isinstance(cutoff, int | float) for cutoff in cutoffs):
            return Check(name, "skip", reason="a cut-off moves (it is automated)")
        rate = subject.format["sample_rate"]
        lowest = min(lowpasses, key=lambda keys: keys["cutoff_hz"])
        cutoff = lowest["cutoff_hz"]
        others = _shaping_effects(chain, subject.context["adding_frequencies"], cutoff)
        if others:
            return Check(name, "skip", reason=f"{' and '.join(others)} shape its spectrum too")
        if UPPER[1] * cutoff > 0.49 * rate:
            return Check(
                name,
                "skip",
                reason=f"an octave above {cutoff:g} Hz is too close to the Nyquist frequency at {rate:,} Hz",
            )
        wanted = min(self.octave_db, _attenuation_db(**lowest))
        limit = f">= {wanted:.1f} at {2 * cutoff:g} Hz (order {lowest['order']})"
        try:
            found = octave_attenuation_db(subject.inputs["raw"][0], subject.path, cutoff)
        except ValueError as error:
            return Check(name, self.failed(), None, unit, limit, str(error), "see frames and finite")
        if found is None:
            return Check(name, "skip", None, unit, limit, "its source has no signal to attenuate there")
        status = "pass" if found >= wanted else self.failed()
        remedy = (
            f"delete {subject.path}: the next run makes it again; if it fails again, the effect is at fault"
        )
        return Check(name, status, round(found, 1), unit, limit, remedy=remedy)


def _is_low_passed(song: LoadedSong, artifact: Artifact) -> bool:
    """Whether an artifact is a processed stem with a low-pass among its effects."""
    is_processed = artifact.judged_as == "processed"
    return is_processed and any("lowpass" in entry for entry in song.effects(artifact.stem).entries())


def _attenuation_db(order: int, zero_phase: bool, **_: object) -> float:
    """The attenuation of a Butterworth low-pass at twice the cut-off, relative to that at half the cut-off, in dB.

    With |H|² = 1 / (1 + f^(2 order)) it is 20 log10 2 per order; the bilinear transform makes it more.
    """
    return 20 * math.log10(2) * order * (2 if zero_phase else 1)


def _shaping_effects(
    chain: Sequence[Mapping[str, Mapping]], adding: Sequence[str], cutoff_hz: float
) -> list[str]:
    """The effects, other than low-passes, that change the spectrum where it is measured."""
    return [
        kind
        for effect in chain
        for kind, keys in effect.items()
        if kind in adding or kind == "eq" or (kind == "highpass" and keys["cutoff_hz"] > cutoff_hz / 8)
    ]
