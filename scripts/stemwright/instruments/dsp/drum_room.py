"""The room of a drum kit: what a pair of overheads hears of each piece, besides its close microphone.

A small, damped room: early reflections by the image method (Allen and Berkley, JASA 65, 1979), each from its own
direction, and a short diffuse tail, different in each channel. It is linear and fixed, so that it is one filter for
each piece and channel, computed in the frequency domain: the same at every sample rate. Nothing of it is earlier than
the sound's first frame.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np

from stemwright.instruments.dsp.drum_kit import PIECES
from stemwright.instruments.dsp.fourier import exponentials, fast_length

TAIL_S = 0.4
"""How long the room goes on after a sound, in s."""

_SIZE_M = (5.0, 6.2, 2.8)  # width, depth, height
_KIT_M = (2.4, 1.9)  # where the kit's centre stands
_SPREAD_M = 1.2  # from the centre to a piece that is panned to one side
_OVERHEADS_M = ((1.9, 2.2, 1.9), (2.9, 2.2, 1.9))
_SOUND_M_S = 343.0
_REFLECTED = 0.7  # amplitude that a wall gives back,
_WALL_HZ = 7_000.0  # and the frequency above which it gives back less
_LOW_HZ = 160.0  # overheads have no lows: they stay in the centre
_TAIL_LEVEL = 0.9  # energy of the tail, of the direct sound's at 1 m
_TAIL_START_S, _TAIL_DECAY_S = 0.008, 0.055  # time constant: -60 dB after 0.38 s
_DULL_HZ = 9_000.0


def add_room(sound: np.ndarray, close: np.ndarray, piece: str, rate: int, level: float) -> np.ndarray:
    """Place a piece in the room.

    Parameters
    ----------
    sound : np.ndarray
        What its close microphone hears, shape (frames,).
    close : np.ndarray
        The gain of that in each channel, shape (channels,).
    piece : str
        Its name, a key of PIECES.
    rate : int
        Sample rate in Hz.
    level : float
        The level of the room.

    Returns
    -------
    np.ndarray
        Shape (frames, channels), longer by TAIL_S; with a level of 0, as long as `sound`, without a room.
    """
    dry = sound[:, None] * close
    if not level:
        return dry
    frames = len(sound) + round(TAIL_S * rate)
    size = fast_length(frames)
    spectrum = np.fft.rfft(sound, size) * level
    wet = np.empty((len(close), frames))
    for channel, response in zip(wet, _responses(piece, rate, size, len(close)), strict=True):
        channel[:] = np.fft.irfft(spectrum * response, size)[:frames]
    wet = wet.T
    fade = round(0.02 * rate)
    wet[-fade:] *= (0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 1) / fade))[:, None]
    wet[: len(sound)] += dry
    return wet


@lru_cache(32)
def _responses(piece: str, rate: int, size: int, channels: int) -> np.ndarray:
    """The room's frequency response for a piece, shape (channels, size // 2 + 1). It must not be modified."""
    hertz = np.fft.rfftfreq(size, 1 / rate)
    sides = np.array([_side(piece, side, hertz, rate, size) for side in (0, 1)])
    passed = (1j * hertz / _LOW_HZ) ** 2
    sides *= passed / (passed + 1.414j * hertz / _LOW_HZ + 1)  # a high-pass of second order
    return sides if channels == 2 else sides.mean(axis=0, keepdims=True)


def _side(piece: str, side: int, hertz: np.ndarray, rate: int, size: int) -> np.ndarray:
    """The response of one overhead, shape (len(hertz),)."""
    about = PIECES[piece]
    source = (_KIT_M[0] + _SPREAD_M * about.pan, _KIT_M[1], about.height_m)
    wall = _REFLECTED / (1 + 1j * hertz / _WALL_HZ)
    by_bounces = np.zeros((3, len(hertz)), complex)
    for mirrored in product((-1, 0, 1), repeat=3):
        if 0 in mirrored:  # at most two bounces
            image = [_mirror(x, length, n) for x, length, n in zip(source, _SIZE_M, mirrored, strict=True)]
            metres = float(np.linalg.norm(np.subtract(image, _OVERHEADS_M[side])))
            turn = -2j * np.pi * metres / _SOUND_M_S * rate / size
            by_bounces[sum(map(abs, mirrored))] += exponentials(turn, len(hertz)) / metres
    early = sum(heard * wall**bounces for bounces, heard in enumerate(by_bounces))
    return early + _tail(piece, side, rate, size) / (1 + 1j * hertz / _DULL_HZ)


def _mirror(x: float, length: float, n: int) -> float:
    """Where a source at `x` is seen in no wall (0), the near one (-1) or the far one (1)."""
    return x if n == 0 else -x if n < 0 else 2 * length - x


def _tail(piece: str, side: int, rate: int, size: int) -> np.ndarray:
    """The spectrum of the diffuse tail: noise that dies away, shape (size // 2 + 1,)."""
    frames = round(TAIL_S * rate)
    rng = np.random.default_rng([side, *piece.encode()])
    # Drawn from low to high: a higher rate extends the same noise.
    noise = np.fft.irfft(rng.standard_normal((frames // 2 + 1, 2)) @ (1, 1j), frames)
    t = np.arange(frames) / rate - _TAIL_START_S
    shape = np.where(t > 0, (1 - np.exp(-t / 0.01)) * np.exp(-t / _TAIL_DECAY_S), 0.0)
    # The same energy at every rate, in the band that all have.
    return np.fft.rfft(noise * shape * (_TAIL_LEVEL * _energy_scale(shape, frames)), size)


def _energy_scale(shape: np.ndarray, frames: int) -> float:
    """The factor that gives noise of this shape a mean power response of 1: its bins have a variance of 2."""
    return float(1 / np.sqrt(2 / frames * np.sum(shape**2)))
