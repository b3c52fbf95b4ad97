"""A mix beside its stems: their difference, and how it is related to each stem, in short segments of time.

All that the diagnosis needs is inner products of the difference with each stem. With r = mix - sum of stems, the stem
i alone at fault, and t its sound as it is in the mix: t = r + x_i. So what was done to x_i shows in the products of r
and x_i, and no others are needed. They are kept for at most 20,000 segments, so that memory does not grow with length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

import numpy as np

from stemwright.audio import BLOCK, Stream, mean_of_channels, without_start
from stemwright.inspection.sounds import Sound, padded_blocks
from stemwright.measure.imports import WordLength

_SEGMENT_S, _MOST_SEGMENTS = 0.02, 20_000
_MOST_LAG = 1 << 15
_HEARD = 0.5  # the least share of a sound's energy that must be compared at a lag
_LAG_BLOCKS = 8  # those with the largest difference

_INTEGER_BITS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}
_FLOAT_STEP = 2.0**-23
"""Of the peak: a workstation rounds to 32-bit floats several times on the way."""


@dataclass(frozen=True)
class Correction:
    """What is done to a stem before it is compared: `late` frames are cut from its start, then channels are mixed."""

    late: int = 0
    matrix: np.ndarray | None = None

    def apply(self, channels: int, blocks: Stream) -> Stream:
        """The corrected stream."""
        if self.late > 0:
            blocks = without_start(blocks, self.late)
        elif self.late < 0:
            blocks = chain((np.zeros((-self.late, channels)),), blocks)
        for block in blocks:
            yield block if self.matrix is None else block @ self.matrix.T


@dataclass
class Sums:
    """What a pass over a mix and n stems gives. The index n stands for the sum of the stems.

    Attributes
    ----------
    segment : int
        Frames of a segment.
    rr : numpy.ndarray
        Energy of the difference, shape (segments,).
    power : float
        Its mean square.
    rx, xx : numpy.ndarray
        Products of the difference, and of each stem, with each stem, shape (n + 1, segments, channels, channels).
    peak : float
        The highest magnitude of the difference.
    rounding_peak, rounding_power : float
        What the formats of the files can account for: of the highest magnitude, and of the mean square.
    energies : numpy.ndarray
        Energy of each stem, shape (n,).
    mid : float
        Energy of what the difference has in both channels alike.
    offset : float
        The greatest mean of a channel of the difference: truncation instead of rounding leaves half a step a file.
    """

    segment: int
    rr: np.ndarray
    power: float
    rx: np.ndarray
    xx: np.ndarray
    peak: float
    rounding_peak: float
    rounding_power: float
    energies: np.ndarray
    mid: float
    offset: float


@dataclass
class Comparison:
    """A whole and its stems, at one sample rate. Shorter files count as followed by silence."""

    whole: Sound
    stems: Sequence[Sound]
    corrections: dict[int, Correction] = field(default_factory=dict)

    @property
    def rate(self) -> int:
        """The sample rate, in Hz."""
        return self.whole.rate

    @property
    def channels(self) -> int:
        """The channels: of the file that has most."""
        return max(sound.channels for sound in (self.whole, *self.stems))

    @property
    def frames(self) -> int:
        """The length: of the longest file."""
        return max(sound.frames for sound in (self.whole, *self.stems))

    def blocks(self, size: int = BLOCK) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The whole, of shape (frames, channels), and its stems, (stems, frames, channels), block by block."""
        for whole, *stems in self._read(range(-1, len(self.stems)), size):
            yield whole, np.stack(stems)

    def _read(self, indices: Sequence[int], size: int = BLOCK) -> Iterator[list[np.ndarray]]:
        """Stems by their indices, and the whole for -1, as corrected, block by block."""
        sounds = [self.whole if index < 0 else self.stems[index] for index in indices]
        changes = {
            place: partial(self.corrections[index].apply, self.channels)
            for place, index in enumerate(indices)
            if index in self.corrections
        }
        return padded_blocks(sounds, self.frames, self.channels, size, changes)

    def target(self, index: int) -> Callable[[], Stream]:
        """A stem as it must be in the whole, if the others are right; the sum of all, for the index after the last."""

        def stream() -> Stream:
            for whole, stems in self.blocks():
                others = np.delete(stems, index, axis=0) if index < len(stems) else stems[:0]
                yield whole - others.sum(axis=0)

        return stream

    def source(self, index: int) -> Callable[[], Stream]:
        """A stem as it is, or the sum of all."""
        heard = [index] if index < len(self.stems) else range(len(self.stems))
        return lambda: (np.stack(stems).sum(axis=0) for stems in self._read(heard))

    def measure(self) -> Sums:
        """Read all files once. A sample that is not finite makes all that it touches NaN."""
        segment = max(1, round(_SEGMENT_S * self.rate), -(-self.frames // _MOST_SEGMENTS))
        signals = (self.whole, *self.stems)
        words = [WordLength() for _ in signals]
        for word, sound in zip(words, signals, strict=True):
            word.start(sound.rate, self.channels)
        peaks, energies = np.zeros(len(signals)), np.zeros(len(signals))
        rr, rx, xx, peak, mid, means = [], [], [], 0.0, 0.0, np.zeros(self.channels)
        for whole, stems in self.blocks(segment * max(1, BLOCK // segment)):
            total = stems.sum(axis=0)
            difference = whole - total
            peak = max(peak, float(np.abs(difference).max()))
            means += difference.sum(axis=0) / self.frames
            mid += self.channels * float(np.sum(mean_of_channels(difference) ** 2))
            for index, signal in enumerate((whole, *stems)):
                peaks[index] = max(peaks[index], np.abs(signal).max())
                energies[index] += np.vdot(signal, signal)
                words[index].feed(signal)
            r = _segments(difference[np.newaxis], segment)
            x = _segments(np.concatenate((stems, total[np.newaxis])), segment)
            rr.append(np.einsum("sfc,sfc->s", r[0], r[0]))
            with np.errstate(invalid="ignore", over="ignore"):
                rx.append(r.transpose(0, 1, 3, 2) @ x)
                xx.append(x.transpose(0, 1, 3, 2) @ x)
        energy = np.concatenate(rr)
        steps = np.array([_step(s, w, p) for s, w, p in zip(signals, words, peaks, strict=True)])
        return Sums(
            segment,
            energy,
            float(energy.sum()) / (self.frames * self.channels),
            np.concatenate(rx, axis=1),
            np.concatenate(xx, axis=1),
            peak,
            # Half a step of rounding and one of TPDF dither; its variance is a quarter of a step squared.
            float(1.5 * steps.sum()),
            float(np.sum(steps**2) / 4),
            energies[1:],
            mid,
            float(np.abs(means).max()),
        )

    def lags(self, sums: Sums) -> list[tuple[int, float, float]]:
        """For each stem, and their sum: the lag at which it explains most of the difference.

        Where the difference is largest, the stem plus the difference is compared with the stem at every lag of up to
        0.7 s (at 48 kHz): at its best gain it leaves |t|² - ⟨t, x⟩² / |x|².

        Parameters
        ----------
        sums : Sums
            What `measure` gives.

        Returns
        -------
        list of (int, float, float)
            The lag in frames (positive if it is later in the mix), the gain, and the share of the difference's energy
            that is left.
        """
        reach = min(_MOST_LAG, 1 << max(6, (self.frames // 2).bit_length() - 1))
        hop, size, count = 2 * reach, 4 * reach, len(self.stems) + 1
        starts = np.add.reduceat(sums.rr, np.arange(0, len(sums.rr), max(1, hop // sums.segment)))
        least = np.sort(starts)[-min(_LAG_BLOCKS, len(starts))] * 0.5
        spectra = np.zeros((count, size // 2 + 1), complex)
        moved, rest = np.zeros((count, 2 * reach + 1)), 0.0
        heard, lag = np.zeros((count, 2 * reach + 1)), np.arange(-reach, reach + 1)
        energies = np.zeros(count)
        for number, (whole, stems, around) in enumerate(self._around(reach)):
            # What a shift brings from before the start of the file, or from after its end, is not compared.
            valid = np.clip(lag - number * hop, 0, hop), np.clip(self.frames + lag - number * hop, 0, hop)
            difference = whole - stems.sum(axis=0)
            energy = float(np.vdot(difference, difference))
            if energy < least or not energy:
                continue
            rest += energy
            for index in range(count):
                here = stems[index] if index < count - 1 else stems.sum(axis=0)
                wide = around[index] if index < count - 1 else around.sum(axis=0)
                target = difference + here
                product = np.fft.rfft(target, size, axis=0) * np.conj(np.fft.rfft(wide, axis=0))
                spectra[index] += product.sum(axis=1)
                running = np.concatenate(([0.0], np.cumsum(np.einsum("fc,fc->f", target, target))))
                energies[index] += running[-1]
                heard[index] += running[valid[1]] - running[valid[0]]
                running = np.concatenate(([0.0], np.cumsum(np.einsum("fc,fc->f", wide, wide))))
                moved[index] += (running[hop:] - running[:-hop])[::-1]
        found = zip(spectra, moved, heard, energies, strict=True)
        return [self._best(*each, reach, rest) for each in found]

    def _best(
        self,
        spectrum: np.ndarray,
        moved: np.ndarray,
        heard: np.ndarray,
        target: float,
        reach: int,
        rest: float,
    ) -> tuple[int, float, float]:
        if not rest or not moved.max() > 0:
            return 0, 1.0, 1.0
        size, lag = 4 * reach, np.arange(-reach, reach + 1)
        # The stem's window begins `reach` before the target: lag 0 is at index -reach.
        product = np.fft.irfft(spectrum, size)[(lag - reach) % size]
        sounding = moved > 1e-9 * moved.max()
        gains = np.divide(product, moved, out=np.zeros_like(product), where=sounding)
        enough = heard > _HEARD * target
        left = np.where(enough, (heard - gains * product) / np.maximum(heard, 1e-30) * target, target)
        # Of lags that are equally good (a steady tone has many), the nearest.
        good = np.flatnonzero(left <= left.min() + 1e-6 * target)
        nearest = good[np.argmin(np.abs(lag[good]))]
        return int(lag[nearest]), float(gains[nearest]), max(0.0, float(left[nearest])) / rest

    def _around(self, reach: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Blocks of twice `reach` frames: the whole, the stems, and the stems with `reach` more frames on each side."""
        hop = 2 * reach
        kept: list[tuple[np.ndarray, np.ndarray]] = []
        silence = np.zeros((hop, self.channels)), np.zeros((len(self.stems), hop, self.channels))
        for whole, stems in chain((silence,), self.blocks(hop), (silence, silence)):
            missing = hop - len(whole)
            whole = np.pad(whole, ((0, missing), (0, 0)))
            stems = np.pad(stems, ((0, 0), (0, missing), (0, 0)))
            kept = [*kept[-2:], (whole, stems)]
            if len(kept) == 3:
                (_, before), (now, here), (_, after) = kept
                yield now, here, np.concatenate((before[:, -reach:], here, after[:, :reach]), axis=1)


def _segments(signals: np.ndarray, segment: int) -> np.ndarray:
    """Signals (count, frames, channels) in segments (count, segments, segment, channels), the last with silence."""
    missing = -signals.shape[1] % segment
    if missing:
        signals = np.pad(signals, ((0, 0), (0, missing), (0, 0)))
    return signals.reshape(len(signals), -1, segment, signals.shape[2])


def _step(sound: Sound, word: WordLength, peak: float) -> float:
    """The step to which a file's samples were rounded: of its format, or a coarser one that they all lie on."""
    bits = _INTEGER_BITS.get(sound.subtype)
    if word.bits is not None and word.bits <= 24 and bits != 8:
        bits = min(bits or 24, 16 if word.bits <= 16 else 24)
    return 2.0 ** (1 - bits) if bits else _FLOAT_STEP * max(peak, 2.0**-8)
