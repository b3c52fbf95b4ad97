"""Stand-ins for two voices, recorded at once with a microphone each, and for music: a script of songs/podcast.smk.

Their faults are those of real recordings: room noise, hum, sharp sibilants, a click, a false start, and two levels.
"""

import numpy as np
import soundfile as sf
from scipy.signal import butter, lfilter, sosfilt

RATE = 44_100
LENGTH_S = 10.0
ANNA = [(0.3, 2.1), (4.6, 5.9), (6.2, 7.6)]  # when she speaks, s; the second is a false start
BEN = [(2.4, 4.2), (7.9, 9.4)]
CLICK_S = 3.0
VOWELS = [
    (730, 1090, 2440),
    (270, 2290, 3010),
    (570, 840, 2410),
    (530, 1840, 2480),
]  # formants, Hz: Peterson, Barney
SYLLABLE_S = 0.2


def speech(phrases, pitch_hz, random):
    """Syllables of pulse trains through formants, every third begins with a sibilant; the louder vowels peak at 1."""
    out = np.zeros(round(LENGTH_S * RATE))
    hiss = butter(4, 5500, "highpass", fs=RATE, output="sos")
    for start, end in phrases:
        for number in range(round((end - start) / SYLLABLE_S)):
            frames = round(SYLLABLE_S * RATE)
            at = round((start + number * SYLLABLE_S) * RATE)
            time = np.arange(frames) / RATE
            pitch = pitch_hz * (1.1 - 0.1 * number / 8 + 0.03 * random.standard_normal())
            sound = np.diff(np.floor(pitch * time), prepend=0)
            sound = lfilter([1, -0.98], [1], sound)  # radiation from the lips
            for formant in VOWELS[random.integers(len(VOWELS))]:
                radius = np.exp(-np.pi * 90 / RATE)
                sound = lfilter(
                    [1 - radius], [1, -2 * radius * np.cos(2 * np.pi * formant / RATE), radius**2], sound
                )
            sound *= np.sin(np.pi * time / SYLLABLE_S) ** 0.5 * random.uniform(0.7, 1) / np.max(np.abs(sound))
            if number % 3 == 1:
                part = round(0.08 * RATE)
                sibilant = sosfilt(hiss, random.standard_normal(part)) * np.hanning(part)
                sound[:part] = sound[:part] * 0.1 + 0.6 * sibilant / np.max(np.abs(sibilant))
            out[at : at + frames] += sound
    return out


def room(random, level):
    """Noise that falls with frequency, as of a room with a fan; RMS `level`."""
    noise = lfilter([1], [1, -0.9], random.standard_normal(round(LENGTH_S * RATE)))
    return level * noise / np.std(noise)


def hum(level):
    time = np.arange(round(LENGTH_S * RATE)) / RATE
    return level * sum(np.sin(2 * np.pi * 50 * n * time + n) / n for n in (1, 2, 3, 4))


def pad(seconds):
    """Four chords of detuned harmonics, in stereo."""
    time = np.arange(round(seconds * RATE)) / RATE
    out = np.zeros((len(time), 2))
    for chord, root in enumerate((220.0, 174.6, 130.8, 196.0)):
        here = np.clip(1 - np.abs((time / seconds * 4 - chord - 0.5) / 1.0), 0, 0.5) * 2
        for interval in (1, 1.25, 1.5, 2):
            for harmonic in (1, 2, 3, 4):
                tone = 2 * np.pi * root * interval * harmonic * time
                for side, detune in enumerate((0.9995, 1.0005)):
                    out[:, side] += here * np.sin(tone * detune + side / 2 + harmonic) / harmonic**1.5
    return 0.5 * out / np.max(np.abs(out))


def main(output):
    random = np.random.default_rng(1)
    anna = 0.5 * speech(ANNA, 195, random) + room(random, 0.001) + hum(0.004)
    ben = 0.25 * speech(BEN, 110, random) + room(random, 0.001)
    ben[round(CLICK_S * RATE)] += 0.6
    sf.write(output.anna, anna, RATE, "PCM_24")
    sf.write(output.ben, ben, RATE, "PCM_24")
    sf.write(output.music, pad(12), RATE, "PCM_24")


main(snakemake.output)
