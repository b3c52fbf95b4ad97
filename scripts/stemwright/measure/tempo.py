"""Tempo, estimated from onset times alone."""

from __future__ import annotations

import numpy as np

MIN_ONSETS, MIN_SECONDS = 12, 4.0
"""With fewer onsets, or within less time, no tempo is estimated."""

_SLOWEST, _FASTEST = 30.0, 300.0
_PREFERRED, _SPREAD_OCTAVES = 115.0, 1.0  # people tap near 2 Hz (Parncutt 1994; van Noorden & Moelants 1999)
_BIN_S, _BLUR_S, _MAX_LAG_S = 0.005, 0.012, 8.2
_WINDOW_S = 30.0
_MIN_CONFIDENCE = 12.0
_HARMONICS = (1, 2, 3, 4, 6, 8)  # of the beat frequency


def tempo(seconds: np.ndarray, strengths: np.ndarray) -> float | None:
    """Estimate the tempo of onsets in beats per minute, 30 to 300; None if they are too few or keep no pulse.

    `seconds` are the onset times, ascending, and `strengths` their weights, both of shape (n,). A first estimate is
    the period whose multiples account for most intervals between onsets, weighted towards the tempo that people tap.
    It is refined in stretches of 30 s to the frequency at which the onsets' phases agree best, and the median of those
    with enough agreement is returned. Random onsets agree as well once in a hundred thousand times.
    """
    if len(seconds) < MIN_ONSETS or seconds[-1] - seconds[0] < MIN_SECONDS:
        return None
    coarse = _estimate(seconds, strengths)
    edges = np.arange(seconds[0], max(seconds[-1] - _WINDOW_S / 2, seconds[0] + 1e-3), _WINDOW_S)
    fine = []
    for start in edges:
        inside = (seconds >= start) & (seconds < start + 1.5 * _WINDOW_S)
        if inside.sum() >= MIN_ONSETS and np.ptp(seconds[inside]) >= MIN_SECONDS:
            fine.append(_refine(seconds[inside], coarse))
    confident = [bpm for bpm, confidence in fine if confidence >= _MIN_CONFIDENCE]
    return float(np.median(confident)) if 2 * len(confident) > len(fine) else None


def _estimate(seconds: np.ndarray, strengths: np.ndarray) -> float:
    """The tempo in BPM whose period has most intervals between onsets as multiples, to within a percent or two."""
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
    bpms = _SLOWEST * (_FASTEST / _SLOWEST) ** np.linspace(0, 1, 700)
    periods = 60 / bpms
    multiples = np.arange(1, 5)
    score = np.interp(np.outer(periods, multiples), np.arange(len(counts)) * _BIN_S, counts) @ (1 / multiples)
    return float(bpms[np.argmax(score * np.exp(-0.5 * (np.log2(bpms / _PREFERRED) / _SPREAD_OCTAVES) ** 2))])


def _refine(seconds: np.ndarray, coarse: float) -> tuple[float, float]:
    """(BPM within 4 % of `coarse` at which the onsets' phases agree best, the agreement as a confidence)."""
    span = np.ptp(seconds)
    step = 60 / span / 32  # a quarter of the width of the peak of the highest harmonic
    bpms = np.arange(coarse * 0.96, coarse * 1.04, step)
    phases = 2j * np.pi / 60 * (seconds - seconds[0])
    agreement = (
        np.abs(np.exp(np.multiply.outer(np.multiply.outer(_HARMONICS, bpms), phases)).sum(axis=-1)) ** 2
    )
    agreement /= len(seconds)
    total = agreement.sum(axis=0)
    best = int(np.argmax(total))
    return float(bpms[best]), float(agreement[:, best].max())
