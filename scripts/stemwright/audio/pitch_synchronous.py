"""A change of pitch that varies within a single voice, and keeps time and formants."""

from __future__ import annotations

import numpy as np

from stemwright.audio.pitch_track import HOP_S
from stemwright.audio.stream import resample
from stemwright.music.pitch import frequency

_FINER = 4  # places of periods are rounded to this part of a frame
_FILLED = 3  # hops: the longest gap in the pitch of a sound that goes on


def with_shifted_pitch(samples: np.ndarray, rate: int, track: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Shift the pitch of a monophonic sound where it has one.

    Pitch-synchronous overlap-add (Moulines and Charpentier 1990): windows of two periods are set closer together or
    further apart. All channels are treated alike. What has no pitch, or is not shifted, keeps its samples.

    Parameters
    ----------
    samples : numpy.ndarray
        The sound, of shape (frames, channels).
    rate : int
        Its sample rate in Hz.
    track : numpy.ndarray
        Its pitch as `pitch_track` gives it, of shape (hops,).
    shift : numpy.ndarray
        The change of pitch in semitones at each hop, same shape; it counts where there is a pitch.

    Returns
    -------
    numpy.ndarray
        The sound, of the same shape as `samples`.
    """
    result = samples.astype(float)
    hop = HOP_S * rate
    for first, last in _runs(track):
        if not np.any(shift[first : last + 1]):
            continue
        begin, end = round(first * hop), min(round(last * hop), len(samples))
        margin = round(rate / frequency(np.nanmin(track[first : last + 1]))) * 2
        a, b = max(0, begin - margin), min(len(samples), end + margin)
        hops = np.arange(first, last + 1)
        known = hops[~np.isnan(track[first : last + 1])]
        places = np.arange((b - a) * _FINER) / (_FINER * hop) + a / hop
        pitch = np.interp(places, known, track[known])
        change = np.interp(places, hops, shift[first : last + 1])
        fine = _resampled(samples[a:b], rate, rate * _FINER)
        span = (begin - a) * _FINER, (end - a) * _FINER
        result[a:b] += _resampled(
            _moved(fine, rate * _FINER, pitch, change, span) - fine, rate * _FINER, rate
        )
    return result


def _runs(track: np.ndarray) -> list[tuple[int, int]]:
    """The first and last hop of each stretch that has a pitch, but for short gaps."""
    voiced = np.flatnonzero(~np.isnan(track))
    if not len(voiced):
        return []
    breaks = np.flatnonzero(np.diff(voiced) > _FILLED + 1)
    firsts, lasts = voiced[np.append(0, breaks + 1)], voiced[np.append(breaks, -1)]
    return [(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True) if b > a]


def _moved(
    samples: np.ndarray, rate: int, pitch: np.ndarray, change: np.ndarray, span: tuple[int, int]
) -> np.ndarray:
    """The samples with their pitch changed between two frames; outside, as they are."""
    begin, end = span
    before = np.cumsum(frequency(pitch)) / rate  # in periods
    loudest = begin + int(np.argmax(np.abs(samples[begin:end].sum(axis=1))))
    marks = _crossings(before, before[loudest] % 1, begin, end)
    if len(marks) < 3:
        return samples
    after = np.cumsum(frequency(pitch + change)) / rate
    places = _crossings(after, after[marks[0]] % 1, marks[0], marks[-1] + 1)
    later = np.searchsorted(marks, places).clip(1, len(marks) - 1)
    nearest = np.where(places - marks[later - 1] < marks[later] - places, marks[later - 1], marks[later])
    total, weight = np.zeros_like(samples), np.zeros(len(samples))
    for place, mark in zip(places.tolist(), nearest.tolist(), strict=True):
        half = int(rate / frequency(pitch[mark]))
        low = max(-half, -mark, -place)
        high = min(half, len(samples) - max(mark, place))
        window = 0.5 + 0.5 * np.cos(np.pi * np.arange(low, high) / half)
        total[place + low : place + high] += samples[mark + low : mark + high] * window[:, None]
        weight[place + low : place + high] += window
    fade = int(rate / frequency(pitch[marks[0]]))  # a period
    distance = np.maximum(places[0] - np.arange(len(samples)), np.arange(len(samples)) - places[-1])
    inside = 1 - np.clip(distance / fade, 0, 1)
    moved = np.divide(total, weight[:, None], out=samples.copy(), where=weight[:, None] > 1e-3)
    return samples + (moved - samples) * inside[:, None]


def _crossings(phase: np.ndarray, fraction: float, begin: int, end: int) -> np.ndarray:
    """The frames from `begin` to before `end` where a rising phase has a fraction."""
    counts = np.floor(phase[begin:end] - fraction + 1e-9)
    first = np.floor(phase[begin - 1] - fraction + 1e-9) if begin else counts[0]
    return begin + np.flatnonzero(np.diff(counts, prepend=first) > 0)


def _resampled(samples: np.ndarray, source_rate: int, rate: int) -> np.ndarray:
    frames, channels = samples.shape
    return np.concatenate([*resample([samples], frames, channels, source_rate, rate)])
