"""Time-stretching by a map of time, and change of pitch, by Rubber Band (its engine R3, in pedalboard)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np

from stemwright.audio.formants import with_moved_formants
from stemwright.audio.stream import resample

MIN_RATIO, MAX_RATIO = 0.25, 4.0
"""The range of the ratio of a length after stretching to the length before."""

_LOWEST_RATE = 40_000  # Hz; below, the windows of R3 are too short for its steps
_PIECE = 1024  # frames: pedalboard takes a new factor no sooner
_STEP = 256  # frames, R3's usual step
_PART_S, _FADE_S = 30.0, 0.02  # the longest part that is stretched at once, and the crossfade of two
_NUDGE = 1e-9  # of a ratio, so that R3 rounds it to the same whole steps on any machine


def stretched(
    samples: np.ndarray,
    rate: int,
    marks: Sequence[tuple[float, float]],
    semitones: float = 0.0,
    formants: bool = False,
) -> np.ndarray:
    """Stretch audio so that given frames come to lie on given frames, and change its pitch.

    Between two marks the ratio is constant; all channels are stretched alike. For a change of pitch, the audio is
    stretched by the ratio of the pitches, too, and then played so much faster, by resampling.

    Parameters
    ----------
    samples : numpy.ndarray
        The audio, of shape (frames, channels).
    rate : int
        Its sample rate in Hz.
    marks : sequence of tuple of (float, float)
        (frame before, frame after), both ascending, from (0, 0) to (number of frames, new number of frames).
    semitones : float
        Change of pitch, -24 to 24.
    formants : bool
        Whether the spectral envelope stays where it is when the pitch changes.

    Returns
    -------
    numpy.ndarray
        The audio, of shape (new number of frames, channels).
    """
    frames, channels = samples.shape
    finer = -(-_LOWEST_RATE // rate)
    played_at = round(rate * finer * 2 ** (semitones / 12))  # within 0.1 cents
    if formants and semitones:
        samples = with_moved_formants(samples, rate, played_at / (rate * finer))
    fine = np.concatenate([*resample([samples], frames, channels, rate, rate * finer)])
    source, goal = (np.array(places, dtype=float) for places in zip(*marks, strict=True))
    longer = _in_parts(fine, rate * finer, source * finer, goal * (played_at / rate))
    result = np.concatenate([*resample([longer], len(longer), channels, played_at, rate)])
    return result[: round(goal[-1])]


def _in_parts(samples: np.ndarray, rate: int, source: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Stretch audio of 40 kHz or more so that frames `source` come to lie on frames `goal`.

    Pedalboard's time grows with the square of the length, so parts are stretched that meet where it is quiet.
    """
    fade, total = round(_FADE_S * rate), len(samples)
    result = np.zeros((round(goal[-1]), samples.shape[1]))
    for begin, end in pairwise([0, *_quiet_places(samples, rate, fade), total]):
        first, last = max(0, begin - 4 * fade), min(total, end + 4 * fade)
        inner = source[(source > first) & (source < last)]
        places = np.concatenate([[first], inner, [last]])
        goals = np.interp(places, source, goal)
        at = max(0, round(goals[0]))
        part = _follow(samples[first:last], rate, places - first, goals - at)[: len(result) - at]
        frames = np.arange(at, at + len(part))
        before, after = np.interp([begin, end], source, goal)
        weight = np.ones(len(part))
        if begin > 0:
            weight *= np.clip((frames - before) / fade + 0.5, 0, 1)
        if end < total:
            weight *= np.clip((after - frames) / fade + 0.5, 0, 1)
        result[at : at + len(part)] += part * weight[:, None]
    return result


def _quiet_places(samples: np.ndarray, rate: int, fade: int) -> list[int]:
    """Where parts meet: where least sounds in the last third of each longest part."""
    places, longest = [0], round(_PART_S * rate)
    while len(samples) - places[-1] > longest:
        start = places[-1] + longest * 2 // 3
        energy = np.cumsum(np.sum(samples[start : places[-1] + longest] ** 2, axis=1))
        places.append(start + fade // 2 + int(np.argmin(energy[fade:] - energy[:-fade])))
    return places[1:]


def _follow(samples: np.ndarray, rate: int, source: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Stretch audio of 40 kHz or more so that frames `source` come to lie on frames `goal`; a frame more at the end.

    R3 takes steps of whole frames, before and after stretching, which depend on the ratio. With most ratios, their
    rounding makes it drift by up to 0.2 %; so it is given only ratios that are quotients of such steps. The steps are
    added up, and each piece has the ratio that brings its end where it belongs: no error is carried on. Each step
    begins when its window is complete, so the ratio is set that much later.
    """
    from pedalboard import time_stretch

    window, held = _windows(rate)
    silence = 2 * held + _PIECE  # before and after
    before = np.concatenate([[0], silence + source, [2 * silence + source[-1]]])
    after = np.concatenate([[0], silence + goal, [2 * silence + goal[-1]]])
    delay = held - window // 2  # from the middle of a window to the frame that completes it
    cuts = _cuts(before, delay)
    inward, outward, ratios = _exact_ratios(rate)
    factors = np.empty(cuts[-1])
    at = to = 0  # the start of the next window, before and after
    for begin, end in pairwise(cuts):
        factors[begin:end] = 1
        if end >= at + held:
            reach = (
                end - delay + _STEP // 2
            )  # about where the next window but those of this piece has its middle
            wanted = np.interp(reach, before, after) - (to + window // 2)
            choice = np.argmin(np.abs(ratios - wanted / (reach - (at + window // 2))))
            windows = (end - held - at) // inward[choice] + 1
            at, to = at + windows * inward[choice], to + windows * outward[choice]
            factors[begin:end] = (1 + _NUDGE) / ratios[choice]
    padded = np.zeros((samples.shape[1], cuts[-1]), dtype=np.float32)
    padded[:, silence : silence + len(samples)] = samples.T
    result = time_stretch(padded, rate, factors, preserve_formants=False)
    return result[:, silence : silence + round(goal[-1]) + 1].T.astype(float)


def _cuts(places: np.ndarray, delay: int) -> list[int]:
    """Where pieces begin and end: `delay` frames after places, and between them, as close as pedalboard allows."""
    cuts, last = [0], round(places[-1])
    for place in np.round(places[1:]).astype(int):
        end = min(place + delay, last)
        pieces = (end - cuts[-1]) // _PIECE
        cuts += [cuts[-1] + (end - cuts[-1]) * n // pieces for n in range(1, pieces + 1)]
    return [*cuts[:-1], last]


def _windows(rate: int) -> tuple[int, int]:
    """The length in frames of R3's longest window, and how many frames it holds to analyse one (`Guide.h`)."""
    return _power(rate, 16), max(_power(rate, 16), _power(rate, 32) + _power(rate, 64))


def _power(rate: int, parts: int) -> int:
    """The frames of a part of a second, rounded up to a power of two."""
    return 1 << (-(-rate // parts) - 1).bit_length()


@cache
def _exact_ratios(rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of steps that R3 takes at their very ratio, as (before, after, ratio), by ascending ratio.

    R3 takes about 256 frames after stretching, fewer at low ratios and more at high ones, and so many before that the
    ratio is right, rounded down (`R3Stretcher::calculateHop`).
    """
    shortest, longest = _power(rate, 512), _power(rate, 128)
    before, after = np.meshgrid(np.arange(32, 1025), np.arange(shortest, longest + 1))
    ratio = after / before * (1 - _NUDGE)
    high = 2 ** (8 + 2 * np.log10(np.maximum(ratio, 1.5) - 0.5))
    low = 2 ** (8 + 2 * np.log10(np.minimum(ratio, 1.0)))
    step = np.clip(np.where(ratio > 1.5, high, low), shortest, longest)
    taken = np.floor(step / ratio) == before
    ratios, first = np.unique(after[taken] / before[taken], return_index=True)
    return before[taken][first], after[taken][first], ratios
