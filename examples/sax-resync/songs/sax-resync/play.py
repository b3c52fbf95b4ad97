"""Plays what the client sends: a script of songs/sax-resync.smk.

Six bars of 4/4 at 96 BPM in B flat major. The demo has 0.4 s of nothing, a bar of count-in, and drums. The band's file
has the same drums, and chords, and begins 217.3 ms before bar 1. The saxophone comes in 1.31 s after the start of its
file, is 3.5 % slower, and sways by 80 ms over five bars; each note is within some 5 ms of where its player meant it.
"""

from pathlib import Path

import numpy as np
import soundfile as sf

RATE, BEAT, COUNT_IN, BAND = 44_100, 60 / 96, 0.4 + 4 * 60 / 96, 0.2173
# For each two bars: beat, MIDI note, length in beats.
LINE = [(0, 58, 0.5), (0.5, 62, 0.5), (1, 65, 1), (2, 67, 0.5), (2.5, 65, 0.5), (3, 62, 1)]
LINE += [(4, 63, 0.5), (4.5, 65, 0.5), (5, 67, 1), (6, 65, 0.5), (6.5, 63, 0.5), (7, 60, 1)]
SECONDS = 24 * BEAT
dice = np.random.default_rng(96)


def played(time):
    """Where in its file the saxophone plays what belongs at a time of the song; both in seconds."""
    return 1.31 + 1.035 * time + 0.08 * np.sin(2 * np.pi * time / 12.5)


def blown(midi, seconds):
    """A note: harmonics under three resonances that stay where they are, vibrato, breath, and a tongued attack."""
    t = np.arange(round(seconds * RATE)) / RATE
    cents = 12 * np.sin(2 * np.pi * 5.2 * t) * np.clip((t - 0.25) / 0.2, 0, 1)
    hertz = 440 * 2 ** ((midi - 69 + cents / 100) / 12)
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    sound = np.zeros(len(t))
    for n in range(1, 40):
        f = n * hertz.mean()
        resonance = sum(
            g / (1 + ((f - at) / wide) ** 2)
            for at, wide, g in ((550, 180, 1), (1250, 250, 0.6), (2700, 500, 0.3))
        )
        sound += (0.05 / n + resonance / n**0.5) * np.sin(n * phase + n)
    breath = dice.normal(0, 0.03, len(t))
    shape = (
        np.clip(t / 0.012, 0, 1) * np.clip((seconds - t) / 0.03, 0, 1) * (1 - 0.25 * np.clip(t / 0.4, 0, 1))
    )
    return (sound + breath) * shape


def sax():
    take = np.zeros(round((played(SECONDS) + 1) * RATE))
    for bars in range(3):
        for beat, midi, length in LINE:
            start, end = (played((8 * bars + at) * BEAT) for at in (beat, beat + length))
            start += np.clip(dice.normal(0, 0.005), -0.01, 0.01)
            note = blown(midi, end - start - 0.04)
            take[round(start * RATE) :][: len(note)] += note
    return 0.6 * take / np.abs(take).max() + dice.normal(0, 2e-5, len(take))


def drums():
    sound = np.zeros((round((SECONDS + 1) * RATE), 2))
    t = np.arange(round(0.25 * RATE))[:, None] / RATE
    kick = np.sin(2 * np.pi * (50 * t + 3.5 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.08)
    for half in range(48):
        hit = dice.normal(0, 0.2, t.shape) * np.exp(-t / 0.02) * [0.6, 1]
        if half % 8 in (0, 5):
            hit += kick
        if half % 4 == 2:
            hit += dice.normal(0, 0.5, t.shape) * np.exp(-t / 0.06)
        sound[round(half * BEAT / 2 * RATE) :][: len(t)] += hit * np.clip(t / 0.002, 0, 1)
    return 0.5 * sound / np.abs(sound).max()


def chords():
    t = np.arange(round((SECONDS + 1) * RATE))[:, None] / RATE
    place = t % (8 * BEAT)
    sound = np.zeros((len(t), 2))
    for start, notes in ((0, (46, 62, 65, 70)), (4, (51, 63, 67, 70))):
        after = place - start * BEAT
        shape = (
            np.clip(after / 0.01, 0, 1)
            * np.exp(-np.maximum(after, 0))
            * (after < 4 * BEAT)
            * np.clip((4 * BEAT - after) / 0.05, 0, 1)
        )
        for note in notes:
            hertz = 440 * 2 ** ((note - 69) / 12)
            sound += (
                shape * (np.sin(2 * np.pi * hertz * t) + 0.3 * np.sin(4 * np.pi * hertz * t)) * [1.1, 0.9]
            )
    return 0.06 * sound * (t < SECONDS)


def late(sound, seconds):
    """A sound after silence; parts of a frame by a turn of its spectrum."""
    size = len(sound) + round(seconds * RATE) + 1
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(size) * seconds * RATE)
    return np.fft.irfft(np.fft.rfft(sound, size, axis=0) * turn[:, None], size, axis=0)


drummed = drums()
clicks = np.zeros((round(COUNT_IN * RATE), 2))
for beat in range(4):
    t = np.arange(1_000)[:, None] / RATE
    clicks[round((0.4 + beat * BEAT) * RATE) :][:1_000] += (
        0.3 * np.sin(2 * np.pi * 1_000 * t) * np.exp(-t / 0.005)
    )
takes = {
    "demo": np.concatenate([clicks, drummed]),
    "band": late(0.7 * drummed + chords(), BAND),
    "sax": sax(),
}
for path in map(Path, snakemake.output):
    sf.write(path, takes[path.stem], RATE, subtype="PCM_24")
