"""AAC in ADTS frames (.aac). Source: ISO/IEC 14496-3, 1.A.2."""

from __future__ import annotations

from stemwright.audio.containers._base import Container, Opened
from stemwright.audio.containers._tags import end_of_audio, start_of_audio
from stemwright.base.errors import AudioFileError

_RATES = (
    96_000,
    88_200,
    64_000,
    48_000,
    44_100,
    32_000,
    24_000,
    22_050,
    16_000,
    12_000,
    11_025,
    8_000,
    7_350,
)


def matches(head: bytes) -> bool:
    """Whether a file with these first bytes, behind an ID3v2 tag, may be one."""
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0


def inspect(opened: Opened) -> Container:
    """Read the headers of all frames of a file.

    Its decoder knows how many frames it decodes to. Raises AudioFileError if it does not begin with a frame.
    """
    file, _, size, path = opened
    end, _ = end_of_audio(file, size)
    at = start = start_of_audio(file)
    fault = None
    while at < end and not fault:
        file.seek(at)
        data = file.read(7)
        length = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5 if len(data) == 7 else 0
        if not matches(data) or length < 7 or data[2] >> 2 & 15 >= len(_RATES):
            if at == start:
                raise AudioFileError(f"{path}: is not an audio file: it has no frames of AAC")
            fault = f"damaged: at byte {at:,} there should be a frame"
        elif at + length > end:
            fault = f"truncated: its last frame has {length:,} bytes, of which the file holds {end - at:,}"
        at += length
    return Container("AAC", fault=fault, codec="ADTS", checks=("where each frame begins",))
