"""Compare: mix and master against a finished song, octave by octave, in loudness, dynamics and width."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from stemwright.base.errors import AudioFileError
from stemwright.gates._base import Check, Gate, GateContext, Severity, Subject
from stemwright.measure import Meter, measure
from stemwright.measure.loudness import Loudness
from stemwright.measure.octaves import NOMINAL_HZ, OctaveBands
from stemwright.measure.true_peak import TruePeak
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_RANGE_S = 60  # shorter files have no loudness range (EBU Tech 3342)
_EMPTY_DB = 60.0  # a band that is further below the loudness in both songs is empty
_WORDS = ((125, "thinner", "boomier"), (500, "leaner", "muddier"), (2_000, "more distant", "harsher"))
_HIGH = ("darker", "brighter")


@dataclass(frozen=True)
class Compare(Gate):
    """Mix and master sound like a finished song, the one of `compare.file`: figures, with warnings.

    Compared are the level in each octave from 31.5 Hz to 16 kHz (at equal loudness, that is, relative to the K-weighted
    level of the whole file), the integrated loudness (LU), the loudness range (LU, EBU Tech 3342, from 60 s on), the
    peak to loudness ratio (LU) and the width (side to mid, in dB). Each figure is the file's minus the song's. The
    ratio is judged in the master only, since a mix is not limited yet; loudness has no limit unless one is set.

    Source: octave bands by IEC 61260-1; the limits are rules of thumb, hence warnings. Remedy: each check names its
    own: which range to raise or turn down, and by how much.
    """

    example = "{band_db: 4, width_db: 3}"

    stages = ("mix", "master")
    versions_too = False

    severity: Severity = "warn"
    band_db: Annotated[
        float, Field("The greatest difference in an octave, at equal loudness.", "dB", gt=0, le=60)
    ] = 6.0
    loudness_lu: (
        Annotated[float, Field("The greatest difference in loudness; null for no limit.", "LU", gt=0, le=60)]
        | None
    ) = None
    range_lu: Annotated[float, Field("The greatest difference in loudness range.", "LU", gt=0, le=60)] = 6.0
    plr_lu: Annotated[
        float,
        Field("The greatest difference in the peak to loudness ratio of the master.", "LU", gt=0, le=60),
    ] = 4.0
    width_db: Annotated[float, Field("The greatest difference between side and mid.", "dB", gt=0, le=60)] = (
        6.0
    )

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Mix and master, if the song names one to compare with."""
        return super().applies(song, artifact) and bool(artifact.compared_with)

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`dual_mono`, as the gates of loudness have it."""
        is_dual = song.document.session.channels == 1 and song.document.master.dual_mono
        return {"dual_mono": True} if is_dual else {}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`compare`: the song to compare with."""
        return {"compare": artifact.compared_with}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        if not subject.inputs.get("compare"):
            return ()
        return (OctaveBands(), Loudness(subject.context.get("dual_mono", False)), TruePeak())

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        if not meters:
            return [Check("compare", "skip", reason="no song to compare with is named (compare.file)")]
        others: Sequence[Any] = self.meters(subject)
        (path,) = subject.inputs["compare"]
        try:
            measure(path, others)
        except AudioFileError as error:
            remedy = "replace compare.file, or leave it out"
            return [Check("compare", self.failed(), None, reason=str(error), remedy=remedy)]
        if fault := _fault(meters) or _fault(others, "the song compared with: "):
            return [Check("compare", self.failed(), None, reason=fault, remedy="see silence and finite")]
        bands, loudness, peak = zip(meters, others, strict=True)
        ratios = [p.true_peak - m.integrated for p, m in zip(peak, loudness, strict=True)]
        return [
            *self._bands(subject, *(meter.levels for meter in bands)),
            self._loudness(*(meter.integrated for meter in loudness)),
            self._range(*loudness),
            self._ratio(subject, *ratios),
            self._width(*(meter.width for meter in bands)),
        ]

    def _bands(self, subject: Subject, found: np.ndarray, wanted: np.ndarray) -> list[Check]:
        is_empty = np.fmax(found, wanted) < -_EMPTY_DB
        differences = np.where(is_empty, np.nan, found - wanted).round(2)
        remedies = self._remedies(subject, differences)
        why = "it is empty, or above what the sample rate of one of them can hold"
        return [
            Check(f"compare.{hertz:g}_hz", "skip", reason=why)
            if math.isnan(difference)
            else self._check(f"compare.{hertz:g}_hz", difference, "dB", self.band_db, remedy)
            for hertz, difference, remedy in zip(NOMINAL_HZ, differences.tolist(), remedies, strict=True)
        ]

    def _remedies(self, subject: Subject, differences: np.ndarray) -> list[str]:
        """The remedy for each octave that differs too much. Of neighbours, the worst has it; the others refer to it."""
        remedies = [""] * len(differences)
        measured = np.flatnonzero(~np.isnan(differences)).tolist()
        signs = np.where(np.abs(differences) > self.band_db, np.sign(differences), 0)
        for sign, group in groupby(range(len(signs)), key=lambda i: signs[i]):
            if sign:
                run = list(group)
                worst = max(run, key=lambda i: abs(differences[i]))
                word = next((words for most, *words in _WORDS if NOMINAL_HZ[worst] <= most), _HIGH)[
                    int(sign > 0)
                ]
                for i in run:
                    remedies[i] = f"see compare.{NOMINAL_HZ[worst]:g}_hz"
                remedies[worst] = (
                    f"the {subject.stage} is {abs(differences[worst]):.0f} dB {word} {_where(run, measured)} than the "
                    f"song it is compared with: {'turn down' if sign > 0 else 'raise'} what sounds there, or use an "
                    "equaliser"
                )
        return remedies

    def _loudness(self, found: float, wanted: float) -> Check:
        if self.loudness_lu is None:
            return Check("compare.loudness", "skip", round(found - wanted, 2), "LU", reason="no limit is set")
        remedy = "choose another master.target, or master.gain_db"
        return self._check("compare.loudness", found - wanted, "LU", self.loudness_lu, remedy)

    def _range(self, found: Loudness, wanted: Loudness) -> Check:
        name = "compare.range"
        if min(found.seconds, wanted.seconds) < _RANGE_S:
            return Check(name, "skip", reason=f"one of them is under {_RANGE_S} s")
        if found.range is None or wanted.range is None:
            return Check(name, "skip", reason="one of them has no loudness range")
        difference = found.range - wanted.range
        remedy = "its sections differ less in level: let faders or parts make some quieter"
        if difference > 0:
            remedy = "its sections differ more in level: bring them closer, or compress the mix"
        return self._check(name, difference, "LU", self.range_lu, remedy)

    def _ratio(self, subject: Subject, found: float, wanted: float) -> Check:
        if subject.stage == "mix":
            why = "a mix is not limited yet: only the master is judged"
            return Check("compare.plr", "skip", round(found - wanted, 2), "LU", reason=why)
        remedy = "it is more compressed: limit or compress less, or choose a quieter master.target"
        if found > wanted:
            remedy = "it is less compressed: compress what has the highest peaks, such as drums"
        return self._check("compare.plr", found - wanted, "LU", self.plr_lu, remedy)

    def _width(self, found: float | None, wanted: float | None) -> Check:
        name = "compare.width"
        if found is None or wanted is None:
            return Check(name, "skip", reason="one of them is mono")
        difference = found - wanted if found != wanted else 0.0  # two without a side: -inf
        remedy = "it is narrower: pan stems further apart, or use wider sources and reverbs"
        if difference > 0:
            remedy = "it is wider: pan stems closer to the middle, or narrow the widest"
        return self._check(name, difference, "dB side to mid", self.width_db, remedy)

    def _check(self, name: str, difference: float, unit: str, limit: float, remedy: str) -> Check:
        """A difference that is judged by its size, as it is reported: rounded."""
        measured = round(difference, 2) if math.isfinite(difference) else difference
        status = "pass" if abs(measured) <= limit else self.failed()
        return Check(name, status, measured, unit, f"<= ±{limit:g}", remedy=remedy)


def _fault(meters: Sequence[Any], whose: str = "") -> str:
    """Why a file cannot be compared, or ""."""
    bands, loudness, peak = meters
    if len(bands.levels) and loudness.integrated is not None and peak.true_peak is not None:
        return ""
    return f"{whose}cannot be measured: {loudness.fault}"


def _where(run: Sequence[int], measured: Sequence[int]) -> str:
    """The range of octaves that follow each other, of those that were measured, in words."""
    ends = (NOMINAL_HZ[run[0]], NOMINAL_HZ[run[-1]])
    first, last = (f"{hz:g} Hz" if hz < 1_000 else f"{hz / 1_000:g} kHz" for hz in ends)
    if len(run) == 1:
        return f"around {first}"
    if run[-1] == measured[-1]:
        return f"from {first} up"
    return f"up to {last}" if run[0] == measured[0] else f"from {first} to {last}"
