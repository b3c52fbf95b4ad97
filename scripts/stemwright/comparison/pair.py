"""Two files of one track, read side by side, and how they are related in short segments of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from stemwright.audio import BLOCK, AudioFile, Stream, as_channels, fit, reblock

_SEGMENT_S, _MOST_SEGMENTS = 0.02, 1 << 16
_STEPS = {"PCM_U8": 2.0**-7, "PCM_S8": 2.0**-7, "PCM_16": 2.0**-15, "PCM_24": 2.0**-23, "PCM_32": 2.0**-31}
_FLOAT_STEP = 2.0**-24
DITHERED = 3.0
"""Two files of one sound, each rounded with triangular dither, differ by up to three steps."""


@dataclass(frozen=True)
class Format:
    """What a file is: `container`, `subtype`, `rate` in Hz, `channels`, `frames`, whether its codec `is_lossy`."""

    path: str
    container: str
    subtype: str
    rate: int
    channels: int
    frames: int
    is_lossy: bool

    @classmethod
    def of(cls, path: str) -> Format:
        """The format of a file. Raises AudioFileError if it cannot be read."""
        with AudioFile(path) as file:
            lossy = file.container.is_lossy
            return cls(path, file.format, file.subtype, file.rate, file.channels, file.frames, lossy)

    @property
    def layout(self) -> str:
        """Its channels, in a word."""
        return "mono" if self.channels == 1 else "stereo"

    @property
    def step(self) -> float:
        """The step to which samples near full scale are rounded."""
        return _STEPS.get(self.subtype, _FLOAT_STEP)


@dataclass(frozen=True)
class Pair:
    """The file before, and the file after, at one sample rate. The shorter is followed by silence.

    `matrix` is applied to the channels of the old one first: what is already explained.
    """

    old: Format
    new: Format
    matrix: np.ndarray | None = None

    @property
    def rate(self) -> int:
        """The sample rate, in Hz."""
        return self.new.rate

    @property
    def channels(self) -> int:
        """The channels that are compared."""
        return max(self.old.channels, self.new.channels)

    @property
    def frames(self) -> int:
        """The length of the longer."""
        return max(self.old.frames, self.new.frames)

    @property
    def tolerance(self) -> float:
        """The greatest difference of two samples that the formats account for: none, if they are the same."""
        if self.old.subtype == self.new.subtype and self.matrix is None:
            return 0.0
        return DITHERED * self.step

    @property
    def is_lossy(self) -> bool:
        """Whether a codec has discarded a part of one of them."""
        return self.old.is_lossy or self.new.is_lossy

    @property
    def step(self) -> float:
        """The coarser of the two steps to which samples are rounded."""
        return max(self.old.step, self.new.step)

    def after(self, matrix: np.ndarray) -> Pair:
        """The pair in which the old one has gone through a matrix."""
        return replace(self, matrix=matrix if self.matrix is None else matrix @ self.matrix)

    def blocks(self, size: int = BLOCK) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Blocks of both, each of shape (frames, channels)."""
        with AudioFile(self.old.path) as old, AudioFile(self.new.path) as new:
            for x, y in zip(self._read(old, size), self._read(new, size), strict=True):
                yield (x if self.matrix is None else x @ self.matrix.T), y

    def _read(self, file: AudioFile, size: int) -> Stream:
        blocks = as_channels(file.blocks(), self.channels)
        return reblock(fit(blocks, self.frames, self.channels), size)

    def measure(self, segment_s: float = _SEGMENT_S) -> Segments:
        """Read both once, in segments of so many seconds; longer ones for files of over 20 minutes."""
        segment = max(1, round(segment_s * self.rate), -(-self.frames // _MOST_SEGMENTS))
        xx, yx, yy, peaks, loudest = [], [], [], [], 0.0
        for x, y in self.blocks(segment * max(1, BLOCK // segment)):
            loudest = max(loudest, float(np.abs(x).max()), float(np.abs(y).max()))
            x, y = (_segments(each, segment) for each in (x, y))
            xx.append(x.transpose(0, 2, 1) @ x)
            yx.append(y.transpose(0, 2, 1) @ x)
            yy.append(np.einsum("sfc,sfc->sc", y, y))
            peaks.append(np.abs(y - x).max(axis=(1, 2)))
        products, crossed, energies, peak = (np.concatenate(each) for each in (xx, yx, yy, peaks))
        return Segments(
            segment, products, crossed, energies, peak, loudest, self.tolerance, self.step, self.is_lossy
        )


def _segments(block: np.ndarray, segment: int) -> np.ndarray:
    """A block in segments, shape (segments, segment, channels), the last with silence."""
    padded = np.pad(block, ((0, -len(block) % segment), (0, 0)))
    return padded.reshape(-1, segment, block.shape[1])


@dataclass(frozen=True)
class Segments:
    """Products of old (x) and new (y) in each segment.

    Attributes
    ----------
    size : int
        Frames of a segment.
    xx, yx : numpy.ndarray
        Shape (segments, channels, channels).
    yy : numpy.ndarray
        The energy of each channel, shape (segments, channels).
    peaks : numpy.ndarray
        The greatest magnitude of y - x.
    loudest : float
        The greatest magnitude of x or y.
    tolerance : float
        The greatest magnitude of y - x that formats account for.
    step : float
        The step to which samples near full scale are rounded, in the coarser of both.
    is_lossy : bool
        Whether a codec has discarded a part of one of them.
    """

    size: int
    xx: np.ndarray
    yx: np.ndarray
    yy: np.ndarray
    peaks: np.ndarray
    loudest: float
    tolerance: float
    step: float
    is_lossy: bool

    @property
    def differs(self) -> np.ndarray:
        """Which segments differ."""
        return self.peaks > self.tolerance

    @property
    def old(self) -> np.ndarray:
        """The energy of each segment before."""
        return np.trace(self.xx, axis1=1, axis2=2)

    @property
    def new(self) -> np.ndarray:
        """The energy of each segment after."""
        return self.yy.sum(axis=1)

    @property
    def difference(self) -> np.ndarray:
        """The energy of the difference in each segment; 0 where they are equal."""
        found = self.old + self.new - 2 * np.trace(self.yx, axis1=1, axis2=2)
        return np.where(self.differs, np.maximum(found, self.peaks**2), 0.0)
