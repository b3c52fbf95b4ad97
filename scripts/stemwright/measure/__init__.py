"""Meters: what audio is. One pass over a file feeds all meters that its gates ask for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stemwright.audio import AudioFile
from stemwright.measure._base import Meter

__all__ = ["Meter", "measure"]


def measure(path: str, meters: Sequence[Meter]) -> AudioFile:
    """Feed a whole audio file to meters. The answer is the (closed) file, for its format.

    Raises AudioFileError if it cannot be decoded to its end.
    """
    # What is not finite is for a gate to tell, not for numpy.
    with AudioFile(path, lenient=True) as file, np.errstate(invalid="ignore", over="ignore"):
        for meter in meters:
            meter.start(file.rate, file.channels)
        for block in file.blocks():
            for meter in meters:
                meter.feed(block)
    return file
