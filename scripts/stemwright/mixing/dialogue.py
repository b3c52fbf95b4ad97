"""Dialogue: where the stems that are marked as speech are heard, for a loudness of dialogue alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stemwright.audio import AudioFile
from stemwright.measure.loudness import Loudness
from stemwright.mixing.faders import Faders
from stemwright.mixing.sums import mix


def speech_windows(paths: Sequence[str], faders: Sequence[Faders]) -> np.ndarray:
    """Find the windows of 400 ms, 100 ms apart, in which someone speaks.

    These are the windows of the sum of the dialogue stems that pass the two gates of BS.1770-5: over -70 LUFS, and no
    more than 10 LU under the mean of those. The loudness of dialogue is the mean power of the whole in these windows,
    as broadcasters measure it with a detector of speech.

    Parameters
    ----------
    paths : sequence of str
        The dialogue stems, after their effects.
    faders : sequence of Faders
        Their faders.

    Returns
    -------
    numpy.ndarray of bool
        For `Loudness.within`.
    """
    meter = Loudness()
    with AudioFile(paths[0]) as file:
        meter.start(file.rate, file.channels)
    for block in mix(paths, faders):
        meter.feed(block)
    return meter.passing
