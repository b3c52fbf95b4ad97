"""Previews: audio as short Ogg Vorbis files in base64, which a page decodes one by one as they are played.

Chunks overlap, so that a player can cross-fade from one to the next: a codec is less exact at its ends. Of the codecs
that browsers decode and libsndfile writes, Vorbis is by far the fastest to encode.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import numpy as np
import soundfile as sf

from stemwright.audio import Stream
from stemwright.audio.encoders._ogg_pages import set_serials

HIGHEST_RATE = 24_000
"""Hz: sound up to 12 kHz, in stereo at a quality that fits the budget."""

CHUNK_S, OVERLAP_S = 30, 0.05
BYTES_A_MINUTE = 600_000
"""The budget of the audio of one track, in base64."""

_QUALITIES = (0.2, 0.1, 0.0)
"""Of Vorbis, from the one that is tried first. White noise in stereo takes 0.47 MB a minute at the last."""

_FRAMES = 2_048
"""Written at a time: with many at once, libsndfile 1.2.2 overflows the stack."""


def preview_rate(rate: int) -> int:
    """The rate of a preview in Hz: a whole part of that of the sound, if there is one."""
    return round(rate / -(-rate // HIGHEST_RATE))


def chunk_spans(frames: int, rate: int) -> list[tuple[int, int]]:
    """The first frame of each chunk of a preview with its overlap, and the one after its last."""
    size, overlap = CHUNK_S * rate, round(OVERLAP_S * rate)
    return [(max(0, at - overlap), min(frames, at + size + overlap)) for at in range(0, frames, size)]


def chunks(blocks: Stream, frames: int, rate: int) -> Iterator[np.ndarray]:
    """The chunks of a stream. No more than two are held.

    Parameters
    ----------
    blocks : Stream
        The sound, of shape (frames, channels).
    frames : int
        Its length.
    rate : int
        Its sample rate in Hz.

    Yields
    ------
    numpy.ndarray
        One chunk, with its overlaps.
    """
    held: list[np.ndarray] = []
    start = end = 0  # of what is held
    for first, last in chunk_spans(frames, rate):
        while end < last:
            held.append(next(blocks))
            end += len(held[-1])
        whole = np.concatenate(held)[first - start :]
        held, start = [whole], first
        yield whole[: last - first]


def encode(chunk: np.ndarray, rate: int) -> str:
    """A chunk as an Ogg Vorbis file in base64, within the budget; in mono where both channels are equal.

    Parameters
    ----------
    chunk : numpy.ndarray
        Samples of shape (frames, channels).
    rate : int
        Their sample rate in Hz.

    Returns
    -------
    str
    """
    if chunk.shape[1] == 2 and np.array_equal(chunk[:, 0], chunk[:, 1]):
        chunk = chunk[:, :1]
    for quality in _QUALITIES:
        text = base64.b64encode(_vorbis(chunk, rate, quality)).decode("ascii")
        if len(text) <= BYTES_A_MINUTE * len(chunk) / (60 * rate):
            break
    return text


def _vorbis(chunk: np.ndarray, rate: int, quality: float) -> bytes:
    written = io.BytesIO()
    with sf.SoundFile(
        written, "w", rate, chunk.shape[1], "VORBIS", format="OGG", compression_level=1 - quality
    ) as file:
        for at in range(0, len(chunk), _FRAMES):
            file.write(chunk[at : at + _FRAMES])
    set_serials(written)
    return written.getvalue()
