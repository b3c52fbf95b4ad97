"""Previews: audio as short Ogg Vorbis files in base64, which a page decodes one by one as they are played.

Chunks overlap, so that a player can cross-fade from one to the next: a codec is less exact at its ends. Of the codecs
that browsers decode and libsndfile writes, Vorbis is by far the fastest to encode.
"""

from __future__ import annotations

import base64
import functools
import io
from collections.abc import Iterator

import numpy as np
import soundfile as sf

from stemwright.audio import Stream
from stemwright.audio.encoders._ogg_pages import set_serials
from stemwright.pages.encoded import base64_text

HIGHEST_RATE = 24_000
"""Hz: sound up to 12 kHz, in stereo at a quality that fits the budget."""

CHUNK_S, OVERLAP_S = 10, 0.05
BYTES_A_MINUTE = 600_000
"""The budget of the audio of one track, in base64."""

_LEAST_BYTES = 8_000
"""What a chunk may take however short it is: the head of a Vorbis file takes half of it."""

_QUALITIES = (0.2, 0.1, 0.0)
"""Of Vorbis: the first that fits the budget is taken. Music fits at the first, and so does white noise in stereo."""

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


class Encoder:
    """Encodes the chunks of one preview, each within the budget.

    Parameters
    ----------
    rate : int
        Their sample rate in Hz.
    """

    def __init__(self, rate: int):
        self._rate = rate
        self._first = 0  # of what is tried: the next chunk hardly takes fewer bytes than this one

    def encode(self, chunk: np.ndarray) -> str:
        """A chunk of shape (frames, channels) as an Ogg file in base64; in mono where both channels are equal."""
        if not chunk.any():
            return _silence(len(chunk), self._rate)
        if chunk.shape[1] == 2 and np.array_equal(chunk[:, 0], chunk[:, 1]):
            chunk = chunk[:, :1]
        seconds = len(chunk) / self._rate - 2 * OVERLAP_S
        most = max(_LEAST_BYTES, BYTES_A_MINUTE * seconds / 60)
        for number in range(self._first, len(_QUALITIES)):
            text = _text(chunk, self._rate, _QUALITIES[number])
            self._first = number
            if len(text) <= most:
                return text
        share = 1.0
        while len(text) > most:  # full-band sound far above full scale does not fit at any quality
            share /= 2
            text = _text(_low_passed(chunk, share), self._rate, _QUALITIES[-1])
        return text


def decode(text: str, number: int, rate: int, channels: int) -> np.ndarray:
    """What is heard of a chunk: without its overlaps.

    Parameters
    ----------
    text : str
        The chunk as `Encoder.encode` gives it.
    number : int
        Which chunk of the track it is, from 0 on.
    rate : int
        The sample rate of the preview in Hz.
    channels : int
        How many the track has: a chunk may have one for all.

    Returns
    -------
    numpy.ndarray
        Samples of shape (frames, channels).
    """
    samples, _ = sf.read(io.BytesIO(base64.b64decode(text)), always_2d=True)
    first = round(OVERLAP_S * rate) if number else 0
    return np.broadcast_to(samples, (len(samples), channels))[first : first + CHUNK_S * rate]


def _low_passed(chunk: np.ndarray, share: float) -> np.ndarray:
    """A chunk without what is above a share of its band."""
    lines = np.fft.rfft(chunk, axis=0)
    lines[round(len(lines) * share) :] = 0
    return np.fft.irfft(lines, len(chunk), axis=0)


@functools.cache
def _silence(frames: int, rate: int) -> str:
    return _text(np.zeros((frames, 1)), rate, _QUALITIES[-1])


def _text(chunk: np.ndarray, rate: int, quality: float) -> str:
    return base64_text(_vorbis(chunk, rate, quality))


def _vorbis(chunk: np.ndarray, rate: int, quality: float) -> bytes:
    written = io.BytesIO()
    with sf.SoundFile(
        written, "w", rate, chunk.shape[1], "VORBIS", format="OGG", compression_level=1 - quality
    ) as file:
        for at in range(0, len(chunk), _FRAMES):
            file.write(chunk[at : at + _FRAMES])
    set_serials(written)
    return written.getvalue()
