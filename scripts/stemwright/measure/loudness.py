"""Loudness and true peak by ITU-R BS.1770-4 and EBU R128, with libebur128."""

from __future__ import annotations

import math

import numpy as np

from stemwright.levels import decibels
from stemwright.measure._base import Meter


class Loudness(Meter):
    """`integrated` in LUFS and, if asked for, `true_peak` in dBTP; None where it cannot be measured.

    Integrated loudness cannot be measured under 400 ms, nor where nothing passes the gate at -70 LUFS.
    Nothing can where a sample is NaN or infinite: libebur128 would leave out what such a sample spoils.
    A mono file is measured as it is heard, from both loudspeakers (dual mono). libebur128 oversamples
    4 times under 96 kHz, as BS.1770-4 annex 2 asks.
    """

    def __init__(self, true_peak: bool = False):
        self._wants_peak = true_peak

    def start(self, rate: int, channels: int) -> None:
        import pyebur128 as ebu

        mode = ebu.MeasurementMode.MODE_I
        if self._wants_peak:
            mode |= ebu.MeasurementMode.MODE_TRUE_PEAK
        self._ebu = ebu
        self._channels = channels
        self._finite = True
        self._state = ebu.R128State(channels, rate, mode)
        if channels == 1:
            self._state.set_channel(0, ebu.ChannelType.DUAL_MONO)

    def feed(self, block: np.ndarray) -> None:
        self._finite = self._finite and bool(np.isfinite(block.sum()))
        # The library reads past the end if told more frames than there are.
        self._state.add_frames(np.ascontiguousarray(block).reshape(-1), len(block))

    @property
    def integrated(self) -> float | None:
        loudness = self._ebu.get_loudness_global(self._state)
        return loudness if self._finite and math.isfinite(loudness) else None

    @property
    def true_peak(self) -> float | None:
        peak = max(self._ebu.get_true_peak(self._state, channel) for channel in range(self._channels))
        return decibels(peak) if self._finite and peak > 0 else None
