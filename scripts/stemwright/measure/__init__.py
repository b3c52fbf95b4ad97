"""Meters: measurements of audio, without a verdict.

A meter is fed one file block by block; `measure` feeds all meters that a file's gates ask for in a single pass.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stemwright.audio import AudioFile
from stemwright.measure._base import Meter

__all__ = ["Meter", "measure"]

_LARGEST = float(np.finfo(np.float32).max)


def measure(path: str, meters: Sequence[Meter]) -> AudioFile:
    """Feed a whole audio file to meters. Returns the file, closed, for its format.

    A 64-bit sample that 32-bit float cannot hold is infinite, as it becomes in the build.

    Raises AudioFileError if the file cannot be decoded to its end.
    """
    # Non-finite samples are reported by a gate, not by numpy's warnings.
    with AudioFile(path, lenient=True) as file, np.errstate(invalid="ignore", over="ignore"):
        for meter in meters:
            meter.start(file.rate, file.channels)
        for block in file.blocks():
            if file.subtype == "DOUBLE":
                block = np.where(np.abs(block) > _LARGEST, np.copysign(np.inf, block), block)
            for meter in meters:
                meter.feed(block)
    return file
