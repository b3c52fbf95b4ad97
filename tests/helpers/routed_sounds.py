"""Short sounds for songs with a routing, and the gates that they would not pass."""

import numpy as np
import soundfile as sf

RATE = 8_000
OFF = ("balance", "click", "duplicate", "edges", "dropout", "imports", "mono_fold_down", "plr", "stereo")


def write_sounds(path):
    """Kicks each second, two steady tones and a melody, which are silent from the end of the song on."""
    t = np.arange(2 * RATE) / RATE
    fade = np.minimum(1, (2 - t) / 0.05)
    sounds = {
        "kick": 0.6 * np.sin(2 * np.pi * 70 * t) * np.exp(-(t % 1) / 0.03),
        "bass": 0.3 * np.sin(2 * np.pi * 110 * t) * fade,
        "pad": 0.3 * np.sin(2 * np.pi * 440 * t) * fade,
        "lead": 0.2 * np.sin(2 * np.pi * (600 + 200 * np.floor(2 * t)) * t) * np.sin(2 * np.pi * t) ** 2,
    }
    path.mkdir(parents=True)
    for name, sound in sounds.items():
        sf.write(path / f"{name}.wav", np.repeat(sound[:, None], 2, axis=1), RATE, "FLOAT")
