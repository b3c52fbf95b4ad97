"""A strict reader of audio files: either all frames that a file declares can be read, or it raises an error."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from functools import cached_property

import numpy as np

from stemwright.audio.containers import Container, inspect
from stemwright.audio.decoders import Decoder, Libsndfile, open_decoder
from stemwright.audio.stream import BLOCK, Stream
from stemwright.base.errors import AudioFileError

RATES = (4_000, 384_000)
"""The lowest and highest sample rate accepted, in Hz."""

_LARGEST = float(np.finfo(np.float32).max)
_SEEKABLE = ("PCM_", "FLOAT", "DOUBLE", "ULAW", "ALAW")


def format_problem(rate: int, channels: int) -> str:
    """Why sound of this sample rate in Hz and so many channels cannot be used; "" if it can."""
    if not RATES[0] <= rate <= RATES[1]:
        return f"a sample rate of {rate:,} Hz; expected {RATES[0]:,} to {RATES[1]:,}"
    if channels > 2:
        return f"{channels:,} channels; expected 1 or 2. Mix it down first"
    return "" if channels else "no channels; expected 1 or 2. Get it again"


class AudioFile:
    """An open audio file of one or two channels, for use in a `with` statement.

    Attributes: `rate` in Hz, `channels`, `format` and `subtype` as libsndfile names them, and `container`: what the
    file declares and holds. `frames` are those declared, or counted by decoding; they are verified while reading.

    Raises AudioFileError for a file that cannot be read completely: not audio, truncated, damaged, without frames, with
    more sound than it declares, a sample rate outside 4 to 384 kHz or more than two channels. With `lenient`, faults of
    the container are only recorded in `container` (a gate reports them), as far as it can be read in spite of them.
    """

    def __init__(self, path: str | os.PathLike, lenient: bool = False):
        self.path = os.fspath(path)
        self.container = inspect(path)
        if self.container.problem and not lenient:
            raise AudioFileError(f"{path}: {self.container.problem}")
        rate, channels = self.container.sample_rate, self.container.channels
        if rate is not None and channels is not None and (problem := format_problem(rate, channels)):
            raise AudioFileError(f"{path}: has {problem}")
        try:
            self._decoder = open_decoder(self.path, self.container)
        except AudioFileError:
            if not self.container.fault:
                raise
            raise AudioFileError(f"{path}: {self.container.problem}") from None
        self.rate, self.channels = self._decoder.rate, self._decoder.channels
        self.subtype, self.format = self._decoder.subtype, self._decoder.format
        problem = format_problem(self.rate, self.channels)
        if not problem and self._declared is not None and self._declared < 1:
            problem = "no audio in it (0 frames)"
        if problem:
            self._decoder.close()
            raise AudioFileError(f"{path}: has {problem}")

    def __enter__(self) -> AudioFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._decoder.close()

    @property
    def _declared(self) -> int | None:
        """The frames that the file declares, or of a faulty one has; None if only decoding finds them."""
        if self.container.fault:
            return self._decoder.frames if self.is_seekable else None
        return self._decoder.frames if self.container.frames is None else self.container.frames

    @property
    def is_seekable(self) -> bool:
        """Whether it can be read from any frame at once; of another, all before that frame is decoded each time."""
        return isinstance(self._decoder, Libsndfile) and self.subtype.startswith(_SEEKABLE)

    @cached_property
    def frames(self) -> int:
        """The length in frames."""
        if self._declared is not None:
            return self._declared
        return sum(map(len, self._forward(0, None)))

    def blocks(self, start: int = 0, frames: int | None = None) -> Stream:
        """Stream `frames` frames from `start`, by default all to the end.

        If that is the whole file, its length and, where it declares one, the MD5 of its samples are compared. Raises
        AudioFileError if they differ, or if it cannot be decoded.
        """
        end = None if frames is None else start + frames
        if self.is_seekable:
            return self._seeking(start, end)
        return self._forward(start, end)

    def finite_blocks(self, start: int = 0, frames: int | None = None) -> Stream:
        """`blocks` of a recording: raises AudioFileError at a sample, too, that is no number in 32-bit float."""
        at = start
        for block in self.blocks(start, frames):
            if not max(block.max(), -block.min()) <= _LARGEST:  # so that NaN is seen
                is_bad = ~(np.abs(block) <= _LARGEST).all(axis=1)
                raise AudioFileError(
                    f"{self.path}: sample {at + int(np.argmax(is_bad)):,} is not a finite number. Export it again "
                    "with the program that wrote it, or mend that place in an audio editor"
                )
            at += len(block)
            yield block

    def read(self) -> np.ndarray:
        """The whole file, shape (frames, channels). For short files only."""
        return np.concatenate(list(self.blocks()))

    def _seeking(self, start: int, end: int | None) -> Stream:
        assert isinstance(self._decoder, Libsndfile)
        at, end = start, self.frames if end is None else end
        is_comparable = start == 0 and end == self.frames and not self.container.fault
        digest = _Digest(self.container) if is_comparable else None
        self._decoder.seek(start)
        while at < end:
            block = self._read(self._decoder, min(BLOCK, end - at), at, end)
            at += len(block)
            if digest:
                digest.add(block)
            yield block
        if digest:
            digest.compare(self.path)

    def _forward(self, start: int, end: int | None) -> Stream:
        """Decode from the first frame on, with a decoder of its own: after a seek, decoders err."""
        declared, at = self._declared, 0
        with closing(open_decoder(self.path, self.container)) as decoder:
            while end is None or at < end:
                size = BLOCK
                if declared is not None:
                    # libsndfile 1.2 decodes the last packet of Opus wrongly if a read begins inside it.
                    size = min(declared - at, 2 * BLOCK) if declared - at < 2 * BLOCK else BLOCK
                    if not size:
                        break
                block = self._read(decoder, size, at, declared)
                if not len(block):
                    break
                if at + len(block) > start:
                    yield block[max(0, start - at) : None if end is None else end - at]
                at += len(block)
        if end is not None and at < end:
            raise AudioFileError(f"{self.path}: has {at:,} frames, of which {end:,} were to be read")

    def _read(self, decoder: Decoder, size: int, at: int, declared: int | None) -> np.ndarray:
        """The next frames, from frame `at` on. Raises AudioFileError if there are none, and more are declared."""
        try:
            block = decoder.read(size)
        except AudioFileError:
            if not self.container.fault:
                raise
            raise AudioFileError(f"{self.path}: {self.container.problem}") from None
        if not len(block) and declared is not None:
            raise AudioFileError(
                f"{self.path}: is damaged: it decodes to {at:,} frames, expected {declared:,}. Get it again"
            )
        return block


class _Digest:
    """The MD5 of samples as integers, as FLAC declares it: little-endian, each in whole bytes, channels interleaved."""

    def __init__(self, container: Container):
        self._expected, self._bits = container.md5, container.bits
        self._md5 = hashlib.md5(usedforsecurity=False)

    def add(self, block: np.ndarray) -> None:
        """Add a block of samples of full scale 1."""
        if self._expected:
            steps = np.rint(block * 2.0 ** (self._bits - 1)).astype("<i4")
            size = (self._bits + 7) // 8
            self._md5.update(np.ascontiguousarray(steps).view(np.uint8).reshape(-1, 4)[:, :size].tobytes())

    def compare(self, path: str) -> None:
        """Raise AudioFileError if the MD5 is not the one declared."""
        if self._expected and self._md5.digest() != self._expected:
            raise AudioFileError(
                f"{path}: is damaged: the MD5 of its samples is not the one that its header declares. Get it again"
            )
