"""Delay: how much later one recording lies in another, to a fraction of a frame, wherever they sound together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from stemwright.audio import Stream, mean_of_channels, reblock, resample, without_start

_COARSE_HZ = 12_000  # sample rate of the first search
_FINE_S = 0.002  # the second searches so far around what the first has found
_SHORTEST = 1 << 16  # frames of a transform
_FLOOR = 0.1  # of the mean power: where the recording has less, its spectrum is not divided by
_NEARER = 0.1  # a match at the greatest delay counts so much less: of the equal ones of a loop, the nearest is taken
_SMOOTHED_S = (
    0.05  # the power is smoothed over frequency: repetitions farther apart, as of beats, do not show in it
)
_PEAK_S = 0.02  # what is closer to a peak belongs to it
_STEPS = 40  # of the golden-section search, each of 0.618


@dataclass(frozen=True)
class Delay:
    """What was found.

    `seconds` is how much later the recording lies in the guide than where it stands; `correlation`, of the two at this
    delay, is from -1 to 1 and below 0 if the polarity is inverted. `rival` is the height of the next best match more
    than 20 ms away, at `rival_seconds`, as a part of the best: 1 if they are equally good.
    """

    seconds: float
    correlation: float
    rival: float
    rival_seconds: float


def find_delay(
    recording: Callable[[], Stream], guide: Callable[[], Stream], frames: int, rate: int, reach_s: float
) -> Delay | None:
    """Find how much later a recording lies in a guide.

    Their transfer function is estimated from their cross-spectrum over the power of the recording, both summed over
    the whole of them (Bendat and Piersol, Random Data, chapter 6: whatever else is in the guide averages out). Its
    impulse response has its peak at the delay, whatever the spectrum of the sound: it is searched first at 12 kHz, then
    at the full rate, and between the frames as the band-limited signal that it is. Memory depends on the reach only:
    0.2 GB for a minute.

    Parameters
    ----------
    recording, guide : callable
        Each gives its stream, of `frames` frames from the start of the song; they are read twice.
    frames, rate : int
        Their length in frames, and their sample rate in Hz.
    reach_s : float
        The greatest delay searched for, in s, early or late.

    Returns
    -------
    Delay or None
        None if they do not sound together anywhere within reach.
    """
    low = min(rate, _COARSE_HZ)
    heard, sought = (resample(_mono(each()), frames, 1, rate, low) for each in (recording, guide))
    coarse = _Comparison(heard, sought, round(reach_s * low), 0, low)
    about, height = coarse.peak()
    rival, rival_height = coarse.peak(_PEAK_S * low, about)
    if not height:
        return None
    around = round(about / low * rate)
    fine = _Comparison(_mono(recording()), _mono(guide()), max(8, round(_FINE_S * rate)), around, rate)
    found, fine_height = fine.peak()
    if not fine_height:
        return None
    delay = fine.refined(found)
    return Delay(delay / rate, fine.correlation(delay), rival_height / height, rival / low)


def _mono(blocks: Stream) -> Stream:
    return (mean_of_channels(block)[:, np.newaxis] for block in blocks)


def _windows(blocks: Iterable[np.ndarray], size: int, hop: int) -> Iterator[np.ndarray]:
    """Windows of `size` samples of a mono stream, each `hop` later, with silence after its end."""
    held = np.zeros(0)
    for block in blocks:
        held = np.concatenate((held, block[:, 0]))
        while len(held) >= size:
            yield held[:size]
            held = held[hop:]
    while True:
        yield np.pad(held[:size], (0, max(0, size - len(held))))
        held = held[hop:]


def _smoothed(power: np.ndarray, lags: int) -> np.ndarray:
    """A power spectrum without what shows in its autocorrelation only after so many lags, by a Hann window."""
    correlation = np.fft.irfft(power)
    distance = np.minimum(np.arange(len(correlation)), np.arange(len(correlation), 0, -1))
    window = np.where(distance < lags, 0.5 + 0.5 * np.cos(np.pi * distance / lags), 0)
    return np.maximum(0, np.fft.rfft(correlation * window).real)


class _Comparison:
    """The transfer function from one stream to another, for delays of up to `reach` frames around `centre`."""

    def __init__(self, recording: Stream, guide: Stream, reach: int, centre: int, rate: int):
        self._first, self._lags = centre - reach, 2 * reach + 1
        self._size = max(_SHORTEST, 1 << (5 * reach // 2).bit_length())
        self._cross = np.zeros(self._size // 2 + 1, complex)
        self._energies = np.zeros(2)
        power = np.zeros(self._size // 2 + 1)
        early = np.zeros((max(0, -self._first), 1))
        ahead = chain((early,), without_start(guide, max(0, self._first)))
        count = self._size - 2 * reach  # frames at a time; of the guide, as many more as are within reach
        for block, heard in zip(reblock(recording, count), _windows(ahead, self._size, count), strict=False):
            played = block[:, 0]
            if played.any() and heard.any():
                spectrum = np.fft.rfft(played, self._size)
                self._cross += np.fft.rfft(heard) * spectrum.conj()
                power += np.abs(spectrum) ** 2
                self._energies += np.sum(played**2), np.sum(heard[reach : reach + len(played)] ** 2)
        smooth = _smoothed(power, round(_SMOOTHED_S * rate))
        floor = _FLOOR * smooth.mean()
        self._transfer = self._cross / (smooth + floor) if floor else self._cross

    def peak(self, apart: float = -1.0, of: float = 0.0) -> tuple[int, float]:
        """The delay in frames at which the response is strongest, and its magnitude; only those `apart` from one."""
        response = np.abs(np.fft.irfft(self._transfer))[: self._lags]
        reach = (self._lags - 1) / 2
        delays = self._first + np.arange(self._lags)
        response *= 1 - _NEARER * np.abs(delays - self._first - reach) / reach
        response[np.abs(delays - of) <= apart] = 0
        best = int(np.argmax(response))
        return int(delays[best]), float(response[best])

    def refined(self, about: int) -> float:
        """The delay of the peak near a whole number of frames, by a golden-section search."""
        sign = math.copysign(1, self._at(self._transfer, about))
        low, high = about - 1.0, about + 1.0
        for _ in range(_STEPS):
            step = (math.sqrt(5) - 1) / 2 * (high - low)
            if sign * self._at(self._transfer, high - step) > sign * self._at(self._transfer, low + step):
                high = low + step
            else:
                low = high - step
        return (low + high) / 2

    def correlation(self, delay: float) -> float:
        """The correlation coefficient of the two at a delay in frames, from -1 to 1."""
        together = self._at(self._cross, delay)
        scale = math.sqrt(self._energies[0] * self._energies[1])
        return float(together / scale) if scale else 0.0

    def _at(self, spectrum: np.ndarray, delay: float) -> float:
        """The response between frames: the inverse transform at one delay."""
        turns = np.exp(2j * np.pi / self._size * (delay - self._first) * np.arange(len(spectrum)))
        terms = (spectrum * turns).real
        return float(2 * terms.sum() - terms[0] - terms[-1]) / self._size
