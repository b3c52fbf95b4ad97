"""The loudness of each track of a disc, all in one pass."""

from __future__ import annotations

import numpy as np

from stemwright.audio.disc import DiscTrack, tracks_between
from stemwright.measure._base import Meter
from stemwright.measure.loudness import Loudness


class TrackLoudness(Meter):
    """`found`: the meter of each track, fed with its frames alone."""

    def __init__(self, tracks: tuple[DiscTrack, ...]):
        self.tracks = tracks

    def start(self, rate: int, channels: int) -> None:
        self.found = [Loudness() for _ in self.tracks]
        for meter in self.found:
            meter.start(rate, channels)
        self._at = 0

    def feed(self, block: np.ndarray) -> None:
        for number, first, last in tracks_between(self.tracks, self._at, len(block)):
            self.found[number].feed(block[first:last])
        self._at += len(block)
