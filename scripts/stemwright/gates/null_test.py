"""Null test: the stems, added up, are the mix, and what is delivered is what was made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from stemwright.audio import AudioFile, aligned_blocks
from stemwright.base.decibels import decibels
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.measure.fit import MAX_LAG, Contribution, Fit, fit
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_FLOAT_STEP = 2.0**-24  # half a unit in the last place of a 32-bit float, relative to its value
_INTEGER_STEPS = {"PCM_16": 2.0**-15, "PCM_24": 2.0**-23, "FLOAT_24": 2.0**-23}
"""One step of each integer format (full scale 1)."""


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
    delivered through their faders. Two bounds, each plus a margin, and each the sum over all files:

    - of the peak: the largest errors. 1.5 steps of a PCM format (half by rounding, one by dither of 2
      steps peak to peak); 2^-24 of its peak for a float.
    - of the RMS: half a step of a PCM format (rounding with TPDF dither has the variance step²/4, whatever the
      signal: Lipshitz, Wannamaker and Vanderkooy, JAES 40(5), 1992). Dithers of different files have nothing to do
      with each other, so their powers add up; floats' errors may, so their amplitudes do, 2^-24 of each RMS.
      For 30 stems of PCM_16 that is 24 dB under the peak's.

    Where they do not hold, the stem at fault is sought: late or early, inverted, at another gain, or missing.

    Source: arithmetic, as above. Remedy: run snakemake again; what is named was changed by something else.
    """

    example = "{margin_db: 6}"

    stages = ("mix", "delivered", "archive")
    needs = "the stems"

    margin_db: Annotated[float, Field("Added to both rounding bounds.", "dB", ge=0, le=60)] = 3.0

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`null`: the format of the whole, and the gains and the format of each of its parts."""
        unity, subtype = [1.0] * song.document.session.channels, song.document.delivery.subtype
        parts = []
        for part in _parts(artifact):
            is_delivered = part.stage == "delivered"
            gains = song.gains(part.stem) if part.stem and not is_delivered else unity
            parts.append({"gains": gains, "subtype": subtype if is_delivered else "FLOAT"})
        return {
            "null": {"subtype": subtype if artifact.judged_as == "delivered" else "FLOAT", "parts": parts}
        }

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`stems`: the parts; `mix`: the whole, where the artifact itself is not."""
        whole = {"mix": artifact.upstream("mix")} if artifact.judged_as == "archive" else {}
        return {**whole, "stems": _parts(artifact)}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (whole,) = subject.inputs.get("mix", [subject.path])
        null, paths = subject.context["null"], subject.inputs["stems"]
        parts = [{**part, "path": path} for part, path in zip(null["parts"], paths, strict=True)]
        gains = [np.array(part["gains"]) for part in parts]
        peaks, squares, frames = np.zeros(len(parts) + 2), np.zeros(len(parts) + 2), 0
        try:
            for total, *stems in aligned_blocks([whole, *paths]):
                scaled = [stem * gain for stem, gain in zip(stems, gains, strict=True)]
                signals = [total - sum(scaled), total, *scaled]
                # Not Python's max, which would lose a NaN.
                peaks = np.maximum(peaks, [np.max(np.abs(x)) for x in signals])
                squares += [np.einsum("ij,ij->", x, x) for x in signals]
                frames += total.size
        except ValueError as error:
            return [
                self._unmeasured(str(error), "see frames: delete the one that is not as long as the song")
            ]
        if not math.isfinite(peaks[0]):
            return [self._unmeasured("a sample of the mix or of a stem is not finite", "see finite")]
        subtypes = [null["subtype"], *(part["subtype"] for part in parts)]
        steps = np.array([_INTEGER_STEPS.get(subtype, 0.0) for subtype in subtypes])
        rms = np.sqrt(squares / frames)
        bounds = {
            "null": (1.5 * steps + _FLOAT_STEP * peaks[1:]).sum(),
            "null.rms": np.linalg.norm(steps / 2) + _FLOAT_STEP * rms[1:].sum(),
        }
        found = {"null": (float(peaks[0]), "dBFS peak"), "null.rms": (float(rms[0]), "dBFS RMS")}
        held = {
            name: not left or decibels(left) <= decibels(bounds[name]) + self.margin_db
            for name, (left, _) in found.items()
        }
        reason, remedy = "", ""
        if not all(held.values()):
            is_clipped = subject.stage == "delivered" and steps[0] and peaks[2] > 1
            reason, remedy = (
                _clipped(float(peaks[2]), subtypes[0])
                if is_clipped
                else _diagnosis(whole, parts, subject.stage)
            )
        return [
            Check(
                name,
                "pass" if held[name] else self.failed(),
                round(decibels(left), 1) if left else "-inf",
                unit,
                f"<= {decibels(bounds[name]) + self.margin_db:.1f} "
                f"(rounding of {len(parts) + 1} files + {self.margin_db:g} dB)",
                "" if held[name] else reason,
                remedy,
            )
            for name, (left, unit) in found.items()
        ]

    def _unmeasured(self, reason: str, remedy: str) -> Check:
        return Check("null", self.failed(), None, "dBFS peak", reason=reason, remedy=remedy)


def _clipped(peak: float, subtype: str) -> tuple[str, str]:
    """What is wrong with a delivered file whose one part goes over full scale, and what to do."""
    over = decibels(peak)
    return (
        f"through its fader it peaks at {over:+.1f} dBFS, over what {subtype} holds, and is clipped",
        f"lower its gain_db by {over + 0.1:.1f}, or its effects' level; or deliver FLOAT",
    )


def _parts(artifact: Artifact) -> list[Artifact]:
    """What adds up to an artifact; for an archive, to its mix: delivered stems, or processed where they are not."""
    if artifact.judged_as == "delivered":
        return list(artifact.direct())
    if artifact.judged_as != "archive":
        return [part for part in artifact.direct() if part.stem]
    delivered = {origin.path: file for file in artifact.upstream("delivered") for origin in file.direct()}
    (mix,) = artifact.upstream("mix")
    return [delivered.get(part.path, part) for part in mix.direct()]


def _diagnosis(whole: str, parts: Sequence[Mapping], stage: str) -> tuple[str, str]:
    """Which files are at fault, and what to do: of a delivered file, it itself, not what it was made of."""
    itself = stage == "delivered"
    fits, left = fit(whole, [Contribution(part["path"], part["gains"]) for part in parts])
    with AudioFile(whole) as file:
        rate = file.rate
    names = [whole if itself else parts[fitted.index]["path"] for fitted in fits]
    said = [f"{name} is {_say(fitted, rate, itself)}" for name, fitted in zip(names, fits, strict=True)]
    if left > 0.01:
        said.append(
            f"{10 * math.log10(left) + 0.0:.1f} dB of the error is in no stem at any gain or at a delay of up to "
            f"{MAX_LAG / rate:.2g} s: a stem is another's sound, cut or clipped, or the mix holds something else"
        )
    delete = f"delete {' and '.join(names)}: the next run makes it again; or " if names else ""
    return "; ".join(said), delete + _REMEDY[stage]


def _say(fitted: Fit, rate: int, of_whole: bool) -> str:
    """In words: the part against the whole, or the whole against its one part."""
    if fitted.silent:
        return "not silent, but what it was made of is" if of_whole else "missing: there is nothing in it"
    gains = [gain for gain in fitted.gains if gain is not None]
    if all(abs(gain) < 0.03 for gain in gains):
        return "without what it was made of" if of_whole else "missing from the mix"
    sign, words = -1 if of_whole else 1, []
    if late := sign * fitted.late:
        words.append(
            f"{abs(late):,} samples ({1000 * abs(late) / rate:.2f} ms) {'late' if late > 0 else 'early'}"
        )
    if any(gain < 0 for gain in gains):
        words.append("inverted" if all(gain < 0 for gain in gains) else "inverted on one side")
    # What of a part is in the whole is its gain; the part itself is above it by as much less.
    over = [0.0 - sign * round(decibels(abs(gain)), 2) for gain in gains]
    if max(over) - min(over) >= 0.01:
        words.append(f"at {over[0]:+.2f} dB on the left and {over[-1]:+.2f} dB on the right")
    elif abs(over[0]) >= 0.01:
        words.append(f"{abs(over[0]):.2f} dB too {'loud' if over[0] > 0 else 'soft'}")
    return ", ".join(words) or "at another level"
