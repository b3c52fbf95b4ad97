"""A small song with every stage."""

import numpy as np
import soundfile as sf

CONFIG = {"songs": ["tune"], "session": {"sample_rate": 8000, "channels": 2}}
SONG = {
    "title": "Tune",
    "bpm": 120,
    "key": "G major",
    "sections": [{"one": "1 bar"}, {"two": {"length": "1 bar", "key": "Ab major"}}],
    "reference": {"file": "audio/reference.wav"},
    "stems": {
        "bass": {
            "source": {"tone": {"note": "A2", "level_db": -9}},
            "effects": [{"lowpass": {"cutoff_hz": 1000}}, {"gain": {"gain_db": -1}}],
            "gain_db": -3,
        },
        "drums": {
            "source": {"drums": {"patterns": {"*": {"kick": "x---", "hat": "x-x-"}}, "timing_ms": 2}},
            "effects": [{"compressor": {"threshold_db": -20}}],
            "gain_db": -4,
        },
        "guide": {"source": {"reference": {}}, "gain_db": -10},
        "loop": {"source": {"audio": {"file": "audio/loop.wav"}}, "gain_db": -5, "pan": 0.3},
    },
    "master": {"target": {"integrated_lufs": -16}},
}
STEMS = ("bass", "drums", "guide", "loop")
DELIVERED = ("bass", "drums", "loop")


def make_audio(path):
    """A reference at another rate, and a loop: clicks and noise, seeded."""
    rng = np.random.default_rng(7)
    (path / "audio").mkdir(parents=True, exist_ok=True)
    reference = np.zeros((44_100 * 4, 2))
    for beat in range(8):
        start = beat * 22_050
        reference[start : start + 4000] += (rng.standard_normal(4000) * np.exp(-np.arange(4000) / 600))[
            :, None
        ] * 0.2
    sf.write(path / "audio/reference.wav", reference, 44_100, subtype="PCM_24")
    loop = rng.standard_normal((16_000, 1)).cumsum(axis=0)
    loop -= loop.mean()
    window = np.hanning(16_000)[:, None]
    loop *= window
    loop -= window * loop.sum() / window.sum()  # no offset, and no step at its ends
    sf.write(path / "audio/loop.wav", 0.3 * loop / np.abs(loop).max(), 8000, subtype="PCM_16")
