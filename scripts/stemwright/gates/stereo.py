"""Stereo: the channels do not cancel each other."""

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
    """The channels do not cancel each other: limits of the correlation of left and right, in blocks of 400 ms.

    Only blocks above a level count. The mean correlation is not below 0 (warns: under 0, mono is quieter than either
    channel). At most 10 % of the blocks are under -0.5 (refuses a mix or master; for a stem or a reference, which may
    be as wide as it likes, it warns). The correlation over all blocks is not under -0.95: then one channel is the
    other inverted, and both vanish in mono. The gate also warns if both channels of a mix or master are the same: it is
    mono in a stereo file (a stem may be: a mono source in the centre is). For a reference, all failures only warn.

    Source: the correlation meter (IEC 60268-18), from +1 to -1, and mastering practice. Remedy: narrow the stem that is
    out of phase, or invert one channel of it.
    """

    example = "{low_percent: 20}"

    stages = ("reference", "stem", "processed", "mix", "master")

    floor_dbfs: Annotated[
        float, Field("Only blocks with an RMS level above this are judged.", "dBFS", ge=-120, le=0)
    ] = -60.0
    mean: Annotated[float, Field("The gate warns if the mean correlation is under this.", ge=-1, le=1)] = 0.0
    low: Annotated[
        float, Field("A block whose correlation is under this is out of phase.", ge=-1, le=1)
    ] = -0.5
    low_percent: Annotated[
        float, Field("The greatest share of blocks that may be out of phase.", "%", ge=0, le=100)
    ] = 10.0
    inverted: Annotated[
        float, Field("A channel is inverted if the correlation of all blocks is under this.", ge=-1, le=1)
    ] = -0.95
    same_db: Annotated[
        float,
        Field(
            "The channels are the same if their difference is below this, relative to their sum.",
            "dB",
            ge=-120,
            le=0,
        ),
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
        loud = meter.blocks[power > 10 ** (self.floor_dbfs / 10)]
        if not len(loud):
            why = f"no block of 400 ms is above {self.floor_dbfs:g} dBFS"
            return [Check("stereo", "skip", reason=why)]
        each, overall = correlation(loud), float(correlation(loud.sum(axis=0)))
        mean, percent = float(each.mean()), 100 * float(np.mean(each < self.low))
        refused = self._refused(subject)
        checks = [
            Check(
                "stereo.correlation",
                "warn" if mean < self.mean else "pass",
                round(mean, 3),
                limit=f">= {self.mean:g} (warns)",
                remedy="narrow the widest stem: its effects, or a recording with two distant microphones",
            ),
            Check(
                "stereo.out_of_phase",
                "pass" if percent <= self.low_percent else refused if subject.stage in _FINISHED else "warn",
                round(percent, 1),
                "% of blocks",
                f"<= {self.low_percent:g} under {self.low:g}",
                remedy="find the stem that is out of phase (listen in mono) and narrow it, or invert one channel of it",
            ),
            Check(
                "stereo.inverted",
                refused if overall < self.inverted else "pass",
                round(overall, 3),
                limit=f">= {self.inverted:g}",
                remedy="one channel is the other inverted: invert a channel of its source (a cable, a plug-in)",
            ),
        ]
        return [*checks, self._false_stereo(loud.sum(axis=0))] if subject.stage in _FINISHED else checks

    def _false_stereo(self, sums: np.ndarray) -> Check:
        left, right, both = sums
        side, mid = max(left + right - 2 * both, 0.0), left + right + 2 * both
        # Not as a ratio: inverted channels have a sum of zero.
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
