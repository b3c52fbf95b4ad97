"""A phase vocoder: makes a stream longer or shorter without changing its pitch."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import chain, count, repeat

import numpy as np

from stemwright.audio.stream import BLOCK, Stream, fit, reblock, without_start

_WINDOW_S = 0.085  # long enough to tell the partials of a low bass apart
_OVERLAP = 8


def stretched(blocks: Iterable[np.ndarray], channels: int, rate: int, num: int, den: int) -> Stream:
    """Stretch a stream in time by a ratio.

    Windows of the input are placed at regular intervals, with phases that continue those of the window before
    (Puckette, Phase-locked vocoder, 1995: each phase advances as in the input over the same interval, so that none
    needs unwrapping). All bins around a peak of the spectrum turn as the peak does (Laroche and Dolson, Improved phase
    vocoder time-scale modification of audio, 1999), and all channels turn alike, so that the stereo image stays. The
    place of each window is computed from the start of the stream: nothing drifts. At a ratio of 1 nothing changes.

    Parameters
    ----------
    blocks : iterable of numpy.ndarray
        The stream, of shape (frames, channels); after its end there is silence.
    channels : int
        Its number of channels.
    rate : int
        Its sample rate in Hz.
    num, den : int
        The ratio num / den of the lengths after and before; 1/5 to 5.

    Yields
    ------
    numpy.ndarray
        Blocks without end. Frame n of the stream is at frame n · num / den.
    """
    size = 1 << round(math.log2(_WINDOW_S * rate))
    hop = size // _OVERLAP
    added = _windows_added(blocks, channels, size, hop, num, den)
    yield from reblock(without_start(added, size), size)


def _windows_added(
    blocks: Iterable[np.ndarray], channels: int, size: int, hop: int, num: int, den: int
) -> Stream:
    """The result in blocks of `hop` frames, from `size` frames before its start on."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)  # Hann, at analysis and synthesis
    scaled = window / (0.375 * size / hop)  # by the sum of its squares over all hops
    before = np.zeros((channels, size // 2 + 1), dtype=complex)
    output = np.zeros((channels, size))
    for piece in _pieces(blocks, channels, size, hop, num, den):
        earlier, spectrum = np.fft.rfft(piece[:, :size] * window), np.fft.rfft(piece[:, hop:] * window)
        before = spectrum * _turns(before, earlier, spectrum)
        output += np.fft.irfft(before) * scaled
        yield output[:, :hop].T.copy()
        output = np.concatenate([output[:, hop:], np.zeros((channels, hop))], axis=1)


def _pieces(blocks: Iterable[np.ndarray], channels: int, size: int, hop: int, num: int, den: int) -> Stream:
    """For each window of the result the input's `size` frames around its middle, and the `hop` frames before them.

    As rows of shape (channels, hop + size). The middle of the first one lies half a window before the start.
    """

    def start(number: int) -> int:
        middle = number * hop - size // 2
        return (2 * middle * den + num) // (2 * num) - size // 2 - hop  # to the nearest frame

    first = start(0)
    source = chain(fit((), -first, channels), blocks, repeat(np.zeros((BLOCK, channels))))
    held = np.zeros((0, channels))  # the input from frame `first` on
    for number in count():
        held, first = held[start(number) - first :], start(number)
        while len(held) < hop + size:
            held = np.concatenate([held, next(source)])
        yield held[: hop + size].T


def _turns(before: np.ndarray, earlier: np.ndarray, spectrum: np.ndarray) -> np.ndarray:
    """The complex factor of magnitude 1 for each bin of a window.

    Parameters
    ----------
    before : numpy.ndarray
        The spectrum of the window placed before, of shape (channels, bins).
    earlier : numpy.ndarray
        That of the input one hop before this window, same shape.
    spectrum : numpy.ndarray
        That of this window, same shape.

    Returns
    -------
    numpy.ndarray
        Factors of shape (bins,). Where there was silence before, 1: the sound begins as in the input.
    """
    power = np.sum(spectrum.real**2 + spectrum.imag**2, axis=0)
    around = np.pad(power, 2)
    lower, upper = np.maximum(around[:-4], around[1:-3]), np.maximum(around[3:-1], around[4:])
    peaks = np.flatnonzero((power > lower) & (power >= upper))
    if not len(peaks):
        return np.ones(len(power))
    advance = np.sum(before[:, peaks] * earlier[:, peaks].conj(), axis=0)
    length = np.abs(advance)
    turn = np.divide(advance, length, out=np.ones_like(advance), where=length > 0)
    middles = (peaks[:-1] + peaks[1:] + 1) // 2
    return turn[np.searchsorted(middles, np.arange(len(power)), side="right")]
