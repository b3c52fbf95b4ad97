"""Peaks: the lowest and highest sample and the RMS of each column of a drawn waveform."""

from __future__ import annotations

import numpy as np

from stemwright.pages.encoded import base64_text, column_starts

COLUMNS = 1_200
"""Of a whole file: more than are seen at once on most screens. A shorter file has a column for each frame."""


class Peaks:
    """Reads the blocks of one file. Every sample counts in its column, of all channels together.

    Parameters
    ----------
    frames : int
        The length of the file.
    """

    def __init__(self, frames: int):
        self.columns = min(COLUMNS, frames)
        self._starts = column_starts(frames, self.columns)
        self._low = np.zeros(self.columns)
        self._high = np.zeros(self.columns)
        self._power = np.zeros(self.columns)
        self._frames, self._at, self._channels = frames, 0, 1

    def feed(self, block: np.ndarray) -> None:
        """Add a block of shape (frames, channels), full scale 1."""
        end, self._channels = self._at + len(block), block.shape[1]
        first = int(np.searchsorted(self._starts, self._at, "right")) - 1
        last = int(np.searchsorted(self._starts, end, "left"))
        # In memory, the channels of a frame are beside each other: columns of both are one run of samples.
        samples = np.ascontiguousarray(block).reshape(-1)
        edges = (np.maximum(self._starts[first:last], self._at) - self._at) * self._channels
        columns = slice(first, last)
        self._low[columns] = np.minimum(self._low[columns], np.minimum.reduceat(samples, edges))
        self._high[columns] = np.maximum(self._high[columns], np.maximum.reduceat(samples, edges))
        self._power[columns] += np.add.reduceat(samples * samples, edges)
        self._at = end

    def data(self) -> dict[str, object]:
        """`columns`; `peaks`: int8 of shape (columns, 2), 127 = full scale; `rms`: uint8, 255 = full scale."""
        peaks = np.clip(np.rint(np.stack((self._low, self._high), axis=1) * 127), -127, 127)
        sizes = np.diff(self._starts, append=self._frames) * self._channels
        rms = np.clip(np.rint(np.sqrt(self._power / sizes) * 255), 0, 255)
        return {
            "columns": self.columns,
            "peaks": base64_text(peaks.astype(np.int8)),
            "rms": base64_text(rms.astype(np.uint8)),
        }
