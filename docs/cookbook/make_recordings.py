"""Plays stand-ins for the recordings that the recipes use, and writes them where the recipes look for them.

python docs/cookbook/make_recordings.py    # in the folder that has songs/; then put your own files in their places
"""

from pathlib import Path

import mido
import numpy as np
import soundfile as sf

RATE = 44_100
VOWELS = [(730, 1090, 2440), (270, 2290, 3010), (570, 840, 2410), (530, 1840, 2480)]
"""Formants of four vowels, Hz (Peterson and Barney, 1952)."""


def write(path, sound):
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, sound, RATE, "PCM_24")


def times(seconds):
    return np.arange(round(seconds * RATE)) / RATE


def bar(hertz, seconds, decay_s):
    """A kalimba's tine: a sine that dies away, and the second mode of a clamped bar, at 6.27 times its frequency."""
    t = times(seconds)
    sound = np.sin(2 * np.pi * hertz * t) * np.exp(-6.9 * t / decay_s)
    sound += 0.25 * np.sin(2 * np.pi * hertz * 6.27 * t) * np.exp(-6.9 * t / (0.15 * decay_s))
    fades = np.minimum(1, np.minimum(t / 0.006, (seconds - t) / 0.02))
    return 0.6 * sound * (0.5 - 0.5 * np.cos(np.pi * fades))


def midi_hertz(note):
    return 440 * 2 ** ((note - 69) / 12)


def samples(folder):
    for octave in (3, 4, 5):
        for name, step in (("C", 0), ("G", 7)):
            sound = bar(midi_hertz(12 * (octave + 1) + step), 2.5, 2.2)
            write(folder / f"kalimba_{name}{octave}.wav", sound)


def speech(phrases, seconds, pitch_hz, random, syllable_s=0.18):
    """Syllables of harmonics, weighted by the formants of a vowel; `phrases` are (start, end) in s. It peaks at 0.5."""
    out = np.zeros(round(seconds * RATE))
    t = times(syllable_s)
    for start, end in phrases:
        for number in range(int((end - start) / syllable_s + 1e-6)):
            pitch = pitch_hz * (1.12 - 0.02 * number) * random.uniform(0.97, 1.03)
            partials = pitch * np.arange(1, int(5_000 / pitch))
            formants = VOWELS[random.integers(len(VOWELS))]
            levels = sum(1 / (1 + ((partials - f) / 90) ** 2) / (n + 1) for n, f in enumerate(formants))
            sound = (levels / np.sqrt(partials)) @ np.sin(2 * np.pi * np.outer(partials, t))
            sound *= np.sin(np.pi * t / syllable_s) ** 0.6 / np.max(np.abs(sound))
            at = round((start + number * syllable_s) * RATE)
            out[at : at + len(t)] += 0.5 * random.uniform(0.75, 1) * sound
    return out


def noise(seconds, rms, random):
    """Noise that falls by 6 dB an octave above some 700 Hz, as of a quiet room."""
    spectrum = np.fft.rfft(random.standard_normal(round(seconds * RATE)))
    spectrum /= 1 + 1j * np.fft.rfftfreq(round(seconds * RATE), 1 / RATE) / 700
    sound = np.fft.irfft(spectrum, round(seconds * RATE))
    return rms * sound / np.std(sound)


def hum(seconds, level):
    """Mains hum of 50 Hz with three harmonics."""
    return level * sum(np.sin(2 * np.pi * 50 * n * times(seconds) + n) / n for n in (1, 2, 3, 4))


def take(random):
    """A melody, 60 a minute: a count-in, four bars of which one is begun twice, and a chair that creaks."""
    out = np.zeros(round(14 * RATE))
    line = [60, 64, 67, 64, 65, 69, 72, 69, 65, 69, 72, 69, 67, 71, 74, 71, 60, 64, 67, 72]
    for number, note in enumerate(line):
        at = round((1 + number * 0.6) * RATE)
        sound = bar(midi_hertz(note), 0.9, 1.6)
        out[at : at + len(sound)] += 0.6 * sound[: len(out) - at]
    creak = noise(0.2, 0.02, random) * np.hanning(round(0.2 * RATE))
    out[round(0.4 * RATE) : round(0.6 * RATE)] += creak
    return out + hum(14, 0.01) + noise(14, 0.00005, random)


def record(random):
    """A finished song to compare with: a bass, chords, and noise on the off-beats, over four bars at 100 a minute."""
    beat = 0.6
    out = np.zeros((round(16 * beat * RATE), 2))
    for number in range(16):
        root = (45, 41, 48, 43)[number // 4]
        for note, level in ((root, 0.5), (root + 12, 0.16), (root + 19, 0.14), (root + 28, 0.12)):
            t = times(beat)
            saw = sum(np.sin(2 * np.pi * midi_hertz(note) * k * t) / k**1.2 for k in range(1, 9))
            side = 0.3 * np.sin(note + number)
            sound = (
                level * saw * np.exp(-2.2 * t) * np.minimum(1, t / 0.004) * np.minimum(1, (beat - t) / 0.01)
            )
            at = round(number * beat * RATE)
            out[at : at + len(t)] += np.outer(sound, (1 - side, 1 + side))[: len(out) - at]
        at = round((number + 0.5) * beat * RATE)
        hiss = random.standard_normal((round(0.08 * RATE), 2)) * np.exp(-60 * times(0.08))[:, None]
        out[at : at + len(hiss)] += 0.3 * hiss
    rumble = np.stack([noise(16 * beat, 0.004, random) for _ in range(2)], axis=1)
    return 0.8 * out / np.max(np.abs(out)) + rumble


def phrase(path):
    """Four bars of keys as a MIDI file: 96 quarters a minute, and a sustain pedal in each bar."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("track_name", name="Keys"))
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(96)))
    for chord in ((57, 60, 64, 67), (53, 57, 60, 64), (48, 55, 60, 64), (55, 59, 62, 65)):
        track.append(mido.Message("control_change", control=64, value=127))
        for note in (*chord, *reversed(chord)):
            track.append(mido.Message("note_on", note=note, velocity=80))
            track.append(mido.Message("note_off", note=note, time=240))
        track.append(mido.Message("control_change", control=64, value=0))
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)


def main(folder):
    random = np.random.default_rng(1)
    samples(folder / "samples/kalimba")
    phrase(folder / "midi/keys.mid")
    write(folder / "takes/melody.wav", take(random))
    host = speech([(0.2, 2.4), (5.2, 6.6)], 7, 190, random) + noise(7, 0.0002, random)
    guest = 0.4 * speech([(2.7, 4.9)], 7, 110, random) + noise(7, 0.0002, random)
    write(folder / "takes/host.wav", host)
    write(folder / "takes/guest.wav", guest)
    reading = 0.9 * speech([(1.2, 3.0), (3.5, 5.6), (6.1, 7.5)], 11, 120, random) + noise(11, 0.0003, random)
    write(folder / "takes/reading.wav", reading)
    write(folder / "references/record.wav", record(random))


if __name__ == "__main__":
    main(Path())
