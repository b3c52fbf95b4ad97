"""What all formats share: the result of an inspection, and the chunks of those that consist of chunks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from stemwright.base.errors import AudioFileError

AGAIN = "Get the file again; do not loop or pad it"
NO_LENGTH = "it declares no length, so a missing end would go unnoticed (a program that writes to a pipe leaves it so)"
CONVERT = "Convert it, and compare its length: ffmpeg -i FILE whole.flac"

MAX_CHUNKS = 10_000  # far more than real files have; a run of zero bytes parses as millions of chunks
_PLACEHOLDERS = (0x7F000000, 0x7FFFF000, 0x80000000, 0xFFFFF000, 0xFFFFFFFF)
_CHUNK_NAME = re.compile(rb"[ -~]{4}")
_FILE_NAMES = (b"RIFF", b"RF64", b"BW64", b"FORM")
_ZERO_BLOCK = 1 << 20
_LOSSLESS = ("", "FLAC", "ALAC")


class Opened(NamedTuple):
    """An open file to be inspected, with its first bytes (behind an ID3v2 tag), its size in bytes, and its path."""

    file: BinaryIO
    head: bytes
    size: int
    path: str | os.PathLike


@dataclass(frozen=True)
class Container:
    """What a file declares and holds, found without decoding.

    Attributes
    ----------
    format : str
        WAV, RF64, BW64, W64, AIFF, CAF, FLAC, OGG, MP3, AAC or MP4.
    sample_rate, channels, frames : int, optional
        The sample rate in Hz, the number of channels, and the length. None where only decoding can find it.
    fault : str, optional
        What is missing of what is declared, or damaged, if anything is.
    trailing_bytes : int
        The bytes that follow the declared end.
    codec : str
        The name of the codec, if the format can hold several.
    checks : tuple of str
        What the file offers against damage, and was compared.
    checks_of_decoder : tuple of str
        What it offers besides, and is compared when all of it is decoded.
    surplus : str
        Why trailing bytes may be sound that is not declared; empty if they are not.
    remedy : str
        What to do about the fault.
    head, skip, pretended_size : bytes, int, int
        A decoder is given `head`, and then the file from byte `skip` on; it is told this size in bytes, if it is not 0.
    md5, bits : bytes, int
        The MD5 of the samples as integers of so many bits; empty if none is declared.
    """

    format: str
    sample_rate: int | None = None
    channels: int | None = None
    frames: int | None = None
    fault: str | None = None
    trailing_bytes: int = 0
    codec: str = ""
    checks: tuple[str, ...] = ()
    checks_of_decoder: tuple[str, ...] = ()
    surplus: str = ""
    remedy: str = AGAIN
    head: bytes = b""
    skip: int = 0
    pretended_size: int = 0
    md5: bytes = b""
    bits: int = 0

    @property
    def problem(self) -> str:
        """Why it cannot be used, with the remedy; "" if it can."""
        what = self.fault or self.surplus
        return f"{what}. {self.remedy}" if what else ""

    @property
    def kind(self) -> str:
        """Format and codec in words, such as `OGG (Opus)`."""
        return f"{self.format} ({self.codec})" if self.codec else self.format

    @property
    def is_lossy(self) -> bool:
        """Whether its codec discards sound."""
        return self.format == "MP3" or self.codec not in _LOSSLESS

    def evidence(self, is_decoded: bool = True) -> str:
        """What was compared, in words; `is_decoded`: all of it was decoded too."""
        compared = self.checks + (self.checks_of_decoder if is_decoded else ())
        if not compared:
            return f"nothing in {self.format} files can show damage to their samples"
        unseen = "" if self._shows_damage else "; nothing in it can show damage within a frame"
        return f"compared: {', '.join(compared)}{unseen}"

    @property
    def _shows_damage(self) -> bool:
        return any("checksum" in check for check in self.checks + self.checks_of_decoder)


@dataclass
class Layout:
    """What the chunks of a file declare; `declared` is the size of the whole file in bytes, None if none is.

    `align` is the size of a frame in bytes, 0 where a compressed format has no such size; `expected_align` is what
    channels and bits make of it. `block`: the size in bytes and the frames of a block of a compressed format, whose
    length is `frames`. `end` is where the last chunk ends.
    """

    format: str
    declared: int | None
    rate: int | None = None
    channels: int | None = None
    align: int | None = None
    expected_align: int | None = None
    bits: int = 0
    block: tuple[int, int] = (0, 0)
    frames: int | None = None
    data_start: int = 0
    data_size: int | None = None
    data_chunks: int = 0
    end: int = 0
    codec: str = ""

    def container(self, file: BinaryIO, path: str | os.PathLike, size: int) -> Container:
        """Compare what is declared with the file.

        Parameters
        ----------
        file : binary file
            The file.
        path : path-like
            Its path, for errors.
        size : int
            Its size in bytes.

        Returns
        -------
        Container
            What it declares and holds.

        Raises
        ------
        AudioFileError
            If there is no format chunk.
        """
        if self.rate is None or self.channels is None or self.align is None:
            raise AudioFileError(f"{path}: has no format chunk, so it is not a whole {self.format} file")
        frames = self.frames
        if frames is None and self.align and self.data_size is not None:
            frames = max(0, self.data_size) // self.align
        fault, remedy = self._fault(size)
        trailing = max(0, size - self._end(size)) if self.data_size is not None else 0
        surplus = ""
        if (
            trailing
            and not fault
            and trailing >= (self.align or 1)
            and not _only_zeros(file, size - trailing)
        ):
            surplus = f"{trailing:,} bytes after its end, which its header does not count"
            if self.align:
                surplus += f": {trailing // self.align:,} frames more, if they are sound"
        return Container(
            self.format,
            self.rate,
            self.channels,
            0 if self.data_size is None else frames,
            fault,
            trailing,
            self.codec,
            surplus=surplus,
            remedy=remedy,
        )

    def _end(self, size: int) -> int:
        """Where the file should end: after its last chunk, or where its header says if that is the rest of a chunk."""
        return min(size, self.end + (self.end & 1))

    def _fault(self, size: int) -> tuple[str | None, str]:
        """(what is wrong, or None; the remedy)."""
        if self.data_size is None:
            return "it has no audio data chunk", AGAIN
        if not self.rate or self.channels is None or self.channels < 1:
            return f"its header declares {self.channels} channels at {self.rate:,} Hz", AGAIN
        available = max(0, size - self.data_start)
        if is_placeholder(self.data_size) and self.data_size > available:
            return NO_LENGTH, CONVERT
        if self.data_size < 0:
            return "its audio chunk declares fewer bytes than its own header has", AGAIN
        if not self.data_size and size - self.end >= (self.align or 1) > 0:
            held = f"its header declares 0 bytes of audio, but {size - self.end:,} bytes follow it"
            why = "the program that recorded it did not finish, or wrote to a pipe"
            return f"{held} ({why})", "Have its header mended: sox --ignore-length FILE whole.wav"
        if self.data_size > available:
            text = f"truncated: its header declares {self.data_size:,} bytes of audio, the file holds {available:,}"
            if self.align:
                seconds, wanted = (
                    available // self.align / self.rate,
                    self.data_size // self.align / self.rate,
                )
                text += f" ({seconds:.2f} s of {wanted:.2f} s)"
            return text, AGAIN
        if self.declared is not None and self.declared > size and not self._counts_too_much(size):
            return f"truncated: its header declares {self.declared:,} bytes, the file has {size:,}", AGAIN
        if self.expected_align and self.align != self.expected_align:
            text = f"its header declares frames of {self.align} bytes, but {self.channels} channels of {self.bits} bits"
            return f"{text} are {self.expected_align}: it can be read in more than one way", (
                "Export it again, or convert it with the program that wrote it"
            )
        if self.align and self.data_size % self.align:
            return (
                f"its {self.data_size:,} bytes of audio are not a whole number of {self.align}-byte frames",
                AGAIN,
            )
        if self.data_chunks > 1:
            return f"it has {self.data_chunks} audio chunks, of which players play the first", CONVERT
        return None, AGAIN

    def _counts_too_much(self, size: int) -> bool:
        """Whether a header that declares more than there is only counts itself, or a pad byte that was not written.

        Then the last chunk ends where the file does, or one byte before.
        """
        assert self.declared is not None
        return self.declared - size in (1, 8, 9) and size - 1 <= self.end <= size


def is_placeholder(size: int) -> bool:
    """Whether a size is one that programs write if they do not know it (sox, ffmpeg; with or without the header)."""
    return size >= 1 << 62 or any(limit - 64 <= size <= limit for limit in _PLACEHOLDERS)


def chunks(file: BinaryIO, order: str, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Find the chunks of a RIFF or IFF file.

    Parameters
    ----------
    file : binary file
        The file.
    order : str
        The byte order of sizes, as in `struct`: `<` or `>`.
    size : int
        The size of the file in bytes.

    Yields
    ------
    tuple of (bytes, int, int)
        Name, size and offset of each chunk's data, with the file at that offset. The last may end beyond the file.
    """
    at, is_behind_audio = 12, False
    for _ in range(MAX_CHUNKS):
        if at + 8 > size:
            return
        file.seek(at)
        head = file.read(8)
        name, length = head[:4], int.from_bytes(head[4:], "little" if order == "<" else "big")
        yield name, length, at + 8
        at += 8 + length
        is_behind_audio |= name in (b"data", b"SSND")
        if length & 1 and is_behind_audio:  # some writers forget the pad byte
            file.seek(at)
            unpadded = file.read(5)
            at += not (_CHUNK_NAME.fullmatch(unpadded[:4]) and unpadded[0])
        else:
            at += length & 1


def is_chunk_behind_audio(name: bytes, end: int, size: int) -> bool:
    """Whether what follows the audio is a chunk: it has a name, ends within the file, and is no file of its own.

    Parameters
    ----------
    name : bytes
        Its first four bytes.
    end : int
        Where it would end.
    size : int
        The size of the file.

    Returns
    -------
    bool
        False for sound that is not declared, which looks like a chunk of some size.
    """
    return bool(_CHUNK_NAME.fullmatch(name)) and name not in _FILE_NAMES and end <= size


def _only_zeros(file: BinaryIO, start: int) -> bool:
    file.seek(start)
    while block := file.read(_ZERO_BLOCK):
        if block.strip(b"\0"):
            return False
    return True
