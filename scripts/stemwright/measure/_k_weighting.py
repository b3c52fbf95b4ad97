"""K-weighting, the filter before loudness is measured (ITU-R BS.1770-5, annex 1, tables 1 and 2), at any rate."""

from __future__ import annotations

import math

import numpy as np

PUBLISHED_HZ = 48_000
"""The one sample rate for which BS.1770-5 publishes coefficients."""

SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585)
HIGH_PASS = (1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621)
"""Tables 1 and 2, as sections b0 b1 b2 a0 a1 a2: what a head does to sound, and the ear's loss of bass."""

_BILINEAR = np.array([[1, 1, 1], [2, 0, -2], [1, -1, 1]])
"""Takes a polynomial in 1/z, constant first, to that in s = (z - 1) / (z + 1), and back, but for a factor of 4."""


def k_weighting(rate: int) -> np.ndarray:
    """Sections (rows b0 b1 b2 a0 a1 a2, as SciPy's) of K-weighting at a sample rate in Hz, from 4 kHz on.

    BS.1770-5 publishes coefficients for 48 kHz and asks for the same frequency response at other rates. So
    each published section is taken back to the analogue filter that it is the bilinear transform of, and that to
    the rate asked for, with the frequency of its poles kept (Oppenheim and Schafer, 3rd ed., 7.2): 1,682 Hz for
    the shelf, 38.1 Hz for the high pass. At 48 kHz that gives the published coefficients again.

    The numerator of the high pass is 1, -2, 1 at every rate, as in table 2 and as libebur128 and FFmpeg have it,
    whose figures ours agree with so. Its gain above the bass then depends a little on the rate: against 48 kHz it
    is 0.21 dB more at 8 kHz, 0.05 dB at 22.05 kHz and 0.004 dB at 44.1 kHz, and 0.02 dB less at 96 kHz and
    0.03 dB at 192 kHz. At 997 Hz, by which BS.1770-5 calibrates, all of it stays within 0.05 dB of 48 kHz.
    """
    shelf, high_pass = (_at_rate(np.array(section), rate) for section in (SHELF, HIGH_PASS))
    high_pass[:3] = HIGH_PASS[:3]
    return np.array([shelf, high_pass])


def _at_rate(section: np.ndarray, rate: int) -> np.ndarray:
    """A section for 48 kHz at another rate: poles at the same frequency f, the same gain at 0 Hz and far above f."""
    numerator, denominator = (_BILINEAR @ row for row in np.split(section, 2))
    before = math.sqrt(denominator[0] / denominator[2])  # how far the poles are from s = 0: tan(pi f / 48000)
    after = math.tan(math.atan(before) * PUBLISHED_HZ / rate)
    scale = (after / before) ** np.array([2, 1, 0])
    numerator, denominator = (_BILINEAR @ (row * scale) for row in (numerator, denominator))
    return np.concatenate((numerator, denominator)) / denominator[0]
