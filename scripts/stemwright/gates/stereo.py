"""Stereo: the two channels belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np

from stemwright.gates._base import Check, Gate, Status, Subject
from stemwright.measure import Meter
from stemwright.measure.levels import Finite
from stemwright.measure.stereo import Stereo as StereoMeter
from stemwright.measure.stereo import correlation
from stemwright.validation.fields import Field

_FINISHED = ("mix", "master")


@dataclass(frozen=True)
class Stereo(Gate):
    """The channels do not work against each other: correlation by blocks of 400 ms above a level.

    On average it is not below 0 (warns: under it, mono is quieter than either side), it is not under -0.5 in
    over 10 % of the blocks (a mix or master is refused; a stem or a reference may be as wide as it likes and is
    only reported), and over all blocks not under -0.95: one side is the other upside down, and vanishes in
    mono. A mix or master whose sides are the same is reported too: it is mono in a stereo file. A stem may be that, for
    a mono source in the centre is one. The limits are those of mastering practice; +1, 0, -1 are those of the
    correlation meter. A reference is only warned about: it is as it is.

    Source: the correlation meter (IEC 60268-18) and mastering practice. Remedy: narrow the stem that is out of
    phase, or invert one side of it.
    """

    example = "{low_percent: 20}"

    stages = ("reference", "stem", "processed", "mix", "master")

    floor_dbfs: Annotated[
        float, Field("Only blocks whose RMS level is above this are judged.", "dBFS", ge=-120, le=0)
    ] = -60.0
    mean: Annotated[float, Field("The mean correlation under which it warns.", ge=-1, le=1)] = 0.0
    low: Annotated[float, Field("The correlation under which a block is out of phase.", ge=-1, le=1)] = -0.5
    low_percent: Annotated[float, Field("How many blocks may be out of phase.", "%", ge=0, le=100)] = 10.0
    inverted: Annotated[
        float, Field("The correlation of all blocks under which a side is inverted.", ge=-1, le=1)
    ] = -0.95
    same_db: Annotated[
        float,
        Field("Sides that differ by less than this, against their sum, are the same.", "dB", ge=-120, le=0),
    ] = -60.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (StereoMeter(), Finite())

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        meter, finite = meters
        if meter.channels == 1:
            return [Check("stereo", "skip", reason="the file is mono")]
        if finite.bad:
            return [replace(self.not_finite("stereo"), status=self._refused(subject))]
        power = meter.blocks[:, :2].sum(axis=1) / (2 * meter.block_frames)
        heard = meter.blocks[power > 10 ** (self.floor_dbfs / 10)]
        if not len(heard):
            why = f"no block of 400 ms is above {self.floor_dbfs:g} dBFS"
            return [Check("stereo", "skip", reason=why)]
        each, overall = correlation(heard), float(correlation(heard.sum(axis=0)))
        mean, percent = float(each.mean()), 100 * float(np.mean(each < self.low))
        refused = self._refused(subject)
        checks = [
            Check(
                "stereo.correlation",
                "warn" if mean < self.mean else "pass",
                round(mean, 3),
                limit=f">= {self.mean:g} (warns)",
                remedy="narrow what is widest: an effect, or a stem recorded with two distant microphones",
            ),
            Check(
                "stereo.out_of_phase",
                "pass" if percent <= self.low_percent else refused if subject.stage in _FINISHED else "warn",
                round(percent, 1),
                "% of blocks",
                f"<= {self.low_percent:g} under {self.low:g}",
                remedy="find the stem that is out of phase (listen in mono) and narrow it, or invert one side of it",
            ),
            Check(
                "stereo.inverted",
                refused if overall < self.inverted else "pass",
                round(overall, 3),
                limit=f">= {self.inverted:g}",
                remedy="one side is the other upside down: invert a channel of its source (a cable, a plug-in)",
            ),
        ]
        return [*checks, self._false_stereo(heard.sum(axis=0))] if subject.stage in _FINISHED else checks

    def _false_stereo(self, sums: np.ndarray) -> Check:
        left, right, both = sums
        side, mid = max(left + right - 2 * both, 0.0), left + right + 2 * both
        # Not through a ratio: opposite sides have no sum.
        same = side <= mid * 10 ** (self.same_db / 10)
        level = round(10 * np.log10(side / mid), 1) if side > 0 and mid > 0 else "inf" if side else "-inf"
        remedy = "it is mono: set session.channels: 1, or pan its stems"
        return Check(
            "stereo.same",
            "warn" if same else "pass",
            level,
            "dB side to mid",
            f"> {self.same_db:g} (warns)",
            remedy=remedy,
        )

    def _refused(self, subject: Subject) -> Status:
        return "warn" if subject.stage == "reference" else self.failed()
