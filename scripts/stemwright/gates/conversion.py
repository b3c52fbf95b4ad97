"""Conversion: a delivered file in another format than the build's is what it was made from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from stemwright.audio import BLOCK, AudioFile, Stream, reblock
from stemwright.base.decibels import amplitude, decibels
from stemwright.delivery.encoding import Sound, converted
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.gates._converted import is_converted, is_lossy
from stemwright.mixing.faders import Faders, read_levels
from stemwright.mixing.sums import mix
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_REACH = 4_096  # frames: encoders and decoders are late by 300 to 2,700
_TONAL = 1e-3  # the correlation of a low tone is hardly less a few frames away
_SILENT_DBFS = -80.0  # what codecs may make of silence
_TOO_QUIET_DBFS = -70.0  # RMS under which a codec may leave everything out
_SLACK_DB = 0.5  # by which a codec may change the level
_LOSSLESS_ERROR_DB = -100.0  # of two runs of the same resampler, float rounding included
_STEPS = {"PCM_16": 2.0**-15, "PCM_24": 2.0**-23, "FLOAT_24": 2.0**-23}
_REMEDY = "another program changed this file: delete it; the next run makes it again"
_CODEC_REMEDY = (
    "a codec leaves out noise and high sounds where it has too few bits: choose a higher bit rate or quality, or, if "
    "it sounds right, a lower min_correlation. If another program changed it, delete it"
)
_INTEGER_REMEDY = (
    "if a new sample rate lifts its peaks over full scale, they are cut off: lower its level, or choose FLOAT. If "
    "another program changed it, delete it"
)


@dataclass(frozen=True)
class Conversion(Gate):
    """A delivered file that is lossy, at another sample rate or in other channels is what it was made from.

    What it was made from is converted again, without the codec, and compared with the decoded file:

    - Likeness: the correlation of both. Another sound has about 0. Without a codec, the difference is not more than the
      rounding of the format.
    - Gain: the level at which it is in the file. A master may be turned down to keep its true peak under the ceiling
      after the codec: this check says by how much. Anything else has its level, but for what a codec leaves out.
    - Delay: the delays of encoder and decoder are taken off, to the frame.

    Source: our own. Of real stems and recordings, at 64 to 320 kbit/s in all codecs, the correlation was at least 0.8,
    and the level within 0.1 dB. Remedy: delete the file; the next run makes it again.
    """

    example = "{min_correlation: 0.8}"

    stages = ("delivered",)
    needs = "what the file was made from"

    min_correlation: Annotated[
        float, Field("The correlation that a decoded lossy file must have.", ge=0, le=1)
    ] = 0.5
    max_lowered_db: Annotated[float, Field("How far a master may be turned down.", "dB", ge=0, le=24)] = 6.0

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Where the null test does not."""
        return super().applies(song, artifact) and is_converted(artifact)

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`conversion`: the faders before it, the format before it, its channels, and what may differ."""
        (origin,) = artifact.made_of("audio")
        faders = song.routing.feeds("mix")[artifact.stem].to_dict() if origin.stage == "processed" else {}
        before = {key: origin.format[key] for key in ("sample_rate", "channels", "frames")}
        return {
            "conversion": {
                "faders": faders,
                "before": before,
                "channels": artifact.format.get("side") or artifact.format["channels"],
                "is_lossy": is_lossy(artifact),
                "step": _STEPS.get(artifact.sample_format, 0.0),
                "may_be_lowered": artifact.role == "master",
                **({"is_loop": True} if song.cut and song.cut.is_loop else {}),
            }
        }

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`parts`: what it is made of; `levels`: those that its faders found."""
        return {
            "parts": artifact.inputs["audio"],
            **({"levels": artifact.inputs["levels"]} if "levels" in artifact.inputs else {}),
        }

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        context = subject.context["conversion"]
        expected = _expected(subject)
        with AudioFile(subject.path) as file:
            if (file.rate, file.channels, file.frames) != (
                expected.rate,
                expected.channels,
                expected.frames,
            ):
                why = "it has not the format that is planned: see format and frames"
                return [Check("conversion", self.failed(), reason=why, remedy=_REMEDY)]
            power, product, its_power, late = _compared(expected.blocks(), file.blocks())
        size = expected.frames * expected.channels
        before, after = (decibels(math.sqrt(each / size)) for each in (power, its_power))
        if not math.isfinite(power + its_power):
            return [self.not_finite("conversion")]
        if not power or (context["is_lossy"] and before < _TOO_QUIET_DBFS):
            limit = max(_SILENT_DBFS, before + 6) if power else _SILENT_DBFS
            status = "pass" if after <= limit else self.failed()
            why = "what it was made from is silent, or too quiet to be compared through a codec"
            return [Check("conversion", status, round(after, 1), "dBFS RMS", f"<= {limit:.0f}", why, _REMEDY)]
        gain = product / power
        error = math.sqrt(max(its_power - product * gain, 0.0) / size)
        correlation = product / math.sqrt(power * its_power) if its_power else 0.0
        checks = [
            self._likeness(context, correlation, error, before),
            self._gain(context, gain, correlation, before, size),
        ]
        return [*checks, self._delay(late)] if context["is_lossy"] else checks

    def _likeness(self, context: Mapping, correlation: float, error: float, before: float) -> Check:
        if context["is_lossy"]:
            holds = correlation >= self.min_correlation
            found, unit, limit = round(correlation, 4), "", f">= {self.min_correlation:g}"
        else:
            bound = 2 * context["step"] + amplitude(before + _LOSSLESS_ERROR_DB)
            holds = error <= bound
            found, unit, limit = round(decibels(error), 1), "dBFS RMS", f"<= {decibels(bound):.1f}"
        status = "pass" if holds else self.failed()
        return Check("conversion.likeness", status, found, unit, limit, remedy=_remedy(context))

    def _gain(self, context: Mapping, gain: float, correlation: float, before: float, size: int) -> Check:
        """The level nearest to that before of those that explain what was found: a codec adds noise, or leaves out.

        Rounding and dither alone move the level that is found of very quiet sounds: four times their deviation is
        allowed.
        """
        lowest = -self.max_lowered_db if context["may_be_lowered"] else 0.0
        moved = 4 * context["step"] / (amplitude(before) * math.sqrt(size))
        slack = _SLACK_DB if context["is_lossy"] else round(0.01 + decibels(1 + moved), 3)
        found = -math.inf
        if correlation > 0:
            added = decibels(gain)  # what is expected, and noise: least squares
            left_out = added - 2 * decibels(correlation)  # what is expected, without a part of it
            found = round(min(max(0.0, added), left_out), 2) + 0.0
        status = "pass" if lowest - slack <= found <= slack else self.failed()
        limit = f"{lowest:g} to 0 ±{slack:g}"
        return Check("conversion.gain", status, found, "dB", limit, remedy=_remedy(context))

    def _delay(self, late: int) -> Check:
        status = "pass" if abs(late) <= 1 else self.failed()
        return Check("conversion.delay", status, late, "frames", "= 0 ±1", remedy=_REMEDY)


def _remedy(context: Mapping) -> str:
    if context["is_lossy"]:
        return _CODEC_REMEDY
    return _INTEGER_REMEDY if context["step"] else _REMEDY


def _expected(subject: Subject) -> Sound:
    """What the file was made from, in its format but for the codec."""
    context = subject.context["conversion"]
    rate, channels, frames = (context["before"][key] for key in ("sample_rate", "channels", "frames"))
    faders = Faders.from_dict(context["faders"], channels, read_levels(subject.inputs.get("levels", ())))
    parts, is_loop = subject.inputs["parts"], context.get("is_loop", False)
    sound = Sound(lambda: mix(parts, [faders]), rate, channels, frames, is_loop)
    return converted(sound, subject.format["sample_rate"], context["channels"])


def _compared(expected: Stream, found: Stream) -> tuple[float, float, float, int]:
    """Compare two streams of equal length.

    Parameters
    ----------
    expected, found : Stream
        The streams.

    Returns
    -------
    power, product, its_power : float
        The power of what is expected, its product with what is found, and the power of that, summed over all samples.
    late : int
        By how many frames what is found is late, within _REACH, where their correlation is highest.
    """
    sums, cross = np.zeros(3), np.zeros(BLOCK + 1, complex)
    for a, b in zip(reblock(expected), reblock(found), strict=True):
        sums += [np.vdot(a, a), np.vdot(a, b), np.vdot(b, b)]
        spectra = (np.fft.rfft(block, 2 * BLOCK, axis=0) for block in (a, b))
        cross += (next(spectra).conj() * next(spectra)).sum(axis=1)
    products = np.roll(np.fft.irfft(cross), _REACH)[: 2 * _REACH + 1]
    at_start, highest = products[_REACH], products.max()
    late = int(products.argmax()) - _REACH if highest - at_start > _TONAL * abs(highest) else 0
    power, product, its_power = map(float, sums)
    return power, product, its_power, late
