"""Random short songs: drums, bass, lead, and perhaps a pad, a loop, a hum, a group bus and a reverb return."""

import numpy as np
import soundfile as sf

RATE = 8_000
STEPS = 16


def write_samples(folder, count=6):
    """Loops of two bars at 120 bpm, each of other noise and tones."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        rng = np.random.default_rng([7, number])
        t = np.arange(4 * RATE) / RATE
        beat = rng.uniform(0.05, 0.3) * np.exp(-(t % 0.5) / rng.uniform(0.03, 0.12))
        sound = rng.standard_normal(len(t)) * beat
        for _ in range(3):
            sound += 0.1 * np.sin(2 * np.pi * rng.uniform(200, 1500) * t) * np.sin(np.pi * t / 4) ** 2
        path = folder / f"loop-{number}.wav"
        sf.write(path, np.clip(sound[:, None], -0.9, 0.9), RATE, subtype="PCM_16")
        paths.append(str(path))
    return paths


def _pattern(rng, density):
    steps = ["x" if rng.random() < density else "-" for _ in range(STEPS)]
    steps[0] = "x"
    return "".join(steps)


def _degrees(rng):
    return " ".join(rng.choice(["1", "2", "3", "5", "6", "7,", "5,", "."]) if i else "1" for i in range(8))


def random_song(rng, samples):
    """A song of 3 to 6 stems and 8 to 12 bars, perhaps with a bus and a reverb return."""
    names = ["verse", "chorus", "bridge"][: rng.integers(2, 4)]
    order = list(names)
    if rng.random() < 0.5:
        order.append(names[0])
    lengths = {name: int(rng.choice([2, 3, 4])) for name in names}
    chords = ["| Am7 | Fmaj7 |", "| C | G7 |", "| Dm7 G7 | Am |"]
    sections = [
        {name: {"length": f"{lengths[name]} bars", "chords": str(chords[names.index(name)])}}
        for name in order
    ]
    drums = {
        name: {
            "kick": _pattern(rng, 0.25),
            "snare": "----X-------X---",
            "hat": str(rng.choice(["x-x-x-x-x-x-x-x-", "xxx-xxx-xxx-xx-x"])),
        }
        for name in names
    }
    basses, leads, pads = (
        ["mini-bass", "finger-bass", "fm-bass", "acid-bass"],
        ["saw-lead", "square-lead", "nylon", "dx-bell"],
        ["prophet-pad", "juno-strings", "dx-piano"],
    )
    bass = str(rng.choice(basses))
    lead = str(rng.choice(leads))
    kit = {"drum_kit": {"room": float(rng.choice([0, 0.4]))}}
    if rng.random() < 0.5:
        kit["drum_kit"]["variation"] = 0
    stems = {
        "drums": {
            "source": {"drums": {"kit": kit, "patterns": drums, "swing": float(rng.choice([0.5, 0.56]))}},
            "gain_db": -6,
        },
        "bass": {
            "source": {
                "play": {
                    "instrument": {"preset": {"name": bass}},
                    "parts": {n: {"degrees": {"pattern": _degrees(rng), "octave": 2}} for n in names},
                }
            },
            "gain_db": -8,
        },
        "lead": {
            "source": {
                "play": {
                    "instrument": {"preset": {"name": lead}},
                    "parts": {n: {"degrees": {"pattern": _degrees(rng), "octave": 4}} for n in names},
                }
            },
            "gain_db": -12,
            "pan": 0.2,
        },
        "pad": {
            "source": {
                "play": {
                    "instrument": {"preset": {"name": str(rng.choice(pads))}},
                    "parts": {"*": {"chords": {}}},
                }
            },
            "gain_db": -14,
            "pan": -0.3,
        },
        "loop": {"source": {"audio": {"file": samples[0], "loop_bars": 2}}, "gain_db": -10},
        "hum": {"source": {"tone": {"note": "A2", "level_db": -12}}, "gain_db": -20},
    }
    for name in rng.choice(["pad", "loop", "hum"], int(rng.integers(0, 4)), replace=False):
        del stems[str(name)]
    if rng.random() < 0.5:
        stems["lead"]["effects"] = [{"lowpass": {"cutoff_hz": 2500}}]
    if rng.random() < 0.4:
        stems["bass"]["effects"] = [{"compressor": {"threshold_db": -24, "ratio": 3}}]
    buses = {}
    if rng.random() < 0.5:
        buses["group"] = {"effects": [{"compressor": {"threshold_db": -20, "ratio": 2}}], "gain_db": -1}
        stems["drums"]["output"] = stems["bass"]["output"] = "group"
    if rng.random() < 0.4:
        buses["hall"] = {
            "effects": [{"reverb": {"wet_level": 1, "dry_level": 0, "room_size": 0.5}}],
            "gain_db": -8,
        }
        stems["lead"]["sends"] = {"hall": -8}
    return {
        "title": "Tune",
        "bpm": int(rng.choice([100, 120, 132])),
        "key": "A minor",
        "sections": sections,
        "session": {"sample_rate": RATE, "channels": 2},
        "stems": stems,
        **({"buses": buses} if buses else {}),
        "master": {"target": {"integrated_lufs": -16}},
        "delivery": {"contents": ["master", "mix", "stems"], "subtype": "PCM_24"},
    }
