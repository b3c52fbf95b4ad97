"""Rhythms at random, each with the times of its strokes, and their sound: for bench/onsets.py and bench/tempo.py.

Kits: our own; the drum kits of SoundFonts (FluidSynth plays them); folders of samples in layers of velocity. All is
seeded: the same arguments give the same files.
"""

import struct
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr

from stemwright.instruments.dsp import drum_kit

GM = "/usr/share/sounds/sf2/TimGM6mb.sf2"  # apt install timgm6mb-soundfont fluidsynth
RECORDED = {  # apt install avldrums.lv2-soundfont hydrogen-data: recorded kits, none of them ours
    "black-pearl": "/usr/share/sounds/sf2/Black_Pearl_4_LV2.sf2",
    "red-zeppelin": "/usr/share/sounds/sf2/Red_Zeppelin_4_LV2.sf2",
    "rock": "/usr/share/hydrogen/data/drumkits/GMRockKit",
}
_KEYS = {
    "kick": 36,
    "snare": 38,
    "rim": 37,
    "hat": 42,
    "open_hat": 46,
    "ride": 51,
    "crash": 49,
    "tom_low": 45,
    "tom_high": 50,
}
_SAMPLES = {
    "kick": "Kick", "snare": "Snare", "rim": "SideStick", "hat": "HatClosed", "open_hat": "HatOpen",
    "ride": "24Ride", "crash": "Crash", "tom_low": "TomFloor", "tom_high": "Tom1",
}  # fmt: skip
_TICKS = 9_600  # a quarter


class Rhythm:
    """Strokes (beat, piece, velocity) at a tempo, in `beats` beats (quarters) with bars of `bar`.

    `seconds` are their times, ascending.
    """

    def __init__(self, strokes, bpm, beats, bar, kind):
        self.strokes, self.bpm, self.beats, self.bar, self.kind = sorted(strokes), bpm, beats, bar, kind

    @property
    def seconds(self):
        return np.array(sorted({round(at * 60 / self.bpm, 6) for at, *_ in self.strokes}))


KINDS = (
    "straight",
    "sparse",
    "funk",
    "clave",
    "swing8",
    "swing16",
    "triplets",
    "tuplets",
    "rolls",
    "flams",
    "odd",
)


def rhythm(kind, rng, bpm=None, bars=None, human_ms=0.0):
    """A rhythm of a kind, whose pattern of one or two bars repeats."""
    bpm = bpm or float(np.round(rng.uniform(70, 175), 2))
    meter = {"odd": float(rng.choice([1.75, 2.5, 3.0, 3.5, 5.0]))}.get(kind, 4.0)  # quarters in a bar
    bars = bars or int(np.ceil(max(8, 16 * bpm / 60 / meter)))
    per = {"triplets": 3, "tuplets": int(rng.choice([5, 7])), "rolls": 8}.get(kind, 4)
    span = meter * (2 if kind in ("clave", "sparse") and rng.random() < 0.5 else 1)
    pattern = _pattern(kind, rng, span, per)
    strokes, at = [], 0.0
    while at < bars * meter - 1e-9:
        strokes += [(at + p, piece, v) for p, piece, v in pattern if at + p < bars * meter - 1e-9]
        at += span
    if human_ms:
        jitter = rng.normal(0, human_ms / 1000 * bpm / 60, len(strokes))
        strokes = [(max(0.0, p + j), piece, v) for (p, piece, v), j in zip(strokes, jitter, strict=True)]
    return Rhythm(strokes, bpm, bars * meter, meter, kind)


def _pattern(kind, rng, span, per):
    def at(probability, step, piece, low=0.5, high=1.0, offset=0.0):
        places = np.arange(offset, span - 1e-9, step)
        return [
            (float(p), piece, float(rng.uniform(low, high))) for p in places if rng.random() < probability
        ]

    if kind == "sparse":
        count = int(span * 4)
        out = []
        for piece in rng.choice(
            ["kick", "snare", "rim", "hat", "tom_low"], rng.integers(1, 4), replace=False
        ):
            for p in rng.choice(count, rng.integers(2, 6), replace=False):
                out.append((p / 4, str(piece), float(rng.uniform(0.6, 1))))
        return out
    if kind == "clave":
        son = [0, 0.75, 1.5, 2.5, 3.0] if rng.random() < 0.5 else [0, 0.75, 1.5, 2.5, 3.25]
        out = [(p * span / 4, "rim", 0.9) for p in son]
        return out + (at(0.9, 0.5, "hat", 0.3, 0.6) if rng.random() < 0.5 else [])
    back = [(float(p), "snare" if i % 2 else "kick", 0.9) for i, p in enumerate(np.arange(0, span, 1))]
    if kind == "straight":
        return back + at(1, 0.5, "hat", 0.5, 0.7) + at(0.2, 0.5, "kick", 0.7, 0.9)
    if kind == "funk":
        return (
            back
            + at(0.9, 0.25, "hat", 0.3, 0.8)
            + at(0.3, 0.25, "kick", 0.6, 1)
            + at(0.15, 0.25, "snare", 0.3, 0.5)
        )
    if kind == "odd":
        return [(0.0, "kick", 1.0), *at(0.8, 0.25, "hat", 0.4, 0.8), *at(0.3, 0.5, "snare", 0.6, 1)]
    if kind == "swing8":
        swing = rng.uniform(0.5, 0.7)
        return (
            back
            + at(1, 1, "ride", 0.5, 0.8)
            + at(0.8, 1, "ride", 0.4, 0.7, swing)
            + at(0.3, 1, "kick", 0.6, 1, swing)
        )
    if kind == "swing16":
        swing = rng.uniform(0.54, 0.68) / 2
        return (
            back
            + at(1, 0.5, "hat", 0.5, 0.8)
            + at(0.7, 0.5, "hat", 0.4, 0.7, swing)
            + at(0.3, 0.5, "kick", 0.6, 1, swing)
        )
    if kind == "rolls":
        roll = [(span - 1 + i / per, "snare", 0.5 + 0.4 * i / per) for i in range(per)]
        return back[:-1] + at(1, 0.5, "hat", 0.5, 0.7)[:-2] + roll
    if kind == "flams":
        flams = [(p - 0.05 if p else p, "snare", 0.4) for p, piece, _ in back if piece == "snare"]
        return back + flams + at(1, 0.5, "hat", 0.5, 0.7)
    out = back + at(0.7, 1 / per, "hat", 0.5, 0.8) + at(0.15, 1 / per, "kick", 0.6, 0.9)
    return out


def play(strokes, bpm, kit, rate, seconds):
    """The strokes on a kit ("own", a key of RECORDED, or the number of a kit of GM), mono."""
    out = np.zeros(round(seconds * rate))
    if kit == "own" or kit == "rock":
        for beat, piece, velocity in strokes:
            velocity = max(1, round(velocity * 127)) / 127
            sound = drum_kit.hit(piece, rate, velocity) if kit == "own" else _sample(piece, velocity, rate)
            frame = round(beat * 60 / bpm * rate)
            part = out[frame : frame + len(sound)]
            part += sound[: len(part)]
        return out
    font, program, channel = (RECORDED[kit], 0, 0) if kit in RECORDED else (GM, int(kit), 9)  # 9: drums of GM
    notes = [(beat, 0.2, channel, _KEYS[piece], velocity) for beat, piece, velocity in strokes]
    return fluidsynth(notes, bpm, font, {channel: program}, rate, seconds)


_samples = {}


def _sample(piece, velocity, rate):
    layers = ("Softest", "Soft", "Med", "Hard", "Hardest")
    name = _SAMPLES[piece]
    found = sorted(Path(RECORDED["rock"]).glob(f"{name}*"))
    if (key := (piece, rate)) not in _samples:
        order = [f for layer in layers for f in found if f.stem.endswith(f"-{layer}")] or found
        sounds = []
        for file in order:
            sound, own = sf.read(file, always_2d=True)
            sounds.append(soxr.resample(sound.mean(axis=1), own, rate))
        _samples[key] = sounds
    sounds = _samples[key]
    return sounds[min(len(sounds) - 1, int(velocity * len(sounds)))] * (0.4 + 0.6 * velocity)


def fluidsynth(notes, bpm, font, programs, rate, seconds):
    """Notes (beat, beats, channel, key, velocity) played by FluidSynth, mono, without its reverb and chorus."""
    moments = [(0, bytes([0xC0 | channel, program])) for channel, program in programs.items()]
    for beat, length, channel, key, velocity in notes:
        moments.append((round(beat * _TICKS), bytes([0x90 | channel, key, max(1, round(velocity * 127))])))
        moments.append((round((beat + length) * _TICKS), bytes([0x80 | channel, key, 0])))
    moments.sort(key=lambda m: (m[0], m[1][0] & 0xF0 == 0x90))
    body = b"\x00\xff\x51\x03" + round(6e7 / bpm).to_bytes(3, "big")
    before = 0
    for tick, message in moments:
        body += _number(tick - before) + message
        before = tick
    body += b"\x00\xff\x2f\x00"
    with tempfile.TemporaryDirectory() as folder:
        song, wav = Path(folder, "a.mid"), Path(folder, "a.wav")
        head = b"MThd" + struct.pack(">LHHh", 6, 0, 1, _TICKS)
        song.write_bytes(head + b"MTrk" + struct.pack(">L", len(body)) + body)
        command = [
            "fluidsynth",
            "-ni",
            "-g",
            "0.5",
            "-R",
            "0",
            "-C",
            "0",
            "-r",
            str(rate),
            "-O",
            "float",
            "-F",
            wav,
            font,
            song,
        ]
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
        sound, _ = sf.read(wav, always_2d=True)
    out = np.zeros(round(seconds * rate))
    sound = sound.mean(axis=1)[: len(out)]
    out[: len(sound)] = sound
    return out


def _number(value):
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.insert(0, value & 0x7F | 0x80)
    return bytes(digits)


def band(rng, beats):
    """Notes of a bass, a comping instrument, a lead and a pad: (notes with an attack, notes of the pad)."""
    scale = rng.integers(0, 12) + np.array([0, 2, 4, 5, 7, 9, 11])
    heard, pad, root = [], [], 0
    for bar in np.arange(0, beats, 4.0):
        root = int(rng.choice([0, 3, 4, 5]))
        chord = [int(scale[(root + i) % 7]) for i in (0, 2, 4)]
        pad += [(bar, 4.0, 3, 60 + note, 0.5) for note in chord]
        for step in np.arange(0, 4, 0.5):
            if bar + step >= beats:
                break
            if step == 0 or rng.random() < 0.4:
                heard.append((bar + step, 0.4, 0, 36 + chord[0], float(rng.uniform(0.6, 0.9))))
            if rng.random() < 0.3:
                heard += [(bar + step, 0.45, 1, 60 + note, float(rng.uniform(0.5, 0.8))) for note in chord]
            if rng.random() < 0.35:
                heard.append((bar + step, 0.45, 2, 72 + int(rng.choice(scale)), float(rng.uniform(0.5, 0.8))))
    return heard, pad


def room(samples, rate, rng, seconds=0.6, wet=0.25):
    """The samples in a room: convolved with decaying noise."""
    n = round(seconds * rate)
    tail = rng.normal(size=n) * np.exp(-6.9 * np.arange(n) / n)
    size = 1 << (len(samples) + n).bit_length()
    wetted = np.fft.irfft(
        np.fft.rfft(samples, size) * np.fft.rfft(tail / np.sqrt(np.sum(tail**2)), size), size
    )
    return samples + wet * wetted[: len(samples)]
