"""Null test: the stems sum to the mix, and a delivered file equals what it was made from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from stemwright.audio import AudioFile, aligned_blocks, at_gains
from stemwright.base.decibels import decibels
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.gates._converted import is_converted
from stemwright.measure.fit import MAX_LAG, Contribution, Fit, fit
from stemwright.mixing.faders import Faders, read_levels
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_FLOAT_STEP = 2.0**-24  # half a unit in the last place of a 32-bit float, relative to its value
_INTEGER_STEPS = {"PCM_16": 2.0**-15, "PCM_24": 2.0**-23, "PCM_32": 2.0**-31, "FLOAT_24": 2.0**-23}
"""The quantisation step of each integer format (full scale 1)."""

_REMEDY = {
    "bus": "another program changed a processed stem or the bus: run snakemake again",
    "mix": "another program changed a processed stem or the mix: run snakemake again",
    "delivered": "if it exceeds full scale, lower it or deliver FLOAT; otherwise another program changed it: run again",
    "archive": "another program changed a delivered stem or the mix: run snakemake audit, then snakemake again",
}


@dataclass(frozen=True)
class NullTest(Gate):
    """The mix minus its stems is not more than the rounding errors of their formats.

    The mix is compared with the sum of the processed stems through their faders and pans; a delivered file with what
    it was made from; for the archive, the mix with the sum of the delivered stems at unity gain and of the others
    through their faders. Peak and RMS of the difference have a bound each, the sum over all files plus a margin:

    - Peak: 1.5 steps of a PCM format (half a step of rounding, one of dither of 2 steps peak to peak); 2^-24 of its
      peak for a float file.
    - RMS: half a step of a PCM format (rounding with TPDF dither has the variance step²/4 for any signal: Lipshitz,
      Wannamaker and Vanderkooy, JAES 40(5), 1992). Dithers of different files are uncorrelated, so their powers are
      added; errors of floats may be correlated, so their amplitudes are added, 2^-24 of each RMS. For 30 stems of
      PCM_16, this bound is 24 dB below that of the peak.
    - A part that was printed through effects has the rounding of a float once more for each of them.

    If a bound does not hold, the gate finds the stem at fault: late or early, inverted, at another gain, or missing.

    Source: arithmetic, as above. Remedy: run snakemake again; another program changed the file that is named.
    """

    example = "{margin_db: 6}"

    stages: ClassVar[tuple[str, ...]] = ("bus", "mix", "delivered", "archive")
    needs = "the stems"

    margin_db: Annotated[float, Field("Added to both rounding bounds.", "dB", ge=0, le=60)] = 3.0

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Not to an archive without stems, nor to the mix of a version, whose parts are of the song.

        Files in another format, or that are lossy, are judged by `conversion`, each of them.
        """
        if artifact.judged_as == "archive":
            stems = [file for file in artifact.made_of("files") if file.stem]
            return bool(stems) and not any(map(is_converted, stems))
        if is_converted(artifact):
            return False
        is_of_version = bool(artifact.version) and artifact.judged_as != "delivered"
        return super().applies(song, artifact) and not is_of_version

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`null`: the format of the whole, and the gains and the format of each part."""
        feeds = song.routing.feeds(*([artifact.name] if artifact.judged_as == "bus" else []))
        parts = [
            {
                "faders": feeds[part.stem].to_dict() if part.stage == "processed" else {},
                "subtype": part.sample_format,
                "passes": passes(song, part),
            }
            for part in _parts(song, artifact)
        ]
        return {"null": {"subtype": _whole(song, artifact).sample_format, "parts": parts}}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`parts`: what it is the sum of; `whole`: the sum, if it is not the artifact itself."""
        whole = {"whole": [_whole(song, artifact)]} if artifact.judged_as == "archive" else {}
        parts = _parts(song, artifact)
        faded = {part.stem for part in parts if part.stage == "processed"}
        levels = [entry for entry in artifact.upstream("level") if entry.stem in faded]
        return {**whole, "parts": parts, **({"levels": levels} if levels else {})}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (whole,) = subject.inputs.get("whole", [subject.path])
        null, paths = subject.context["null"], subject.inputs["parts"]
        with AudioFile(whole) as file:
            channels = file.channels
        levels = read_levels(subject.inputs.get("levels", ()))
        parts = [
            Contribution(path, Faders.from_dict(part["faders"], channels, levels).gains)
            for part, path in zip(null["parts"], paths, strict=True)
        ]
        at = worst = 0
        peaks, squares, frames = np.zeros(len(parts) + 2), np.zeros(len(parts) + 2), 0
        try:
            for total, *stems in aligned_blocks([whole, *paths]):
                heard = [
                    at_gains(stem, part.gains(at, len(total)))
                    for stem, part in zip(stems, parts, strict=True)
                ]
                signals = [total - sum(heard), total, *heard]
                # NumPy's maximum, since that of Python may drop a NaN.
                before, peaks = peaks, np.maximum(peaks, [np.maximum(x.max(), -x.min()) for x in signals])
                if peaks[0] > before[0]:
                    worst = at + int(np.abs(signals[0]).max(axis=1).argmax())
                at += len(total)
                squares += [np.vdot(x, x) for x in signals]
                frames += total.size
        except ValueError as error:
            return [
                self._unmeasured(
                    str(error), "see frames: delete the file that does not have the length of the song"
                )
            ]
        if not math.isfinite(peaks[0]):
            return [self._unmeasured("a sample of the mix or of a stem is not finite", "see finite")]
        subtypes = [null["subtype"], *(part["subtype"] for part in null["parts"])]
        steps = np.array([_INTEGER_STEPS.get(subtype, 0.0) for subtype in subtypes])
        rms = np.sqrt(squares / frames)
        float_steps = _FLOAT_STEP * np.array([1, *(1 + part.get("passes", 0) for part in null["parts"])])
        bounds = {
            "null": (1.5 * steps + float_steps * peaks[1:]).sum(),
            "null.rms": np.linalg.norm(steps / 2) + (float_steps * rms[1:]).sum(),
        }
        found = {"null": (float(peaks[0]), "dBFS peak"), "null.rms": (float(rms[0]), "dBFS RMS")}
        holds = {
            name: not residual or decibels(residual) <= decibels(bounds[name]) + self.margin_db
            for name, (residual, _) in found.items()
        }
        reason, remedy = "", ""
        if not all(holds.values()):
            is_clipped = subject.stage == "delivered" and steps[0] and peaks[2] > 1
            reason, remedy = (
                _describe_clipping(float(peaks[2]), subtypes[0])
                if is_clipped
                else _diagnose(whole, parts, subject.stage)
            )
        return [
            Check(
                name,
                "pass" if holds[name] else self.failed(),
                round(decibels(residual), 1) if residual else "-inf",
                unit,
                f"<= {decibels(bounds[name]) + self.margin_db:.1f} "
                f"(rounding of {len(parts) + 1} files + {self.margin_db:g} dB)",
                "" if holds[name] else reason,
                remedy,
                [(worst, 1)],
            )
            for name, (residual, unit) in found.items()
        ]

    def _unmeasured(self, reason: str, remedy: str) -> Check:
        return Check("null", self.failed(), None, "dBFS peak", reason=reason, remedy=remedy)


def _describe_clipping(peak: float, subtype: str) -> tuple[str, str]:
    """(reason, remedy) for a delivered file whose part exceeds full scale."""
    over = decibels(peak)
    return (
        f"after its fader it peaks at {over:+.1f} dBFS, above the full scale of {subtype}, and is clipped",
        f"lower its gain_db or the level of its effects by {over + 0.1:.1f} dB, or deliver FLOAT",
    )


def passes(song: LoadedSong, part: Artifact) -> int:
    """How many effects a part was printed through, each with rounding errors of its own."""
    origin = part.made_of("audio")[0] if part.judged_as == "delivered" else part
    if origin.stage != "printed":
        return 0
    chains = song.printed_through(part.stem)
    return sum(len(chain.effects) for chain in chains.values()) + ("master" in chains)  # with its limiter


def _whole(song: LoadedSong, artifact: Artifact) -> Artifact:
    """What its parts sum to: itself; of an archive, the mix, or the master if the stems go through it."""
    if artifact.judged_as != "archive":
        return artifact
    (whole,) = artifact.upstream(song.document.delivery.stems.through)
    return whole


def _parts(song: LoadedSong, artifact: Artifact) -> list[Artifact]:
    """What sums to an artifact. Of an archive: its stems, and what stands for those that are not in it."""
    if artifact.judged_as == "delivered":
        return artifact.made_of("audio")
    if artifact.judged_as != "archive":
        return artifact.made_of("parts")
    found: dict[str, Artifact] = {}
    for stage in ("processed", "printed", "delivered"):
        found |= {entry.stem: entry for entry in artifact.upstream(stage) if entry.stem}
    return [found[name] for name in song.routing.parts]


def _diagnose(whole: str, parts: Sequence[Contribution], stage: str) -> tuple[str, str]:
    """(reason, remedy) with the files at fault. For a delivered file, that is the file itself, not its part."""
    itself = stage == "delivered"
    fits, left = fit(whole, parts)
    with AudioFile(whole) as file:
        rate = file.rate
    names = [whole if itself else parts[fitted.index].path for fitted in fits]
    reasons = [
        f"{name} is {_describe(fitted, rate, itself)}" for name, fitted in zip(names, fits, strict=True)
    ]
    if left > 0.01:
        reasons.append(
            f"{10 * math.log10(left) + 0.0:.1f} dB of the error is of no stem at any gain and any delay up to "
            f"{MAX_LAG / rate:.2g} s: a stem has other sound, is cut or clipped, or the mix contains something else"
        )
    delete = f"delete {' and '.join(names)}: the next run makes it again; or " if names else ""
    return "; ".join(reasons), delete + _REMEDY[stage]


def _describe(fitted: Fit, rate: int, of_whole: bool) -> str:
    """Describe the error of a part relative to the whole; with `of_whole`, of the whole relative to its one part."""
    if fitted.silent:
        return "not silent, but the file it was made from is" if of_whole else "missing: it is silent"
    gains = [gain for gain in fitted.gains if gain is not None]
    if all(abs(gain) < 0.03 for gain in gains):
        return "without the file it was made from" if of_whole else "missing from the mix"
    sign, words = -1 if of_whole else 1, []
    if late := sign * fitted.late:
        words.append(
            f"{abs(late):,} samples ({1000 * abs(late) / rate:.2f} ms) {'late' if late > 0 else 'early'}"
        )
    if any(gain < 0 for gain in gains):
        words.append("inverted" if all(gain < 0 for gain in gains) else "inverted in one channel")
    # The gain says how much of the part is in the whole; the error of the part itself is the inverse.
    over = [0.0 - sign * round(decibels(abs(gain)), 2) for gain in gains]
    if max(over) - min(over) >= 0.01:
        words.append(f"at {over[0]:+.2f} dB on the left and {over[-1]:+.2f} dB on the right")
    elif abs(over[0]) >= 0.01:
        words.append(f"{abs(over[0]):.2f} dB too {'loud' if over[0] > 0 else 'quiet'}")
    return ", ".join(words) or "at another level"
