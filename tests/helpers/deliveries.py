"""What a small delivery holds, and how it is described."""

from __future__ import annotations

import hashlib

import numpy as np

from stemwright.delivery.manifest import manifest
from stemwright.music.timeline import Timeline
from stemwright.music.timeline.timeline import document

NOISE = np.random.default_rng(1).integers(0, 256, 30_000, dtype=np.uint8).tobytes()
AUDIO = {"a_master.wav": NOISE + bytes(70_000), "a_bass.wav": bytes(50_000) + NOISE[:5_000]}


def digest(data):
    return hashlib.sha256(data).hexdigest()


TIMELINE = document(
    Timeline.from_dict(
        {
            "rate": 48_000,
            "frames": 6_582_858,  # 80 bars at 140 BPM, rounded up
            "end": str(320),
            "tempo": [[1, "140", "4/4"]],
            "sections": [["verse", "0", "192", 0, 3_949_714], ["bridge", "192", "320", 3_949_714, 6_582_858]],
        }
    ),
    "G major",
    [None, "Ab major"],
)
BASS_DI = {"name": "bass di.wav", "sha256": digest(b"di")}
ENTRY = {"bits": 24, "roundings": 1, "inputs": [BASS_DI["sha256"]]}
MASTER = {"file": "a_master.wav", "role": "master", "stem": None, "title": "the master", **ENTRY}
ROUTED = {
    **{"mute": False, "pan": 0.0, "output": "mix", "sends": {}, "is_part": True},
    **{"source": "play", "instruments": ["mini-bass"]},
}
HALL = [{"convolution": {"file": "/home/someone/hall.wav", "mix": 0.2}}]


def described(checks=(), **changes):
    """A delivery's manifest, a stem of its mix kept back. `checks` are in the sentinel of each file."""
    audio = {"sample_rate": 48_000, "channels": 2, "subtype": "PCM_24", "frames": 6_582_858}
    sentinels = {
        name: {"sha256": digest(data), "format": audio, "checks": checks} for name, data in AUDIO.items()
    }
    bass = {**ROUTED, "stem": "bass", "gain_db": -3.0, "pan": -0.25}
    drums = {**ROUTED, "stem": "drums", "source": "reference", "instruments": ["reference"]}
    facts = {
        "song": "a",
        "title": "First Light",
        "artist": None,
        "notes": None,
        "timeline": TIMELINE,
        "files": [
            MASTER,
            {"file": "a_bass.wav", "role": "stem", "stem": "bass", "title": "the bass", **ENTRY},
        ],
        "mix": [
            {**bass, "effects": [{"delay": {"length": "1/8.", "delay_seconds": None}}, *HALL]},
            {**drums, "gain_db": -6.0, "pan": 0.0, "effects": []},
        ],
        "total": "mix",
        "sum_files": [],
        "made_from": {"song": digest(b"song"), "inputs": [BASS_DI]},
        "master": {
            "effects": HALL,
            "gain_db": 2.345,
            "trim_db": -0.034,
            "limiter": {"ceiling_db": -1.0},
            "target": {"integrated_lufs": -14.0},
            "integrated_lufs": -14.03,
            "true_peak_dbtp": None,
        },
        "versions": {"soundfile": "0.13.1", "numpy": "2.2.0"},
        **changes,
    }
    facts["files"] = [{**file, "sentinel": sentinels[file["file"]]} for file in facts["files"]]
    return manifest(**facts)
