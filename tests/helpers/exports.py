"""What a workstation might export: four stems at 8 kHz and their mix, with a fault in one of them if asked."""

from __future__ import annotations

import numpy as np
import soundfile as sf

RATE, FRAMES = 8_000, 20_000
NAMES = ("bass", "drums", "keys", "vocals")


def stems(seed=1, frames=FRAMES):
    """Four stereo stems that sound all the time, like music: bursts of coloured noise at levels that differ."""
    rng = np.random.default_rng(seed)
    found = {}
    for index, name in enumerate(NAMES):
        noise = rng.normal(0, 1, (frames, 2))
        noise[:, 1] = 0.7 * noise[:, 1] + 0.4 * noise[:, 0]
        for _ in range(index):
            noise[1:] = noise[1:] + 0.8 * noise[:-1]
        steps = rng.uniform(0.2, 1, frames // 500 + 2)
        swell = np.interp(np.arange(frames) / 500, np.arange(len(steps)), steps)[:, None]
        fade = np.minimum(1, np.minimum(np.arange(frames), np.arange(frames)[::-1]) / 100)[:, None]
        found[name] = 0.02 * (1 + index) * noise * swell * fade / noise.std()
    return found


def export(folder, parts, mix=None, subtype="PCM_24", own=()):
    """Write stems and a mix (by default, their sum); `own`: (subtype, rate) of single stems by name."""
    folder.mkdir(exist_ok=True)
    for name, sound in parts.items():
        kind, rate = dict(own).get(name, (subtype, RATE))
        sf.write(folder / f"Song_{name}.wav", sound, rate, kind)
    total = sum(parts.values()) if mix is None else mix
    sf.write(folder / "Song_mix.wav", total, RATE, subtype)
    return folder
