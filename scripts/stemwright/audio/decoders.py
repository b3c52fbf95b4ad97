"""Decoders: libsndfile, and ffmpeg, where it is installed, for what libsndfile cannot read. Both read forward only."""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol, TypeVar

import numpy as np
import soundfile as sf

from stemwright.audio.containers import Container, adts, mp4
from stemwright.base.errors import AudioFileError
from stemwright.base.programs import NOT_INSTALLED, ffmpeg_version

T = TypeVar("T")

_DEMUXERS = {"MP4": "mov", "AAC": "aac", "OGG": "ogg", "FLAC": "flac", "CAF": "caf"}
_LITTLE_ENDIAN = ("WAV", "WAVEX", "RF64", "W64")
INSTALL_FFMPEG = "apt install ffmpeg (Debian, Ubuntu)"
_REMEDY = f"{INSTALL_FFMPEG}, or convert the file to FLAC or WAV"
_HEAD = 12
_TAG = 128  # bytes at the end of a file


class Decoder(Protocol):
    """An open file: its sample `rate` in Hz, `channels`, `frames` (None if unknown) and names of its format."""

    rate: int
    channels: int
    frames: int | None
    format: str
    subtype: str

    def read(self, frames: int) -> np.ndarray:
        """The next frames, float64 of shape (frames, channels): fewer at the end."""

    def close(self) -> None:
        """Close the file."""


def open_decoder(path: str, container: Container) -> Decoder:
    """Open a file with the decoder that can read it. Raises AudioFileError if none can."""
    if container.format in ("MP4", "AAC"):
        return Ffmpeg(path, container)
    try:
        return Libsndfile(path, container)
    except AudioFileError:
        if container.format not in _DEMUXERS:
            raise
        return Ffmpeg(path, container)


def programs_for(path: str) -> dict[str, str]:
    """The programs that decode a file, with their versions, which may change the result. Reads its first bytes."""
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except (OSError, ValueError):
        return {}
    return {"ffmpeg": ffmpeg_version()} if mp4.matches(head) or adts.matches(head) else {}


def missing_program(path: str) -> str:
    """That a file needs a program which is not installed here, with the remedy; "" if it needs none that is missing."""
    missing = [name for name, version in programs_for(path).items() if version == NOT_INSTALLED]
    return f"needs {missing[0]}, which is not installed here: {_REMEDY}" if missing else ""


class Libsndfile:
    """A file opened with libsndfile."""

    def __init__(self, path: str, container: Container):
        self.path = path
        source: int | io.RawIOBase
        if container.head or container.skip or container.pretended_size:
            source = _Patched(path, container)
        else:
            # By file descriptor: from a name such as x.raw soundfile would conclude that there is no header.
            source = os.open(path, os.O_RDONLY)
        try:
            self._file = _SoundFile(source)
        except (sf.LibsndfileError, RuntimeError) as error:
            raise AudioFileError(
                f"{path}: cannot be opened as {container.kind}: libsndfile says {_reason(error)!r}. "
                "Get it again, or convert it with the program that wrote it"
            ) from None
        self.rate, self.channels = self._file.samplerate, self._file.channels
        self.frames: int | None = self._file.frames if self._file.is_seekable else None
        self.format, self.subtype = self._file.format, self._file.subtype

    def seek(self, frame: int) -> None:
        """Continue at a frame. For uncompressed files and FLAC only: others are decoded wrongly after it."""
        self._call(self._file.seek, frame)

    def read(self, frames: int) -> np.ndarray:
        """The next frames, float64 of shape (frames, channels): fewer at the end. Raises AudioFileError."""
        # libsndfile widens floats four times as slowly as NumPy, integers of 24 bits twice as slowly.
        if self.subtype == "PCM_24" and self.format in _LITTLE_ENDIAN:
            return self._call(self._file.read_24_bits, frames)
        dtype = "float32" if self.subtype == "FLOAT" else "float64"
        block = self._call(self._file.read, frames, dtype=dtype, always_2d=True)
        return block.astype(np.float64, copy=False)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _call(self, call: Callable[..., T], *arguments: object, **options: object) -> T:
        try:
            return call(*arguments, **options)
        except (sf.LibsndfileError, RuntimeError) as error:
            raise AudioFileError(
                f"{self.path}: is damaged, or is not quite of its format: libsndfile says {_reason(error)!r}. "
                "Get it again, or convert it with the program that wrote it"
            ) from None


class _SoundFile(sf.SoundFile):
    """A file that soundfile does not seek in by itself.

    It does so after each read of a file that it takes for seekable. The decoder of MP3 then lacks the bits that a frame
    takes from those before it.
    """

    def seekable(self) -> bool:
        return False

    @property
    def is_seekable(self) -> bool:
        return super().seekable()

    def read_24_bits(self, frames: int) -> np.ndarray:
        """As `read`, of little-endian integers of 24 bits."""
        size = 3 * self.channels
        data = np.empty(1 + frames * size, np.uint8)
        # soundfile 0.14 has no public call for this.
        read = sf._snd.sf_read_raw(self._file, sf._ffi.from_buffer(data[1:]), frames * size)
        # Each as 32 bits that begin a byte before it, which is then set to zero: the integer times 256.
        steps = np.ndarray((read // size, self.channels), "<i4", data, strides=(size, 3)) & -0x100
        block = steps.astype(np.float64)
        block *= 2.0**-31
        return block


class _Patched(io.RawIOBase):
    """A file as its decoder can read it: see `Container`."""

    def __init__(self, path: str, container: Container):
        self._file: BinaryIO = open(path, "rb")  # noqa: SIM115 (closed below)
        self._head, self._skip, self._at = container.head, container.skip, 0
        size = len(self._head) + max(0, os.fstat(self._file.fileno()).st_size - self._skip)
        self._size = container.pretended_size or size

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        wanted = self._size - self._at if size < 0 else size
        head = self._head[self._at : self._at + wanted]
        self._file.seek(self._skip + max(0, self._at + len(head) - len(self._head)))
        data = head + self._file.read(max(0, wanted - len(head)))
        if not data and self._at >= self._size - _TAG:
            data = bytes(min(wanted, self._size - self._at))  # libsndfile looks for an ID3v1 tag there
        self._at += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        raise io.UnsupportedOperation

    def close(self) -> None:
        self._file.close()
        super().close()


class Ffmpeg:
    """A file decoded by ffmpeg, which writes to a pipe. Raises AudioFileError if it is not installed, or fails."""

    def __init__(self, path: str, container: Container):
        program = shutil.which("ffmpeg")
        if program is None:
            raise AudioFileError(
                f"{path}: is {container.kind}, which needs ffmpeg, and it is not installed: {_REMEDY}"
            )
        self.path, self.format = path, container.format
        self.frames: int | None = None
        self.subtype = container.codec.upper() or container.format
        # A file may name others; only this one is read, and only as what it was found to be.
        source = ["-protocol_whitelist", "file,pipe", "-f", _DEMUXERS[container.format]]
        source += ["-i", f"file:{os.path.abspath(path)}", "-map", "0:a:0", "-bitexact", "-c:a", "pcm_f64le"]
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed below)
        self._process = subprocess.Popen(
            [program, "-nostdin", "-v", "error", "-xerror", *source, "-f", "wav", "-"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout
        try:
            self.channels, self.rate = self._read_header()
        except BaseException:
            self.close()
            raise

    def _read_header(self) -> tuple[int, int]:
        """(channels, sample rate), from the WAV header that precedes the samples."""
        head = self._pipe.read(12)
        channels = rate = 0
        while len(chunk := self._pipe.read(8)) == 8 and chunk[:4] != b"data":
            data = self._pipe.read(int.from_bytes(chunk[4:], "little"))
            if chunk[:4] == b"fmt ":
                channels, rate = struct.unpack_from("<2xHI", data)
        if not (head and channels):
            self._check_end()
            raise AudioFileError(f"{self.path}: cannot be decoded: ffmpeg finds no sound in it")
        return channels, rate

    def read(self, frames: int) -> np.ndarray:
        """The next frames, float64 of shape (frames, channels): fewer at the end. Raises AudioFileError."""
        data = self._pipe.read(frames * self.channels * 8)
        if len(data) < frames * self.channels * 8:
            self._check_end()
        whole = len(data) // (8 * self.channels) * 8 * self.channels
        return np.frombuffer(data[:whole]).reshape(-1, self.channels)

    def _check_end(self) -> None:
        status = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        if status or said:
            # An address in brackets names the part of ffmpeg that speaks.
            text = said[0].partition("] ")[2] or said[0] if said else f"exit status {status}"
            raise AudioFileError(f"{self.path}: is damaged: ffmpeg says {text!r}. Get it again")

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._pipe.close()
        self._process.wait()
        self._errors.close()


def _reason(error: Exception) -> str:
    return getattr(error, "error_string", str(error)).strip().rstrip(".").removeprefix("Error : ")
