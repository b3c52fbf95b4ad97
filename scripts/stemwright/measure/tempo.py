"""Tempo: the pulse that onsets keep, estimated from their times alone or looked for near a given tempo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stemwright.measure.grid import nearest

MIN_ONSETS, MIN_SECONDS = 12, 4.0
"""With fewer onsets, or within less time, no tempo is estimated."""

_SLOWEST, _FASTEST = 30.0, 300.0
_PREFERRED, _SPREAD_OCTAVES = 115.0, 1.0  # people tap near 2 Hz (Parncutt 1994; van Noorden & Moelants 1999)
_BIN_S, _BLUR_S, _MAX_LAG_S = 0.005, 0.012, 8.2
_WINDOW_S = 30.0
_MIN_CONFIDENCE = 12.0
HARMONICS = range(1, 9)  # of the beat frequency
_SIMPLEST = (1, 2, 4, 3, 8, 6, 5, 7)  # divisions of a beat, the most common first
_EXPLAINS = 0.7  # of the best agreement
_SAME_S, _SAME_DB, _MIN_PARTNERS = 0.02, 6.0, 4


def tempo(seconds: np.ndarray, strengths: np.ndarray) -> float | None:
    """Estimate the tempo of onsets in beats per minute, 30 to 300; None if they are too few or keep no pulse.

    `seconds` are the onset times, ascending, and `strengths` their weights, both of shape (n,). A first estimate is
    the period whose multiples account for most intervals between onsets, weighted towards the tempo that people tap; it
    is refined by `fit`.
    """
    if len(seconds) < MIN_ONSETS or seconds[-1] - seconds[0] < MIN_SECONDS:
        return None
    found = fit(seconds, _estimate(seconds, strengths))
    return found.bpm if found else None


@dataclass(frozen=True)
class Pulse:
    """A pulse that onsets keep: its `bpm`, and how well they agree with the beat and its divisions by 2 to 8.

    `agreement`, shape (8,): 1 if all onsets lie at one phase of the division, near 0 if they lie anywhere.
    """

    bpm: float
    agreement: np.ndarray

    @property
    def strength(self) -> float:
        """The best agreement with any division of the beat."""
        return float(self.agreement.max())

    @property
    def division(self) -> int:
        """The simplest division of the beat that explains the onsets: 1, 2, 4, 3, 8, 6, 5 or 7."""
        return next(d for d in _SIMPLEST if self.agreement[d - 1] >= _EXPLAINS * self.strength)

    def simpler_than(self, other: Pulse) -> bool:
        """Whether the onsets lie on a simpler division of this beat than of the other's."""
        return _SIMPLEST.index(self.division) < _SIMPLEST.index(other.division)


def fit(seconds: np.ndarray, bpm: float) -> Pulse | None:
    """Fit a pulse within 4 % of a tempo to onsets.

    It is found in stretches of 30 s, as the frequency at which the onsets' phases agree best with the beat and its
    divisions; the result is the median of the stretches with enough agreement. Random onsets agree as well once in a
    hundred thousand times.

    Parameters
    ----------
    seconds : np.ndarray
        The onset times, ascending, shape (n,).
    bpm : float
        The tempo.

    Returns
    -------
    Pulse or None
        The pulse; None if the onsets are too few, or if most stretches have none.
    """
    if len(seconds) < MIN_ONSETS or seconds[-1] - seconds[0] < MIN_SECONDS:
        return None
    edges = np.arange(seconds[0], max(seconds[-1] - _WINDOW_S / 2, seconds[0] + 1e-3), _WINDOW_S)
    stretches, found = 0, []
    for start in edges:
        inside = seconds[(seconds >= start) & (seconds < start + 1.5 * _WINDOW_S)]
        if len(inside) >= MIN_ONSETS and np.ptp(inside) >= MIN_SECONDS:
            stretches += 1
            refined, agreement = _refine(inside, bpm)
            if len(inside) * agreement.max() ** 2 >= _MIN_CONFIDENCE:
                found.append((refined, agreement))
    if 2 * len(found) <= stretches:
        return None
    bpms, agreements = zip(*found, strict=True)
    return Pulse(float(np.median(bpms)), np.mean(agreements, axis=0))


def _estimate(seconds: np.ndarray, strengths: np.ndarray) -> float:
    """The tempo in BPM whose period has most intervals between onsets as multiples, to within a percent or two."""
    bpms = _SLOWEST * (_FASTEST / _SLOWEST) ** np.linspace(0, 1, 700)
    score = accounted_for(seconds, strengths, bpms)
    return float(
        bpms[np.argmax(score * np.exp(-0.5 * (octaves_from_preferred(bpms) / _SPREAD_OCTAVES) ** 2))]
    )


def octaves_from_preferred(bpms: np.ndarray) -> np.ndarray:
    """How far tempi in BPM are from the one that people prefer to tap, in octaves."""
    return np.log2(bpms / _PREFERRED)


def accounted_for(seconds: np.ndarray, strengths: np.ndarray, bpms: np.ndarray) -> np.ndarray:
    """How much of the intervals between onsets is a multiple of the beat.

    Parameters
    ----------
    seconds, strengths : np.ndarray
        The onset times in s, ascending, and their weights, shape (n,).
    bpms : np.ndarray
        The tempi to try, in BPM, shape (m,).

    Returns
    -------
    np.ndarray
        For each tempo, the weight of the intervals of one to four beats, shape (m,).
    """
    last = np.searchsorted(seconds, seconds + _MAX_LAG_S)
    counts = np.zeros(round(_MAX_LAG_S / _BIN_S) + 1)
    for i, j in enumerate(last.tolist()):
        lags = seconds[i + 1 : j] - seconds[i]
        np.add.at(
            counts,
            np.minimum(np.round(lags / _BIN_S).astype(int), len(counts) - 1),
            np.minimum(strengths[i], strengths[i + 1 : j]),
        )
    n = np.arange(-4, 5) * _BIN_S / _BLUR_S
    counts = np.convolve(counts, np.exp(-0.5 * n * n), "same")
    multiples = np.arange(1, 5)
    return np.interp(np.outer(60 / bpms, multiples), np.arange(len(counts)) * _BIN_S, counts) @ (
        1 / multiples
    )


def _refine(seconds: np.ndarray, coarse: float) -> tuple[float, np.ndarray]:
    """(BPM within 4 % of `coarse` at which the onsets' phases agree best, the agreement with each of its harmonics)."""
    span = np.ptp(seconds)
    step = 60 / span / 32  # a quarter of the width of the peak of the highest harmonic
    bpms = np.arange(coarse * 0.96, coarse * 1.04, step)
    turns = np.exp(2j * np.pi / 60 * np.multiply.outer(bpms, seconds - seconds[0]))
    power, agreement = np.ones_like(turns), []
    for _ in HARMONICS:
        power = power * turns
        agreement.append(np.abs(power.mean(axis=1)))
    found = np.array(agreement)
    best = int(np.argmax((found**2).sum(axis=0)))
    return float(bpms[best]), found[:, best]


def repetition(seconds: np.ndarray, colours: np.ndarray, lag: float) -> float:
    """The share of onsets that sound again after a lag.

    Parameters
    ----------
    seconds : np.ndarray
        The onset times in s, ascending, shape (n,).
    colours : np.ndarray
        Their levels in dB in some ranges of frequency, shape (n, ranges).
    lag : float
        The lag in s.

    Returns
    -------
    float
        The share, 0 to 1, of onsets that have another within 20 ms of the lag after them, at about the same levels; 0
        if fewer than four are early enough to have one.
    """
    early = seconds <= seconds[-1] - lag + _SAME_S
    if early.sum() < _MIN_PARTNERS:
        return 0.0
    there = nearest(seconds, seconds[early] + lag)
    near = np.abs(seconds[there] - seconds[early] - lag) <= _SAME_S
    alike = np.abs(colours[there] - colours[early]).mean(axis=1) <= _SAME_DB
    return float(np.mean(near & alike))
