"""Where the beats of the song in moving_song.py are, in closed form and in floating point, not by our tempo map."""

from math import log, sqrt


def _eased(x):
    """Seconds of the first x of 6 quarters from 150 to 60 BPM, linear in time."""
    return 120 * x / (150 + sqrt(150**2 + (60**2 - 150**2) * x / 6))


BAR_2 = 5 * 0.625
BAR_4 = BAR_2 + 60 * 8 / 44 * log(140 / 96)
BAR_5 = BAR_4 + 4 * 60 / 140
BAR_6 = BAR_5 + 7 * 30 / 140
BAR_8 = BAR_6 + _eased(6)
BAR_9 = BAR_8 + 3 * 0.6 + 1.5  # time is held on beat 3

BEATS = [
    *((0, 4, 0.0), *((1, n + 1, 0.625 * (n + 1)) for n in range(4))),
    *((2 + n // 4, n % 4 + 1, BAR_2 + 60 * 8 / 44 * log((96 + 5.5 * n) / 96)) for n in range(8)),
    *((4, n + 1, BAR_4 + n * 60 / 140) for n in range(4)),
    *((5, n + 1, BAR_5 + n * 30 / 140) for n in range(7)),
    *((6 + n // 3, n % 3 + 1, BAR_6 + _eased(n)) for n in range(6)),
    *((bar, n + 1, at + 0.6 * n) for bar, at in ((8, BAR_8), (9, BAR_9)) for n in range(3)),
]
"""Bar, beat and second of each."""

SECTIONS = [0.0, 0.625, BAR_5]
END = BAR_9 + 1.8
