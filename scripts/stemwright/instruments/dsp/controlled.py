"""A note under the controls of its channel: pitch bend, volume and expression, silence.

A note is rendered at the pitch with which it begins. Where the bend changes while it is held, its sound is read faster
or slower from there on, as a sampler does: the pitch is exact, and the sound ends when the note does.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.music.controls import Controls

_FADE_S = 0.005
"""Fade between levels, and where a sound is cut off."""

_LOBES = 20  # zero crossings of the interpolating sinc on each side
_BETA = 9.0  # of its Kaiser window: side lobes below -90 dB
_POINTS = 1_024  # of the table of the sinc between two zero crossings: linear interpolation is off by 1e-6
_AT_ONCE = 4_096  # frames read at a time: their weights fit into the processor's cache


class Course:
    """What the controls of its channel do to one note.

    Parameters
    ----------
    controls : Controls
        The controls, in frames of the song.
    start, frames : int
        The frame at which the note begins, and the number of frames for which it is held.
    rate : int
        Sample rate in Hz.

    Attributes
    ----------
    bend : float
        The deviation from its pitch with which it begins, in semitones.
    held : int
        Frames for which its sound must be held, before it is read faster or slower.
    """

    def __init__(self, controls: Controls, start: int, frames: int, rate: int):
        during = controls.during(start, start + frames)
        self._levels, self._silences, self._fade = during.levels, during.silences, round(_FADE_S * rate)
        self.bend = during.bends[0].semitones
        # The sound's frame at each change of its speed, and the speed from there on.
        self._starts = np.array([change.at for change in during.bends], dtype=float)
        self._speeds = 2.0 ** ((np.array([change.semitones for change in during.bends]) - self.bend) / 12)
        self._places = np.concatenate([[0.0], np.cumsum(np.diff(self._starts) * self._speeds[:-1])])
        self.held = max(1, round(float(self._place(np.array([frames]))[0])))

    def apply(self, sound: np.ndarray) -> np.ndarray:
        """The note, from its sound as rendered at `bend` and for `held` frames, shape (frames, channels)."""
        if len(self._speeds) > 1 and np.any(self._speeds != 1.0):
            sound = self._read(sound)
        if self._silences:
            length = int(self._silences[0])
            sound = sound[:length]
            sound = sound * ramp(length - 1 - np.arange(len(sound)), min(self._fade, length))[:, None]
        gains = np.array([level.gain for level in self._levels])
        if np.all(gains == 1.0):
            return sound
        starts = [int(level.at) for level in self._levels]
        steps = np.diff(starts, append=max(len(sound), starts[-1]))
        gain = np.repeat(gains, steps)[: len(sound)]
        for _ in range(2):
            gain = _moving_mean(gain, self._fade // 2)
        return sound * gain[:, None]

    def _place(self, n: np.ndarray) -> np.ndarray:
        """The place in the sound, in frames, that is heard at frame n of the note."""
        change = np.searchsorted(self._starts, n, side="right") - 1
        return self._places[change] + (n - self._starts[change]) * self._speeds[change]

    def _read(self, sound: np.ndarray) -> np.ndarray:
        """The sound at its changing speed, by a windowed sinc, without what would lie above half the sample rate."""
        rest = max(0.0, len(sound) - self._places[-1])
        frames = int(self._starts[-1] + rest / self._speeds[-1])
        reach = int(np.ceil(_LOBES * max(1.0, self._speeds.max())))
        padded = np.pad(sound, ((reach, reach + 1), (0, 0)))
        taps = np.arange(-reach + 1, reach + 1)
        read = np.empty((frames, sound.shape[1]))
        for start in range(0, frames, _AT_ONCE):
            n = np.arange(start, min(start + _AT_ONCE, frames))
            place = self._place(n)
            whole = np.floor(place).astype(int)
            distance = taps - (place - whole)[:, None]
            speed = self._speeds[np.searchsorted(self._starts, n, side="right") - 1]
            cutoff = np.minimum(1.0, 1.0 / speed)[:, None]
            weights = cutoff * _windowed_sinc(distance * cutoff)
            nearby = np.clip(whole + reach, 0, len(padded) - 1 - reach)[:, None] + taps
            for channel in range(sound.shape[1]):
                read[n, channel] = np.sum(weights * padded[nearby, channel], axis=1)
        return read


def _moving_mean(values: np.ndarray, size: int) -> np.ndarray:
    """The mean of each value and those before it, `size` in all; what is before the first equals it."""
    if size < 2 or not len(values):
        return values
    sums = np.cumsum(np.concatenate([np.full(size, values[0]), values]))
    return (sums[size:] - sums[:-size]) / size


def _windowed_sinc(x: np.ndarray) -> np.ndarray:
    """A sinc under a Kaiser window that ends at _LOBES."""
    return np.interp(np.abs(x), *_sinc_table(), right=0.0)


@cache
def _sinc_table() -> tuple[np.ndarray, np.ndarray]:
    x = np.linspace(0, _LOBES, _LOBES * _POINTS + 1)
    return x, np.sinc(x) * np.i0(_BETA * np.sqrt(1 - (x / _LOBES) ** 2)) / np.i0(_BETA)
