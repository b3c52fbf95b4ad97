"""Sounds of a song of eight bars, a second each, and its timeline, for comparisons."""

import numpy as np

RATE, BAR, BARS = 8_000, 8_000, 8  # 240 bpm: a bar a second


def timeline(sections=(("verse", 1, 4), ("chorus", 5, 8)), bpm="240", bars=BARS, bar=BAR):
    beats = [
        {"bar": b + 1, "beat": n + 1, "frame": b * bar + n * bar // 4} for b in range(bars) for n in range(4)
    ]
    return {
        "sample_rate": RATE,
        "frames": bars * bar,
        "tempo": [{"bar": 1, "frame": 0, "bpm": bpm, "meter": "4/4"}],
        "sections": [
            {
                "name": name,
                "start_frame": (first - 1) * bar,
                "end_frame": last * bar,
                "start": {"bar": first, "beat": "1"},
                "end": {"bar": last + 1, "beat": "1"},
            }
            for name, first, last in sections
        ],
        "beats": beats,
    }


SONG = timeline()


def hits(every=BAR // 4, seed=0, bars=BARS):
    """Bursts of noise that die away, each another, in two channels that are alike and not equal."""
    rng = np.random.default_rng(seed)
    t = np.arange(every)
    bursts = [rng.standard_normal((every, 2)) @ [[1, 0.4], [0.4, 1]] for _ in range(bars * BAR // every)]
    return 0.08 * np.concatenate([burst * np.exp(-t / 400)[:, None] for burst in bursts])


def tones(hertz, bars=BARS):
    """Harmonic notes of half a bar, in both channels."""
    t = np.arange(BAR // 2) / RATE
    notes = [
        sum(np.sin(2 * np.pi * n * hz * t) / n for n in range(1, 6))
        * np.exp(-t / 0.3)
        * np.minimum(1, t / 0.01)
        for hz in np.resize(hertz, 2 * bars)
    ]
    return 0.1 * np.repeat(np.concatenate(notes)[:, None], 2, axis=1)
