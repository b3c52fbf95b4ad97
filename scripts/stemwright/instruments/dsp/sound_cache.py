"""Sounds made once: what may be played again is kept while there is room, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np

_ROOM = 64 << 20
"""In bytes: at 48 kHz, some 80 seconds of stereo."""


class SoundCache:
    """The sounds used last, up to some 64 MB (or a single one that is larger)."""

    def __init__(self) -> None:
        self._known: dict[Hashable, np.ndarray] = {}
        self._bytes = 0

    def get(self, kind: Hashable, make: Callable[[], np.ndarray]) -> np.ndarray:
        """The sound of a kind, made if it is not known."""
        sound = self._known.pop(kind, None)
        if sound is None:
            sound = make()
            self._bytes += _size(sound)
        self._known[kind] = sound  # the last used last
        while len(self._known) > 1 and self._bytes > _ROOM:
            self._bytes -= _size(self._known.pop(next(iter(self._known))))
        return sound


def _size(sound: np.ndarray) -> int:
    """In bytes: of a channel that is shown as several there is one."""
    return sound.nbytes if sound.strides[-1] else sound.nbytes // sound.shape[-1]
