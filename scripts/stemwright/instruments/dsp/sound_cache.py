"""A cache of rendered sounds of limited size, so that memory does not grow with the song."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np

_MAX_BYTES = 64 << 20
"""About 80 seconds of stereo at 48 kHz."""


class SoundCache:
    """The most recently used sounds, up to 64 MiB in total, or one sound that is larger."""

    def __init__(self) -> None:
        self._sounds: dict[Hashable, np.ndarray] = {}  # least recently used first
        self._bytes = 0

    def get(self, key: Hashable, make: Callable[[], np.ndarray]) -> np.ndarray:
        """The sound cached under `key`; if there is none, that which `make` returns, which is then cached."""
        sound = self._sounds.pop(key, None)
        if sound is None:
            sound = make()
            self._bytes += _size(sound)
        self._sounds[key] = sound
        while len(self._sounds) > 1 and self._bytes > _MAX_BYTES:
            self._bytes -= _size(self._sounds.pop(next(iter(self._sounds))))
        return sound


def _size(sound: np.ndarray) -> int:
    """Its size in bytes; channels that are broadcast from one count once."""
    return sound.nbytes if sound.strides[-1] else sound.nbytes // sound.shape[-1]
