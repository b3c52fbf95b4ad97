"""Clicks and cues as sound: beeps at exact frames, on tracks that are otherwise digital silence.

A beep is a cosine under a linear attack of 1 ms, an exponential decay and a closing half of a cosine. Its mean is taken
out of it, by a share of its envelope, so that no offset remains. Its first sample is not 0: the frame at which it is
placed is its onset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from stemwright.audio.stream import BLOCK, Stream

_ATTACK_S = 0.001
MOST_OF_A_GAP = 0.75
"""How much of the time to the next beep one may take: two never touch."""


class Kind(NamedTuple):
    """How a beep sounds: its frequency in Hz, its peak (full scale 1), and its length in s."""

    hz: float
    peak: float
    seconds: float


BAR_CLICK, BEAT_CLICK = Kind(1500.0, 0.5, 0.03), Kind(1000.0, 0.315, 0.03)
"""The click on a bar line; that on another beat is a fifth lower, and 4 dB softer."""

_SCALE = (0, 2, 4, 7, 9, 12, 14, 16, 19, 21)  # semitones: pentatonic, so that no two are near


def cue(number: int) -> Kind:
    """The cue of the section with this number, among those with names of their own: the tenth is again as the first."""
    return Kind(440 * 2 ** (_SCALE[number % len(_SCALE)] / 12), 0.4, 0.12)


def beeps(found: Iterable[tuple[int, Kind]], rate: int, channels: int, frames: int) -> Stream:
    """Render beeps.

    Parameters
    ----------
    found
        The frame of each, in order, and how it sounds.
    rate
        Sample rate in Hz.
    channels
        The number of channels, which are equal.
    frames
        The length of the track.

    Yields
    ------
    numpy.ndarray
        Blocks of shape (frames, channels): of silence, or one whole beep.
    """
    at = 0
    for (start, kind), (following, _) in pairwise(_ended(found, frames)):
        yield from _silence(start - at, channels)
        length = max(1, min(round(kind.seconds * rate), int((following - start) * MOST_OF_A_GAP)))
        yield np.repeat(_beep(kind, rate, length)[:, np.newaxis], channels, axis=1)
        at = start + length
    yield from _silence(frames - at, channels)


def _ended(found: Iterable[tuple[int, Kind]], frames: int) -> Iterator[tuple[int, Kind]]:
    yield from found
    yield frames, Kind(0.0, 0.0, 0.0)


def _silence(frames: int, channels: int) -> Stream:
    while frames > 0:
        yield np.zeros((min(BLOCK, frames), channels))
        frames -= BLOCK


@cache
def _beep(kind: Kind, rate: int, frames: int) -> np.ndarray:
    """The samples of a beep, of shape (frames,)."""
    at = np.arange(frames)
    attack = max(1, round(min(_ATTACK_S * rate, frames / 4)))
    envelope = np.minimum(1.0, (at + 1) / attack) * np.exp(-4 * at / frames)
    envelope *= 0.5 + 0.5 * np.cos(np.pi * at / frames)
    wave = envelope * np.cos(2 * np.pi * kind.hz * at / rate)
    if frames > 1:  # a beat just before the end of a song may have one frame
        wave -= envelope * (wave.sum() / envelope.sum())
    return wave * (kind.peak / np.abs(wave).max())
