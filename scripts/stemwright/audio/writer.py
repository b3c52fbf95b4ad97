"""Writing audio: whole files under their final name, and the same bytes for the same samples.

libsndfile stamps the time into a PEAK chunk of float WAV; that is turned off. Files that would
pass 4 GB become RF64. Integer formats get TPDF dither of 2 LSB peak to peak (Lipshitz, Wannamaker
and Vanderkooy, JAES 40(5), 1992), from a generator seeded by the caller, but for samples that are exactly 0.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np
import soundfile as sf

from stemwright.base.errors import StemwrightError
from stemwright.base.files import atomic_write

_SFC_SET_ADD_PEAK_CHUNK = 0x1050
_WAV_LIMIT = 4_000_000_000
_BITS = {"PCM_16": 16, "PCM_24": 24, "FLOAT_24": 24}


def write_audio(
    path: str | os.PathLike,
    blocks: Iterable[np.ndarray],
    *,
    rate: int,
    channels: int,
    frames: int,
    subtype: str = "FLOAT",
    container: str = "WAV",
    seed: int = 0,
) -> None:
    """Write a stream of exactly `frames` frames.

    `subtype`: PCM_16, PCM_24, FLOAT (32-bit), or FLOAT_24: 32-bit float whose values lie on the
    24-bit grid. `container`: WAV or FLAC (PCM only). Raises StemwrightError if a sample is not
    finite or if the stream is not `frames` long, and OSError if the disk is full: nothing bears the final
    name then.
    """
    try:
        with atomic_write(path) as part:
            _write(path, part, blocks, rate, channels, frames, subtype, container, seed)
            # libsndfile does not say when the end of a FLAC file, written on closing it, found no room.
            with sf.SoundFile(part) as file:
                file.seek(frames - 1)
                file.read(1)
    except sf.LibsndfileError as error:
        raise StemwrightError(f"{path}: cannot be written whole (is the disk full?): {error}") from None


def _write(path, part, blocks, rate, channels, frames, subtype, container, seed) -> None:
    if container == "WAV" and frames * channels * 4 > _WAV_LIMIT:
        container = "RF64"
    stored = "FLOAT" if subtype == "FLOAT_24" else subtype
    bits = _BITS.get(subtype)
    noise = np.random.default_rng(seed)
    written = 0
    with sf.SoundFile(part, "w", rate, channels, stored, format=container) as file:
        # No public call reaches this command (soundfile 0.14).
        sf._snd.sf_command(file._file, _SFC_SET_ADD_PEAK_CHUNK, sf._ffi.NULL, 0)
        for block in blocks:
            block = block if bits else block.astype(np.float32)  # what is too large for it becomes infinite
            if not np.isfinite(block).all():
                bad = written + int(np.argmin(np.isfinite(block).all(axis=1)))
                raise StemwrightError(f"{path}: sample {bad:,} is not a finite number; nothing was written")
            file.write(_quantised(block, bits, stored, noise) if bits else block)
            written += len(block)
        if written != frames:
            raise StemwrightError(f"{path}: has {written:,} frames, expected {frames:,}; nothing was written")


def _quantised(block: np.ndarray, bits: int, stored: str, noise: np.random.Generator) -> np.ndarray:
    scale = 1 << bits - 1
    # Two uniforms a sample, drawn in sample order, so that block sizes do not change them.
    dither = noise.random((*block.shape, 2)).sum(axis=2) - 1.0
    dither[block == 0.0] = 0.0  # digital silence stays silent
    steps = np.clip(np.rint(block * scale + dither), -scale, scale - 1)
    if stored == "FLOAT":
        return (steps / scale).astype(np.float32)
    # libsndfile takes the top bits of 32-bit integers.
    return steps.astype(np.int32) << 32 - bits
