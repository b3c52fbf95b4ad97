"""The pitch of a single voice, and the notes that it sings or plays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stemwright.music.pitch import note_number

HOP_S = 0.005
"""The distance of two values of a pitch track."""

_LOWEST_HZ, _HIGHEST_HZ = 60.0, 1_500.0
_WINDOW_S = 0.025
_CLEAR, _VOICED = (
    0.15,
    0.25,
)  # aperiodicity of a period that is taken at once, and the most of a pitched sound
_RANGE_DB = 50.0  # below the loudest moment, there is no pitch
_MOST = 256  # moments analysed at once
_GAP, _TURN, _SHORTEST = (
    4,
    16,
    12,
)  # hops: a gap that ends a note; a new pitch that begins one; the shortest note
_STEP, _STEADY = (
    0.4,
    0.3,
)  # semitones: how far a new pitch is from the note's, and the range in which it is held


@dataclass(frozen=True)
class SungNote:
    """A note of a pitch track: from hop `first` to before hop `end`, and its pitch as a MIDI note number."""

    first: int
    end: int
    pitch: float


def pitch_track(mono: np.ndarray, rate: int) -> np.ndarray:
    """Find the pitch of a monophonic sound at every 5 ms.

    YIN (de Cheveigné and Kawahara 2002): the shortest period whose normalised difference is low, with a parabola
    through its minimum.

    Parameters
    ----------
    mono : numpy.ndarray
        The sound, of shape (frames,).
    rate : int
        Its sample rate in Hz.

    Returns
    -------
    numpy.ndarray
        MIDI note numbers with fractions, of shape (hops,): number n is the pitch around n · 5 ms; NaN where there is
        none.
    """
    width, longest = round(_WINDOW_S * rate), int(rate / _LOWEST_HZ) + 2
    hop, span = HOP_S * rate, width + longest
    count = int(len(mono) / hop) + 1
    padded = np.concatenate([np.zeros(span // 2), mono, np.zeros(span)])
    starts = np.round(np.arange(count) * hop).astype(int)
    windows = np.lib.stride_tricks.sliding_window_view(padded, span)
    periods = np.full(count, np.nan)
    levels = np.zeros(count)
    for at in range(0, count, _MOST):
        part = windows[starts[at : at + _MOST]]
        periods[at : at + _MOST] = _periods(part, width, longest, rate)
        levels[at : at + _MOST] = np.mean(part**2, axis=1)
    quiet = levels <= levels.max(initial=0) * 10 ** (-_RANGE_DB / 10)
    return note_number(rate / np.where(quiet, np.nan, periods))


def sung_notes(track: np.ndarray) -> list[SungNote]:
    """The notes of a pitch track. A note ends at a gap of 20 ms, or where another pitch is held for 80 ms."""
    notes, first, gap = [], 0, _GAP
    for now, pitch in enumerate(np.append(track, [np.nan] * _GAP)):
        if np.isnan(pitch):
            gap += 1
            if gap == _GAP:
                notes.append((first, now + 1 - gap))
            continue
        if gap >= _GAP:
            first = now
        gap = 0
        turn = now + 1 - _TURN
        held = track[max(turn, 0) : now + 1]
        moved = abs(np.median(held) - np.nanmedian(track[first:turn])) if turn > first else 0
        if moved > _STEP and np.ptp(held) < _STEADY:
            notes.append((first, turn))
            first = turn
    return [SungNote(a, b, float(np.nanmedian(track[a:b]))) for a, b in notes if b - a >= _SHORTEST]


def _periods(windows: np.ndarray, width: int, longest: int, rate: int) -> np.ndarray:
    """The period in frames of each window of shape (n, width + longest); NaN where there is none."""
    size = 1 << (windows.shape[1] - 1).bit_length()
    spectra = np.fft.rfft(windows, size)
    heads = np.fft.rfft(windows[:, :width], size)
    alike = np.fft.irfft(spectra * heads.conj(), size)[:, : longest + 1]
    energy = np.cumsum(np.pad(windows**2, ((0, 0), (1, 0))), axis=1)
    energy = energy[:, width : width + longest + 1] - energy[:, : longest + 1]
    difference = np.maximum(energy[:, :1] + energy - 2 * alike, 0)
    lags = np.arange(1, longest + 1)
    mean = np.cumsum(difference[:, 1:], axis=1) / lags
    relative = np.ones_like(difference)
    np.divide(difference[:, 1:], mean, out=relative[:, 1:], where=mean > 1e-12)
    inner = relative[:, 1:-1]
    dips = (inner <= relative[:, :-2]) & (inner < relative[:, 2:])
    dips[:, : int(rate / _HIGHEST_HZ) - 1] = False
    clear = dips & (inner < _CLEAR)
    lowest = np.where(dips, inner, np.inf).argmin(axis=1)
    chosen = np.where(clear.any(axis=1), clear.argmax(axis=1), lowest) + 1
    rows = np.arange(len(windows))
    found = dips.any(axis=1) & (relative[rows, chosen] < _VOICED)
    once = _minimum(difference, chosen)
    multiple = np.maximum((longest - 4) // chosen, 1)  # the more periods, the smaller the error of one
    return np.where(found, _minimum(difference, np.round(multiple * once).astype(int)) / multiple, np.nan)


def _minimum(values: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Where each row has its minimum, within two of `near`, by the parabola through three values."""
    rows = np.arange(len(values))
    around = np.clip(near, 3, values.shape[1] - 4)[:, None] + np.arange(-2, 3)
    least = around[rows, values[rows[:, None], around].argmin(axis=1)]
    left, middle, right = (values[rows, least + n] for n in (-1, 0, 1))
    bend = left - 2 * middle + right
    offset = np.divide(left - right, 2 * bend, out=np.zeros_like(bend), where=bend > 0)
    return least + np.clip(offset, -1, 1)
