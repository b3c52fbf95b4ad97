"""Progressions of chords in a known key."""

from __future__ import annotations

import numpy as np

from stemwright.measure.chroma import Chroma

RATE = 24_000
MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
LOOPS = {"major": ("1564", "1645", "2511", "1415"), "minor": ("1637", "1451", "1671", "1641")}


def note(pitch, seconds, rng):
    t = np.arange(round(seconds * RATE)) / RATE
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    partials = enumerate((1, 0.4, 0.2, 0.15, 0.1), 1)
    sound = sum(a * np.sin(2 * np.pi * hertz * k * t + rng.uniform(0, 6)) for k, a in partials)
    return sound * np.minimum(1, t / 0.005) * np.exp(-t / 0.8) * np.minimum(1, (seconds - t) / 0.02)


def section(tonic, mode, seed=0, bars=8, noise=0.02):
    """Chords, bass and a melody in a key, two seconds a bar, with noise as of a hi-hat."""
    rng, scale = np.random.default_rng(seed), MODES[mode]
    loops = LOOPS.get(mode, ("1741", "1427"))
    loop = loops[seed % len(loops)]

    def step(degree, octave):
        return 12 * (octave + degree // 7) + tonic + scale[degree % 7]

    out = []
    for index in range(bars):
        root, bar = int(loop[index % 4]) - 1, noise * rng.standard_normal(2 * RATE)
        for pitch in (step(root, 3), step(root, 4), step(root + 2, 4), step(root + 4, 4)):
            bar += 0.2 * note(pitch, 2, rng)
        for beat in range(4):
            degree = root + 2 * int(rng.integers(3)) if rng.random() < 0.6 else int(rng.integers(7))
            bar[beat * RATE // 2 :][: RATE // 2] += 0.25 * note(step(degree, 5), 0.5, rng)
        out.append(bar)
    return 0.4 * np.concatenate(out)


def chroma_of(samples):
    meter = Chroma()
    meter.start(RATE, 1)
    meter.feed(samples[:, None])
    return meter.chroma.sum(axis=0)
