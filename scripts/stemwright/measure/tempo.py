"""Tempo: the beat that onsets keep, found from them alone."""

from __future__ import annotations

import numpy as np

LEAST_ONSETS, LEAST_S = 12, 4.0
"""Fewer, or within less time, do not make a tempo."""

_SLOWEST, _FASTEST = 30.0, 300.0
_PREFERRED, _OCTAVES = 115.0, 1.0  # people tap near 2 Hz (Parncutt 1994; van Noorden & Moelants 1999)
_STEP_S, _BLUR_S, _LAGS_S = 0.005, 0.012, 8.2
_WINDOW_S = 30.0
_SURELY = 12.0
_HARMONICS = (1, 2, 3, 4, 6, 8)  # of the beat: down to its eighths


def tempo(seconds: np.ndarray, strengths: np.ndarray) -> float | None:
    """Beats a minute, 30 to 300, of onsets at `seconds` (ascending); None if they are too few or keep no pulse.

    A first estimate is the period at whose multiples most intervals between onsets lie, weighted towards the
    tempo that people tap. Then the frequency is sought at which the onsets' phases agree best, in stretches of
    30 s; the median of these is the answer. Chance agrees so far once in a hundred thousand times.
    """
    if len(seconds) < LEAST_ONSETS or seconds[-1] - seconds[0] < LEAST_S:
        return None
    coarse = _coarse(seconds, strengths)
    edges = np.arange(seconds[0], max(seconds[-1] - _WINDOW_S / 2, seconds[0] + 1e-3), _WINDOW_S)
    fine = []
    for start in edges:
        inside = (seconds >= start) & (seconds < start + 1.5 * _WINDOW_S)
        if inside.sum() >= LEAST_ONSETS and np.ptp(seconds[inside]) >= LEAST_S:
            fine.append(_refined(seconds[inside], coarse))
    sure = [bpm for bpm, surely in fine if surely >= _SURELY]
    return float(np.median(sure)) if 2 * len(sure) > len(fine) else None


def _coarse(seconds: np.ndarray, strengths: np.ndarray) -> float:
    """The tempo whose beat most intervals between onsets are multiples of, to within a percent or two."""
    last = np.searchsorted(seconds, seconds + _LAGS_S)
    counts = np.zeros(round(_LAGS_S / _STEP_S) + 1)
    for i, j in enumerate(last.tolist()):
        lags = seconds[i + 1 : j] - seconds[i]
        np.add.at(
            counts,
            np.minimum(np.round(lags / _STEP_S).astype(int), len(counts) - 1),
            np.minimum(strengths[i], strengths[i + 1 : j]),
        )
    n = np.arange(-4, 5) * _STEP_S / _BLUR_S
    counts = np.convolve(counts, np.exp(-0.5 * n * n), "same")
    bpms = _SLOWEST * (_FASTEST / _SLOWEST) ** np.linspace(0, 1, 700)
    periods = 60 / bpms
    multiples = np.arange(1, 5)
    score = np.interp(np.outer(periods, multiples), np.arange(len(counts)) * _STEP_S, counts) @ (
        1 / multiples
    )
    return float(bpms[np.argmax(score * np.exp(-0.5 * (np.log2(bpms / _PREFERRED) / _OCTAVES) ** 2))])


def _refined(seconds: np.ndarray, coarse: float) -> tuple[float, float]:
    """(bpm within 4 % of `coarse` at which the onsets agree best, how surely)."""
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
