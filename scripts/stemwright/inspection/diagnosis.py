"""Which stem is at fault if the stems do not add up to the mix, and what was done to it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from stemwright.audio import reblock
from stemwright.inspection.comparison import Comparison, Correction, Sums
from stemwright.inspection.hypotheses import EXPLAINS, Difference, Hypothesis, best_hypothesis
from stemwright.measure.delay import find_delay
from stemwright.measure.fit import Contribution, fit

_MOST_FAULTS = 6
_HALVES = 0.7  # a gain or a lag that leaves so much may be one of several faults
_JOINT = 0.02  # what a fit of all stems at once may leave
_ABSENT = 0.6  # of a stem that lacks in the mix, no higher gain is found there
_LACKS = (
    0.2  # the least share of the difference that it explains: the difference contains its sound, inverted
)
_FILTERED = 0.6  # the least share that a filter explains
_FAR_S = 30.0
_MARGIN = 2.0**0.5  # 3 dB
_SHAPED = 10.0  # 20 dB: shaped dither is so much stronger than white
_STEADY = 30.0  # the greatest power of a segment of shaped dither over the median
_LOSSY_GAIN = 0.06
_LOSSY = 0.1  # the greatest part of a lossy stem's energy that its codec may change
_WINDOW_S, _CHUNK = 0.085, 24
_SILENT = 1e-9
_SIDE = 0.02  # the greatest share of the difference that is not in the side, if a stem lost its stereo
_ALL_SIDE = 1e-4  # likewise, if another fault would explain the difference, too

Rest = Literal["missing", "other take", "silent", "mono", "processed", "master chain"]


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong: faults that together explain the difference, or `rest`, for what no stem explains.

    Attributes
    ----------
    holds : str
        How the sum holds: `exact` to rounding, `noise` of shaped dither, `lossy` to a codec's noise, or "".
    faults : tuple of Hypothesis
        Faults of stems.
    rest : str
        `missing`: nothing in the stems explains it; `other take`: one stem is not in the mix, which has other sound;
        `silent`: one stem is silent; `mono`: one has lost the difference of its channels; `processed`: a filter is
        between one stem and the mix; `master chain`: a filter, perhaps with more, is between the sum and the mix.
    stem : int, optional
        The stem that `rest` is about.
    level_dbfs, span : float, (int, int)
        The RMS level of the difference where it is not zero, and its first and last frame.
    """

    holds: str = ""
    faults: tuple[Hypothesis, ...] = ()
    rest: Rest | Literal[""] = ""
    stem: int | None = None
    level_dbfs: float = -np.inf
    span: tuple[int, int] = (0, 0)


def diagnose(comparison: Comparison, sums: Sums) -> Diagnosis:
    """Find out why stems do not add up to a mix.

    Parameters
    ----------
    comparison : Comparison
        The mix and its stems.
    sums : Sums
        What `comparison.measure()` gives.

    Returns
    -------
    Diagnosis
        What was found. Takes a few more passes over the files, none if the sum is exact.
    """
    if holds := _holds(sums):
        return Diagnosis(holds)
    first = Difference(comparison, sums)
    level = 10 * np.log10(
        max(first.energy / (first.active.sum() * sums.segment * comparison.channels), 1e-30)
    )
    at = Diagnosis(level_dbfs=float(level), span=first.span)
    found, left = _one_after_another(comparison, first)
    if _is_codec_noise(comparison, sums, found):
        return replace(at, holds="lossy")
    mono = _without_stereo(comparison, first, _ALL_SIDE)
    if mono is not None and all(each.kind != "swapped" for each in found):
        return replace(at, rest="mono", stem=mono)  # steady tones elsewhere may explain that, too
    if found and (left <= _JOINT or found[-1].explains):
        return replace(at, faults=tuple(found))
    if _is_shaped_dither(sums):
        return replace(at, holds="noise")
    if joint := _jointly(comparison):
        return replace(at, faults=tuple(joint))
    if far := _far(first):
        return replace(at, faults=(far,))
    rest, stem = _rest(first)
    return replace(at, rest=rest, stem=stem)


def _holds(sums: Sums) -> str:
    is_exact = sums.peak <= _MARGIN * sums.rounding_peak and sums.power <= allowed_power(sums)
    return "exact" if is_exact or not sums.peak else ""


def allowed_power(sums: Sums) -> float:
    """The mean square that the formats account for, and 3 dB: half a step of offset a file if they were truncated."""
    return _MARGIN**2 * sums.rounding_power + min(sums.offset, sums.rounding_peak / 3) ** 2


def _is_shaped_dither(sums: Sums) -> bool:
    is_steady = sums.rr.max() <= _STEADY * max(np.median(sums.rr), 1e-30)
    return sums.power <= _SHAPED**2 * sums.rounding_power and is_steady


def _is_codec_noise(comparison: Comparison, sums: Sums, faults: Sequence[Hypothesis]) -> bool:
    """Whether lossy codecs changed that much: no fault is of another stem, or more than a codec does to a level."""
    lossy = [index for index, sound in enumerate(comparison.stems) if sound.is_lossy]
    if float(sums.rr.sum()) > _LOSSY * sums.energies[lossy].sum():
        return False
    return all(
        each.index in lossy
        and not each.late
        and each.matrix is not None
        and np.abs(each.matrix - np.eye(len(each.matrix))).max() < _LOSSY_GAIN
        for each in faults
    )


def _one_after_another(comparison: Comparison, difference: Difference) -> tuple[list[Hypothesis], float]:
    """(faults, the share of the energy that they leave): the best hypothesis is corrected, then the next is found."""
    found: list[Hypothesis] = []
    initial, now = difference.energy, comparison
    while len(found) < _MOST_FAULTS:
        best = best_hypothesis(difference)
        if best is None or any(best.index == each.index for each in found):
            break
        can_be_corrected = best.kind in ("gain", "matrix", "mixed", "lag") and best.late == round(best.late)
        if not best.explains and not (can_be_corrected and best.left <= _HALVES):
            break
        found.append(best)
        if not can_be_corrected or best.index == len(comparison.stems):
            return found, best.left * difference.energy / initial
        now = Comparison(
            now.whole, now.stems, now.corrections | {best.index: Correction(int(best.late), best.matrix)}
        )
        sums = now.measure()
        if _holds(sums):
            return _refined(now, found), 0.0
        following = Difference(now, sums)
        if following.energy > difference.energy:
            found.pop()
            break
        difference = following
    return _refined(now, found), difference.energy / initial


def _refined(comparison: Comparison, faults: list[Hypothesis]) -> list[Hypothesis]:
    """Several faults, each measured again once the others are corrected: the first was found beside them."""
    if len(faults) < 2:
        return faults
    refined = []
    for fault in faults:
        others = {index: each for index, each in comparison.corrections.items() if index != fault.index}
        alone = Comparison(comparison.whole, comparison.stems, others)
        late = fault.late
        if fault.kind == "lag":
            late = float(-alone.lags(alone.measure())[fault.index][0])
            alone = Comparison(alone.whole, alone.stems, others | {fault.index: Correction(int(late))})
        kind = "gain" if fault.kind == "lag" else fault.kind
        gains = Difference(alone, alone.measure()).constant(fault.index)
        same = [each.matrix for each in gains if each.kind == kind]
        refined.append(replace(fault, late=late, matrix=same[0]) if same else fault)
    return refined


def _jointly(comparison: Comparison) -> list[Hypothesis]:
    """Gains and lags of all stems fitted at once, as if all were exported before their faders; empty if that fails."""
    whole, stems = comparison.whole, comparison.stems
    if whole.channels != comparison.channels or len(stems) < 2:
        return []
    unity = np.ones((1, comparison.channels))
    parts = [Contribution(sound.path, lambda start, frames: unity) for sound in stems]
    fits, left = fit(whole.path, parts, lenient=True)
    if left > _JOINT:
        return []
    return [
        Hypothesis(
            each.index,
            "lag" if each.late else "matrix",
            left,
            np.diag([1.0 if gain is None else gain for gain in each.gains]),
            float(each.late),
        )
        for each in fits
        if not each.silent
    ]


def _far(difference: Difference) -> Hypothesis | None:
    """A stem that lies up to 30 s from where it should."""
    absent = _absent(difference)
    comparison = difference.comparison
    if absent is None:
        return None
    reach = min(_FAR_S, 0.5 * comparison.frames / comparison.rate)
    delay = find_delay(
        comparison.source(absent), comparison.target(absent), comparison.frames, comparison.rate, reach
    )
    if delay is None or abs(delay.correlation) < 0.97:
        return None
    near = round(-delay.seconds * comparison.rate)
    moved = Comparison(comparison.whole, comparison.stems, {absent: Correction(near)})
    lag, gain, left = moved.lags(moved.measure())[absent]
    late = float(near - lag) if left < EXPLAINS["lag"] or not lag else -delay.seconds * comparison.rate
    matrix = np.copysign(1.0, gain) * np.eye(comparison.channels)
    return Hypothesis(absent, "lag", 0.0, matrix, late)


def _absent(difference: Difference) -> int | None:
    """The stem whose sound the difference contains most of, inverted: the mix does not have it."""
    found = []
    for index in range(len(difference.comparison.stems)):
        for each in difference.constant(index):
            if each.kind == "gain" and each.matrix is not None and each.matrix[0, 0] < _ABSENT:
                found.append((each.left, index))
    left, index = min(found, default=(1.0, 0))
    return index if left <= 1 - _LACKS else None


def _rest(difference: Difference) -> tuple[Rest, int | None]:
    comparison = difference.comparison
    shares = [filtered(comparison, index) for index in range(len(comparison.stems) + 1)]
    best = int(np.argmax(shares))
    is_filtered = shares[best] >= _FILTERED
    if is_filtered and best == len(comparison.stems):
        return "master chain", None
    if (absent := _absent(difference)) is not None:
        return "other take", absent
    if silent := silent_stems(comparison, difference.sums):
        return "silent", silent[0]
    if (mono := _without_stereo(comparison, difference, _SIDE)) is not None:
        return "mono", mono
    return ("processed", best) if is_filtered else ("missing", None)


def _without_stereo(comparison: Comparison, difference: Difference, most: float) -> int | None:
    """A stem that is mono, if no more than a share `most` of the difference is in the middle; None for none.

    Parameters
    ----------
    comparison : Comparison
        The mix and its stems.
    difference : Difference
        What they leave.
    most : float
        The greatest share of its energy that both channels may have alike.

    Returns
    -------
    int or None
    """
    mono = [index for index, sound in enumerate(comparison.stems) if sound.channels < comparison.channels]
    return mono[0] if mono and difference.sums.mid <= most * difference.sums.rr.sum() else None


def filtered(comparison: Comparison, index: int) -> float:
    """The share of the difference's energy that a filter on a stem (or on the sum of all) explains, 0 to 1.

    By the coherence of the two in windows of 85 ms (Bendat and Piersol, Random Data, chapter 5), of which 24 at a time
    have one filter: dynamics move it. Of a stem that is missing, it was 0.25 at most; of a bus with filter and
    compressor, 0.79 at least.
    """
    size = 1 << round(math.log2(_WINDOW_S * comparison.rate))
    window = np.hanning(size)[:, np.newaxis]
    explained = total = 0.0
    channels = comparison.channels

    def pairs() -> Iterator[np.ndarray]:
        for whole, stems in comparison.blocks():
            every = stems.sum(axis=0)
            yield np.hstack((whole - every, stems[index] if index < len(stems) else every))

    for chunk in reblock(pairs(), size * _CHUNK):
        parts = chunk[: len(chunk) // size * size].reshape(-1, size, 2 * channels)
        if len(parts) < _CHUNK // 2:
            break
        spectra = np.fft.rfft(parts * window, axis=1)
        r, x = spectra[..., :channels], spectra[..., channels:]
        cross, power = np.abs((r * x.conj()).sum(axis=0)) ** 2, (np.abs(x) ** 2).sum(axis=0)
        explained += float(np.sum(cross / np.maximum(power, 1e-12 * max(float(power.max()), 1e-30))))
        total += float((np.abs(r) ** 2).sum())
    return explained / total if total else 0.0


def silent_stems(comparison: Comparison, sums: Sums) -> list[int]:
    """The stems whose RMS level is under -90 dBFS, such as dither alone."""
    least = _SILENT * comparison.frames * comparison.channels
    return [index for index, energy in enumerate(sums.energies) if energy < least]
