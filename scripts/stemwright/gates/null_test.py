"""Null test: the stems, added up, are the mix, and what is delivered is what was made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import sample_aligned
from stemwright.gates._base import Check, Gate, Subject
from stemwright.levels import decibels
from stemwright.measure import Meter
from stemwright.spec.keys import Key

_FLOAT_STEP = 2.0**-24  # half a unit in the last place of a 32-bit float, relative to its value
_INTEGER_STEPS = {"PCM_16": 1.5 * 2.0**-15, "PCM_24": 1.5 * 2.0**-23, "FLOAT_24": 1.5 * 2.0**-23}
"""The largest error of a sample: half a step of rounding and one of dither (full scale 1)."""


_REMEDY = {
    "mix": "a processed stem or the mix was changed by something else: run snakemake again",
    "delivered": "if it goes over full scale, lower it or deliver FLOAT; else something else changed it: run again",
    "archive": "a delivered stem or the mix was changed by something else: run snakemake audit, then again",
}


@dataclass(frozen=True)
class NullTest(Gate):
    """Mix minus stems is nothing but the rounding of their formats.

    The mix is held against the processed stems through their faders and pans; a delivered file against what
    it was made of; for the archive, the mix against the stems as delivered, at unity, with those that are not
    delivered through their faders. The bound is the sum of the largest rounding errors of all files, plus a margin.
    """

    kinds = ("mix", "delivered", "archive")
    needs = "the stems"

    margin_db: Annotated[float, Key("Added to the rounding bound.", "dB", ge=0, le=60)] = 3.0

    def judge(self, subject: Subject, meters: Sequence[Meter]) -> list[Check]:
        facts = subject.facts["null"]
        parts = facts["parts"]
        gains = [np.array(part["gains"]) for part in parts]
        residual, peaks = 0.0, np.zeros(len(parts) + 1)
        try:
            for whole, *stems in sample_aligned([facts["path"], *(part["path"] for part in parts)]):
                scaled = [stem * gain for stem, gain in zip(stems, gains, strict=True)]
                # Not Python's max, which would lose a NaN.
                residual = float(np.maximum(residual, np.max(np.abs(whole - sum(scaled)))))
                peaks = np.maximum(peaks, [np.max(np.abs(x)) for x in (whole, *scaled)])
        except ValueError as error:
            return [
                self._unmeasured(str(error), "see frames: delete the one that is not as long as the song")
            ]
        if not math.isfinite(residual):
            return [self._unmeasured("a sample of the mix or of a stem is not finite", "see finite")]
        bound = sum(
            _INTEGER_STEPS.get(subtype, 0.0) + _FLOAT_STEP * peak
            for subtype, peak in zip(
                [facts["subtype"], *(part["subtype"] for part in parts)], peaks, strict=True
            )
        )
        limit = decibels(bound) + self.margin_db
        return [
            Check(
                "null",
                "pass" if residual == 0 or decibels(residual) <= limit else self.failed(),
                round(decibels(residual), 1) if residual else "-inf",
                "dBFS peak",
                f"<= {limit:.1f} (rounding of {len(parts) + 1} files + {self.margin_db:g} dB)",
                remedy=_REMEDY[subject.kind],
            )
        ]

    def _unmeasured(self, reason: str, remedy: str) -> Check:
        return Check("null", self.failed(), None, "dBFS peak", reason=reason, remedy=remedy)
