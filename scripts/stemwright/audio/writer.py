"""A deterministic writer of audio files: atomic, and the same bytes for the same samples.

libsndfile writes the time of day into the PEAK chunk of float WAV and AIFF; that chunk is turned off, and where it
cannot be, in RF64, made a JUNK chunk. WAV that would exceed 4 GB becomes RF64. Blocks of silence take no room on disk,
where the file system can have holes. Formats of 16 and 24 bits get TPDF dither of 2 LSB peak to peak (Lipshitz,
Wannamaker and Vanderkooy, JAES 40(5), 1992) from a generator seeded by the caller; samples that are exactly 0 get none.
PCM_32 is rounded only: its step is that of the build's own floats at -48 dBFS, so nothing is lost that dither could
keep.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile as sf

from stemwright.audio.stream import Stream
from stemwright.base.errors import StemwrightError
from stemwright.base.files import atomic_write, make_holes

_SFC_SET_ADD_PEAK_CHUNK = 0x1050
_WAV_LIMIT = 4_000_000_000
_HEAD = 4_096  # bytes, within which the data of an RF64 file begin
_BITS = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT_24": 24}
_BYTES = {"PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4}


class _Written(sf.SoundFile):
    """A file that is not flushed to disk when it is closed: `atomic_write` does so, and hashes it meanwhile."""

    def flush(self) -> None:
        pass

    def write_samples(self, samples: np.ndarray) -> None:
        """As `write`, of float32, or of int32 whose upper bits are stored; in WAV as bytes, which is twice as fast."""
        if self.format not in ("WAV", "WAVEX", "RF64"):
            self.write(samples)
            return
        size = _BYTES[self.subtype]
        data = np.ascontiguousarray(samples, samples.dtype.newbyteorder("<")).view(np.uint8)
        if size < 4:
            data = _upper_bytes(data, size)
        # soundfile 0.14 has no public call for this.
        count = sf._snd.sf_write_raw(self._file, sf._ffi.from_buffer(data), data.nbytes)
        if count != data.nbytes:
            raise sf.LibsndfileError(sf._snd.sf_error(self._file))


def write_audio(
    path: str | os.PathLike,
    blocks: Iterable[np.ndarray],
    *,
    rate: int,
    channels: int,
    frames: int,
    subtype: str = "FLOAT",
    container: str = "WAV",
    seed: int | None = 0,
) -> None:
    """Write a stream to an audio file. After an error there is no file of this name.

    Parameters
    ----------
    path
        The file to write.
    blocks
        The stream; samples outside full scale are clipped in integer formats.
    rate
        Sample rate in Hz.
    channels
        Number of channels.
    frames
        Length that the stream must have.
    subtype
        PCM_16, PCM_24, PCM_32, FLOAT (32-bit), or FLOAT_24: 32-bit float whose values lie on the 24-bit grid.
    container
        WAV, AIFF, or FLAC (PCM_16 and PCM_24 only).
    seed
        Seed of the dither; None for none, where the samples are on the grid of the format already.

    Raises
    ------
    StemwrightError
        If a sample is not finite, the stream is not `frames` long, or the file cannot be read back.
    OSError
        If the file cannot be written, such as when the disk is full.
    """
    with whole_file(path) as part:
        write_samples(path, part, blocks, rate, channels, frames, subtype, container, seed)


@contextmanager
def whole_file(path: str | os.PathLike) -> Iterator[Path]:
    """As `atomic_write`; what libsndfile says of a file that it cannot write, and EOFError, become StemwrightErrors."""
    try:
        with atomic_write(path) as part:
            yield part
    except (sf.LibsndfileError, EOFError) as error:
        raise StemwrightError(f"{path}: cannot be written whole (is the disk full?): {error}") from None


def write_samples(
    path: str | os.PathLike,
    part: Path,
    blocks: Iterable[np.ndarray],
    rate: int,
    channels: int,
    frames: int,
    subtype: str,
    container: str,
    seed: int | None,
) -> None:
    """Write a stream to a lossless file that has no name yet.

    Parameters
    ----------
    path
        The file as messages name it.
    part
        The file that is written.
    blocks, rate, channels, frames, subtype, container, seed
        As in `write_audio`; also AIFF.
    """
    if container == "WAV" and frames * channels * 4 > _WAV_LIMIT:
        container = "RF64"
    stored = "FLOAT" if subtype == "FLOAT_24" else subtype
    if container == "AIFF" and frames * channels * _BYTES[stored] > _WAV_LIMIT:
        raise StemwrightError(f"{path}: would exceed 4 GB, the most that AIFF can hold: deliver WAV or FLAC")
    bits = _BITS.get(subtype)
    noise = None if seed is None else np.random.default_rng(seed)
    written = 0
    silent: list[list[int]] = []  # [first frame, frames] of what is written in blocks of zeros
    with _Written(part, "w", rate, channels, stored, format=container) as file:
        # soundfile 0.14 has no public call for this command.
        sf._snd.sf_command(file._file, _SFC_SET_ADD_PEAK_CHUNK, sf._ffi.NULL, 0)
        for block in checked(path, blocks, frames, np.float64 if bits else np.float32):
            samples = _quantise(block, bits, stored, noise) if bits else block
            file.write_samples(samples)
            if not samples.view(np.int32).any():  # -0.0 is no zero byte
                if not silent or sum(silent[-1]) < written:
                    silent.append([written, 0])
                silent[-1][1] += len(block)
            written += len(block)
    if container == "RF64":
        _without_peaks(part)
    if container != "FLAC":
        size = _BYTES[stored] * channels
        start = os.path.getsize(part) - (frames * size + 1) // 2 * 2  # chunks have an even number of bytes
        make_holes(part, [(start + first * size, count * size) for first, count in silent])
    # libsndfile reports no error if the end of a FLAC file, written on closing, found no space.
    with sf.SoundFile(part) as file:
        file.seek(frames - 1)
        file.read(1)


def _without_peaks(path: Path) -> None:
    """Make the PEAK chunk of an RF64 file, if it has one, a JUNK chunk of zeros."""
    with open(path, "r+b") as file:
        head = file.read(_HEAD)
        at = head.partition(b"data")[0].find(b"PEAK")
        if at >= 0:
            size = int.from_bytes(head[at + 4 : at + 8], "little")
            file.seek(at)
            file.write(b"JUNK" + head[at + 4 : at + 8] + bytes(size))


def checked(
    path: str | os.PathLike, blocks: Iterable[np.ndarray], frames: int, dtype: type[np.floating]
) -> Stream:
    """The blocks of a stream that is to be written, as a type of float.

    Parameters
    ----------
    path
        The file as messages name it.
    blocks
        The stream.
    frames
        Its length.
    dtype
        The type.

    Yields
    ------
    numpy.ndarray
        Each block.

    Raises
    ------
    StemwrightError
        If a sample is not finite, or the stream is not `frames` long.
    """
    count = 0
    for block in blocks:
        block = block.astype(dtype, copy=False)  # values beyond its range become infinite
        if not np.isfinite(block).all():
            bad = count + int(np.argmin(np.isfinite(block).all(axis=1)))
            raise StemwrightError(f"{path}: sample {bad:,} is not a finite number; nothing was written")
        yield block
        count += len(block)
    if count != frames:
        raise StemwrightError(f"{path}: has {count:,} frames, expected {frames:,}; nothing was written")


def _upper_bytes(data: np.ndarray, size: int) -> np.ndarray:
    """Of 32-bit integers, as little-endian bytes, the upper `size` bytes of each."""
    upper = np.empty((data.size // 4, size), np.uint8)
    for byte, column in enumerate(data.reshape(-1, 4).T[4 - size :]):
        upper[:, byte] = column
    return upper


def _quantise(block: np.ndarray, bits: int, stored: str, noise: np.random.Generator | None) -> np.ndarray:
    """Dither a block, if with noise, and round it to `bits`: float32 if stored as FLOAT, else left-aligned int32."""
    scale = 1 << bits - 1
    steps = block * scale
    if noise is not None and bits < 32:
        # Two uniform numbers per sample, drawn in sample order, so that they do not depend on block sizes.
        pairs = noise.random((*block.shape, 2))
        dither = pairs[..., 0] + pairs[..., 1]  # 30 times as fast as sum(axis=2)
        dither -= 1.0
        dither[block == 0.0] = 0.0  # digital silence stays silent
        steps += dither
    np.rint(steps, out=steps)
    np.clip(steps, -scale, scale - 1, out=steps)
    if stored == "FLOAT":
        return (steps / scale).astype(np.float32)
    # libsndfile stores the upper bits of 32-bit integers.
    return steps.astype(np.int32) << 32 - bits
