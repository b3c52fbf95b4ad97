"""Plays what the client sends: a script of songs/bass-repair.smk.

Six bars of 4/4 at 100 BPM in D minor, one riff of two bars, played three times on a bass: synthesised, each note
plucked anew. Three spots of the take are bad: in bar 3, F# is played for F; in bar 4, the phrase from beat 3 on is
65 ms late; in bar 5, a plug crackles in the rest on beat 4. The rough mix has the bass at -7 dB, the drums at -3 dB,
and keys that are not sent.
"""

from pathlib import Path

import numpy as np
import soundfile as sf

RATE, BEAT = 44_100, 0.6
# Beat in the riff of two bars (from 0), MIDI note, length in beats.
RIFF = [(0, 38, 0.9), (1, 38, 0.45), (1.5, 45, 0.45), (2, 41, 0.9)]
RIFF += [(4, 36, 0.9), (5, 36, 0.4), (5.5, 43, 0.45), (6, 40, 0.4), (6.5, 43, 0.4), (7, 45, 0.6)]
LATE_S, CRACKLE = 0.065, (19 * BEAT + 0.1, 0.3)
dice = np.random.default_rng(5)


def pluck(midi, seconds):
    """A plucked string: the higher a harmonic, the softer, and the faster its decay; the hand stops it in the end."""
    t = np.arange(round((seconds + 0.05) * RATE)) / RATE
    f0 = 440 * 2 ** ((midi - 69) / 12)
    place = dice.uniform(0.13, 0.2)  # where it is plucked
    sound = sum(
        np.sin(np.pi * place * n)
        / n**1.3
        * np.exp(-t * (1.2 + 0.5 * n))
        * np.sin(2 * np.pi * n * f0 * t + dice.uniform(0, 0.3))
        for n in range(1, 25)
    )
    sound += dice.normal(0, 0.15, len(t)) * np.exp(-t / 0.004)  # the finger on the string
    attack, release = np.clip(t / 0.002, 0, 1), np.clip((seconds + 0.04 - t) / 0.04, 0, 1)
    return sound * attack * release**2 * dice.uniform(0.85, 1)


def bass():
    take = np.zeros(round(24 * BEAT * RATE))
    for time in range(3):
        for beat, midi, length in RIFF:
            at = (8 * time + beat) * BEAT + dice.normal(0, 0.0015)
            if (time, beat) == (1, 2):
                midi += 1
            if time == 1 and beat >= 6:
                at += LATE_S
            note = pluck(midi, length * BEAT)
            first = max(round(at * RATE), 0)
            take[first : first + len(note)] += note[: len(take) - first]
    start, seconds = (round(x * RATE) for x in CRACKLE)
    take[start : start + seconds] += (
        dice.normal(0, 0.25, seconds) * (dice.random(seconds) < 0.2) * np.hanning(seconds)
    )
    return 0.5 * take / np.abs(take).max() + dice.normal(0, 1e-5, len(take))


def drums():
    sound = np.zeros((round(24 * BEAT * RATE), 2))
    t = np.arange(round(0.25 * RATE))[:, None] / RATE
    kick = np.sin(2 * np.pi * (50 * t + 3.5 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.08)
    for half in range(48):
        hit = dice.normal(0, 0.25, t.shape) * np.exp(-t / 0.015) * [0.6, 1]  # the hat, to the right
        if half % 4 == 0:
            hit += kick
        if half % 4 == 2:
            hit += dice.normal(0, 0.6, t.shape) * np.exp(-t / 0.05)
        first = round(half * BEAT / 2 * RATE)
        sound[first : first + len(t)] += hit * np.clip(t / 0.002, 0, 1)
    return 0.5 * sound / np.abs(sound).max()


def keys():
    t = np.arange(round(24 * BEAT * RATE)) / RATE
    return (
        sum(np.sin(2 * np.pi * hertz * t) for hertz in (293.66, 349.23, 440))
        * 0.04
        * (1 + np.sin(2 * np.pi * t / 4.8))
    )


takes = {"bass": bass(), "drums": drums()}
takes["rough"] = 10 ** (-7 / 20) * takes["bass"][:, None] + 10 ** (-3 / 20) * takes["drums"] + keys()[:, None]
for path in map(Path, snakemake.output):
    sf.write(path, takes[path.stem], RATE, subtype="PCM_24")
