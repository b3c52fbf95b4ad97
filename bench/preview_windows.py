"""How near windows of songs are to the same stretches of their mixes, and how long one takes after an edit.

    python bench/preview_windows.py songs /tmp/windows first-light five-stems praia-neon
    python bench/preview_windows.py kinds /tmp/windows     # every effect, source and instrument, a strip each
    python bench/preview_windows.py time /tmp/windows      # from an edit of a stem of first-light to its eight bars

The folder keeps what is built. A residual is the peak of the difference to the mix, or to the processed strip, in dB
relative to the peak of that stretch: the stricter reading of -80 dB where no stretch is above full scale.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
import yaml

ROOT = Path(__file__).resolve().parents[1]
LIMIT_DB = -80.0
WINDOWS = {
    "five-stems": ("bar9-17", "41.5s-50s"),
    "first-light": ("bar5-13", "groove", "last", "10.3s-12s"),
    "praia-neon": ("bar9-17", "hook", "bridge", "outro"),
    "kinds": ("bar2-4", "bar5-9", "7.3s-9.1s", "bar11-13"),
}
RATE, SECONDS = 44_100, 26
FLUID = "/usr/share/sounds/sf2/TimGM6mb.sf2"


def snakemake(folder: Path, *words: str) -> tuple[float, float]:
    """Run Snakemake in a folder: its wall time, and its CPU time with its jobs, in s. Exits if it fails."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "2"]
    began, before = time.perf_counter(), os.times()
    done = subprocess.run([*command, *words], cwd=folder, capture_output=True, text=True)
    took, after = time.perf_counter() - began, os.times()
    if done.returncode:
        sys.exit(f"{' '.join(words)}:\n{done.stdout}{done.stderr}")
    return took, sum(after[2:4]) - sum(before[2:4])


def residual_db(part: np.ndarray, whole: np.ndarray) -> float:
    """The peak of a difference in dB relative to that of the whole; -inf where they are equal."""
    peak, rest = np.abs(whole).max(), np.abs(part - whole).max()
    return 20 * math.log10(rest / peak) if rest and peak else (-math.inf if not rest else math.inf)


def start_of(timeline: dict[str, Any], window: str) -> int:
    """The frame with which a window begins, by the timeline that is built."""
    if found := re.match(r"([0-9.]+)s-", window):
        return round(float(found[1]) * timeline["sample_rate"])
    named = [section["start_frame"] for section in timeline["sections"] if section["name"] == window]
    bar = int(window.removeprefix("bar").split("-")[0]) if not named else 0
    beats = (beat["frame"] for beat in timeline["beats"] if beat["bar"] == bar and beat["beat"] == 1)
    return named[0] if named else next(beats)


def compare(folder: Path, song: str) -> float:
    """Print the residuals of a song's windows; the largest of those of the mix."""
    home, worst = folder / "build" / song, -math.inf
    targets = [f"build/{song}/preview/{window}.wav.ok" for window in WINDOWS[song]]
    snakemake(folder, "--keep-going", *targets, f"build/{song}/mix/mix.wav")
    timeline = json.loads((home / "timeline.json").read_text())
    strips: dict[str, list[float]] = {}
    for window in WINDOWS[song]:
        start = start_of(timeline, window)

        def against(path: Path, whole: Path, start: int = start) -> float | None:
            part = sf.read(path, always_2d=True)[0]
            there = sf.read(whole, start=start, frames=len(part), always_2d=True)[0]
            return residual_db(part, there) if len(part) == len(there) else None

        of_mix = against(home / f"preview/{window}.wav", home / "mix/mix.wav")
        assert of_mix is not None
        worst = max(worst, of_mix)
        print(f"{song:12} {window:12} mix {of_mix:8.1f} dB")
        for path in sorted((home / "preview" / window).glob("*.wav")):
            # Of what goes through a bus, more is rendered than the window: the mix shows it.
            same = sf.info(path).frames == sf.info(home / f"preview/{window}.wav").frames
            if same and (found := against(path, home / "processed" / path.name)) is not None:
                strips.setdefault(path.stem, []).append(found)
    for strip, found in sorted(strips.items(), key=lambda each: -max(each[1])):
        print(f"{song:12} {strip:24} " + " ".join(f"{each:8.1f}" for each in found))
    return worst


def music(frames: int, rate: int) -> np.ndarray:
    """Something that attacks, decays, pauses and moves: plucks of rising partials, bursts of noise, a low tone."""
    rng, t = np.random.default_rng(1), np.arange(frames) / rate
    sound = np.zeros((frames, 2))
    for index in range(int(frames / rate * 4)):
        at, length = int(index * rate / 4), int(0.6 * rate)
        n = np.arange(min(length, frames - at)) / rate
        pluck = np.sin(2 * np.pi * 110 * 2 ** (rng.integers(0, 36) / 12) * n) * np.exp(-n * 8)
        noise = rng.normal(0, 0.3, len(n)) * np.exp(-n * 40)
        pan = rng.random()
        sound[at : at + len(n)] += np.outer(pluck * (index % 7 > 1) + noise, [pan, 1 - pan]) * 0.5
    sound += 0.1 * np.sin(2 * np.pi * 55 * t)[:, None]
    return sound / np.abs(sound).max() * 0.5


def moving(value: float, depth: float) -> dict[str, Any]:
    """A number that an LFO moves."""
    return {"value": value, "lfo": {"length": "3/8", "depth": depth}}


EFFECTS: dict[str, dict[str, Any]] = {
    "auto_pan": {"length": "1 bar", "depth": 0.7},
    "bitcrush": {"bit_depth": moving(7, 2)},
    "chorus": {"rate_hz": 0.8, "delay_ms": 12, "depth_ms": 2, "feedback": 0.6},
    "compressor": {"threshold_db": -30, "ratio": 8, "attack_ms": 10, "release_ms": 1_000, "knee_db": 6},
    "compressor_2": {"threshold_db": moving(-24, 6), "ratio": 3, "release_ms": 5_000, "link": False},
    "convolution": {"file": "hall.wav", "wet_level": 0.4, "dry_level": 1, "pre_delay_ms": 20},
    "de_click": {},
    "de_clip": {},
    "de_esser": {"frequency_hz": 4_000, "threshold_db": -40},
    "delay": {
        "delay_length": "1/8.",
        "feedback": 0.6,
        "ping_pong": True,
        "lowpass_hz": 4_000,
        "highpass_hz": 100,
    },
    "delay_2": {"delay_length": "1/8t", "feedback": 0.5, "mix": moving(0.4, 0.2)},
    "delay_3": {"delay_seconds": 0.21, "feedback": 0.7},
    "denoise": {},
    "distortion": {"drive_db": moving(18, 6)},
    "ducker": {"key": "tone", "depth_db": 9, "attack_ms": 50, "hold_ms": 300, "release_ms": 800},
    "eq": {
        "bands": [
            {"highpass": {"frequency_hz": 40, "order": 4}},
            {"peak": {"frequency_hz": 90, "gain_db": 9, "q": 20}},
        ]
    },
    "eq_2": {"bands": [{"low_shelf": {"frequency_hz": 60, "gain_db": -9}}], "zero_phase": True},
    "eq_3": {"bands": [{"notch": {"frequency_hz": moving(500, 300), "q": 8}}]},
    "fade": {"fade_in": "6 bars", "fade_out": "6 bars"},
    "flanger": {"length": "4 bars", "shape": "triangle", "delay_ms": 2.5, "depth_ms": 2, "feedback": -0.9},
    "gain": {"gain_db": moving(-3, 3)},
    "highpass": {"cutoff_hz": 20, "order": 8},
    "highpass_2": {"cutoff_hz": 60, "zero_phase": True},
    "insert": {"argv": ["sox", "{input}", "{output}", "bass", "+4"]},
    "ladder": {"cutoff_hz": moving(900, 500), "resonance": 0.7, "drive": 1.5},
    "limiter": {"ceiling_db": -12, "release_ms": 300},
    "lowpass": {"cutoff_hz": moving(2_000, 1_500)},
    "match_eq": {"file": "music.wav"},
    "mid_side": {"mid": [{"compressor": {"threshold_db": -30}}], "side": [{"chorus": {"rate_hz": 0.3}}]},
    "noise_gate": {"threshold_db": -25, "attack_ms": 1, "hold_ms": 50, "release_ms": 200},
    "noise_gate_2": {"threshold_db": -25, "key": "tone", "ratio": 2},
    "phaser": {"length": "2 bars", "centre_hz": 400, "octaves": 3, "feedback": 0.9},
    "pitch_shift": {"semitones": -2},
    "polarity": {"channel": "right"},
    "reverb": {"room_size": 0.95, "damping": 0.1, "wet_level": 0.5, "pre_delay_ms": 40},
    "reverb_2": {"room_size": moving(0.5, 0.4), "wet_level": 0.3},
    "sample_delay": {"ms": 900},
    "saturation": {"drive_db": moving(9, 6)},
    "transient_shaper": {"attack_db": 9, "sustain_db": -9},
    "tremolo": {"length": "1/8", "shape": "square", "depth": 0.9, "phase": 0.25},
    "width": {"width": 1.3},
}
NOTES = {"*": {"degrees": {"pattern": "1 - 3 . 5> - - . | 8 - - - 7 5 3 ."}}}
INSTRUMENTS: dict[str, Any] = {
    "subtractive": {"envelope": {"release_ms": 2_000}, "vibrato_cents": 20},
    "fm": {},
    "organ": {"drawbars": "88 8000 008", "percussion": "third"},
    "plucked": {"decay_s": 6},
    "sampler": {"folder": "samples", "release_ms": 250},
    "sfz": {"file": "samples/bell.sfz"},
    "soundfont": {"file": FLUID, "preset": "Nylon Guitar"},
}
AUDIO = {"file": "music.wav"}
SOURCES: dict[str, Any] = {
    "tone": {"tone": {"frequency_hz": 110}},
    "drums": {
        "drums": {"patterns": {"*": {"kick": "x---x---", "hat": "xoxX", "open_hat": "--x-"}}, "timing_ms": 8}
    },
    "reference": {"reference": {}},
    "command": {
        "command": {
            "argv": ["sox", "-R", "{input:hum}", "{output}", "tremolo", "3"],
            "inputs": {"hum": "music.wav"},
        }
    },
    "loop": {"audio": {**AUDIO, "start": "2 s", "loop_bars": 2, "gain_db": -3}},
    "edited": {
        "audio": {
            **AUDIO,
            "at": "bar 2",
            "edits": [{"cut": {"start": "3.2 s", "end": "4.4 s"}}],
            "fade_in": "2 s",
        }
    },
    "resampled": {"audio": {"file": "music-48.wav", "fade_out": "3 s"}},
    "pitched": {"audio": {**AUDIO, "pitch": {"semitones": 3}}},
    "stack": {
        "stack": {
            "layers": {
                "low": {"source": {"tone": {"frequency_hz": 55}}, "gain_db": -6, "pan": 0.4},
                "high": {
                    "source": {
                        "play": {"instrument": {"plucked": {}}, "parts": NOTES, "swing": 0.6, "timing_ms": 9}
                    }
                },
            }
        }
    },
}


def kinds_song() -> dict[str, Any]:
    """A song with a strip for each kind, some in buses, sends, returns and side-chains."""
    stems: dict[str, Any] = {name: {"source": source} for name, source in SOURCES.items()}
    for name, keys in INSTRUMENTS.items():
        stems[name] = {
            "source": {"play": {"instrument": {name: keys}, "parts": NOTES, "timing_ms": 9, "vary": 0.5}}
        }
    for name, keys in EFFECTS.items():
        kind = re.sub(r"_\d$", "", name)
        stems[f"fx-{name}"] = {"source": {"audio": AUDIO}, "effects": [{kind: keys}], "gain_db": -20}
    stems["moved"] = {
        "source": {"audio": AUDIO},
        "gain_db": [{"at": "bar 1", "value": -30}, {"at": "bar 9", "value": -6}],
        "pan": moving(0, 0.8),
        "mute": ["b"],
        "sections": ["a", "c"],
    }
    stems["drums"] |= {"output": "group", "sends": {"hall": -6}}
    stems["plucked"] |= {"sends": {"hall": -3, "group": {"gain_db": -6, "pre_fader": True}}}
    squeeze = {"compressor": {"threshold_db": -30, "ratio": 4, "release_ms": 400, "key": "tone"}}
    buses = {
        "group": {"effects": [squeeze, {"chorus": {"rate_hz": 0.3}}], "sends": {"hall": -12}},
        "hall": {
            "effects": [{"reverb": {"room_size": 0.8, "dry_level": 0}}, {"highpass": {"cutoff_hz": 200}}]
        },
    }
    return {
        "bpm": 120,
        "key": "D minor",
        "reference": {"file": "music.wav"},
        "sections": [{"a": "4 bars"}, {"b": "2 bars"}, {"c": "6 bars"}],
        "stems": stems,
        "buses": buses,
    }


def prepare(folder: Path) -> None:
    """Lay out the songs, once."""
    if (folder / "songs").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "songs", folder / "songs")
    shutil.copy(ROOT / "environment.yml", folder)  # the rule of praia-neon names it
    sound = music(SECONDS * RATE, RATE)
    sf.write(folder / "music.wav", sound, RATE, "FLOAT")
    sf.write(folder / "music-48.wav", music(SECONDS * 48_000, 48_000), 48_000, "FLOAT")
    n = np.arange(3 * RATE) / RATE
    response = np.random.default_rng(2).normal(0, 1, (len(n), 2)) * np.exp(-n * 3)[:, None]
    sf.write(folder / "hall.wav", response / np.abs(response).max(), RATE, "FLOAT")
    (folder / "samples").mkdir()
    for name, hertz in (("C3", 130.81), ("C5", 523.25)):
        bell = 0.5 * np.sin(2 * np.pi * hertz * n) * np.exp(-n * 2)
        sf.write(folder / f"samples/bell_{name}.wav", bell, RATE, "PCM_16")
    (folder / "samples/bell.sfz").write_text("<region> sample=bell_C3.wav key=48 lokey=0 hikey=127\n")
    (folder / "songs/kinds.yaml").write_text(yaml.safe_dump(kinds_song(), sort_keys=False))
    gates = "click dropout edges gap hum silence placeholder imports duplicate stereo balance bandwidth dc"
    house = {
        **yaml.safe_load((ROOT / "config.yaml").read_text()),
        "songs": ["five-stems", "first-light", "praia-neon", "kinds"],
    }
    house["gates"] |= dict.fromkeys(gates.split(), False)
    (folder / "config.yaml").write_text(yaml.safe_dump(house, sort_keys=False))


def measure_time(folder: Path, turns: int = 5) -> None:
    """Print how long an edit takes to its eight bars and to their verdict, beside a run with nothing to do."""
    target, song = "build/first-light/preview/bar5-13.wav", folder / "songs/first-light.yaml"
    written = song.read_text()
    snakemake(folder, f"{target}.ok")
    rows: dict[str, list[tuple[float, float]]] = {
        "nothing to do": [],
        "to the file": [],
        "to its verdict": [],
    }
    try:
        for turn in range(turns):
            rows["nothing to do"].append(snakemake(folder, f"{target}.ok"))
            for kind, ending in (("to the file", ""), ("to its verdict", ".ok")):
                release = 81 + 2 * turn + (ending != "")
                song.write_text(written.replace("release_ms: 80", f"release_ms: {release}"))
                rows[kind].append(snakemake(folder, target + ending))
            snakemake(folder, f"{target}.ok")
    finally:
        song.write_text(written)
    for kind, found in rows.items():
        wall, cpu = (statistics.median(each[i] for each in found) for i in (0, 1))
        print(f"{kind:16} {wall:6.2f} s wall  {cpu:6.2f} s CPU  (medians of {turns})")


if __name__ == "__main__":
    what, scratch, *songs = sys.argv[1:]
    prepare(Path(scratch))
    if what == "time":
        measure_time(Path(scratch))
    else:
        found = [compare(Path(scratch), song) for song in (songs if what == "songs" else ["kinds"])]
        print(f"largest residual {max(found):.1f} dB, limit {LIMIT_DB:g} dB")
        sys.exit(max(found) > LIMIT_DB)
