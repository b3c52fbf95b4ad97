"""The two kinds of error of the gate notes_heard: PYTHONPATH=scripts python bench/heard_notes.py [SEED [SOUNDFONT]]

Melodies and chords at random, in quarters, eighths and sixteenths, for each preset, or for presets of a SoundFont. The
columns, of the notes as they are played:

- judged: the share of the notes that can be judged.
- heard: the share of these that is heard.
- low: the share of these of which the octave below is heard.
- late: how late they rise, in the median, in ms.

Of other notes and sounds: the share that is heard (for `down`: low) if the sound is an octave higher than written (up),
an octave lower (down), a semitone lower, noise, or one tone. The last lines are the extremes of all lines in which the
gate judges: with eight notes or more.
"""

import sys
from fractions import Fraction

import numpy as np

from stemwright import sources
from stemwright.instruments.preset import NAMES
from stemwright.measure.heard_notes import HeardNotes
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import TempoChange, TempoMap, Timeline, TimeSignature, parse_duration

RATE, BARS, NOTES = 22_050, 8, 64
FEWEST = 8  # notes that the gate needs
COLUMNS = ("judged", "heard", "low", "late", "up", "down", "semitone", "noise", "tone")
PITCHES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
BASSES, OTHERS = (36, 52), (50, 76)
PROGRAMS = (0, 4, 16, 17, 18, 19, 20, 21, 22, 23, 32, 33, 40, 48, 52, 56, 60, 64, 68, 71, 73, 80, 81, 88)
FIGURES = (("1/4", 1), ("1/8", 1), ("1/16", 1), ("1/4", 3), ("1/8", 3))


def pattern(rng, lowest, highest, step, voices):
    """A melody, or chords, as the part `notes` is written."""
    entries, pitch = [], int(rng.integers(lowest, highest))
    for _ in range(NOTES):
        pitch = int(np.clip(pitch + rng.integers(-5, 6), lowest, highest))
        above = rng.permutation([3, 4, 5, 7, 8, 9, 12])[: voices - 1]
        pitches = sorted({pitch, *(min(pitch + int(each), highest) for each in above)})
        names = " ".join(f"{PITCHES[each % 12]}{each // 12 - 1}" for each in pitches)
        entries.append(f"rest {step}" if rng.random() < 0.15 else f"{names} {step}")
    return ", ".join(entries)


def played(instrument, part, rng):
    """(the notes as they sound, the sound)."""
    tempo = TempoMap([TempoChange(1, Fraction(int(rng.integers(70, 170))), TimeSignature(4, 4))])
    timeline = Timeline.build(RATE, tempo, parse_duration(f"{BARS} bars"), [])
    source = sources.make({"play": {"instrument": instrument, "parts": {"*": {"notes": {"pattern": part}}}}})
    files = {f"instrument.{kind}.file": keys["file"] for kind, keys in instrument.items() if "file" in keys}
    context = RenderContext(RATE, 1, timeline.frames, "bench", timeline, files)
    sound = np.concatenate(list(sources.render(source, context, None)))
    return [(note.frame, note.frames, note.pitch) for note in source.notes(context)], sound


def heard(notes, sound, semitones=0):
    """(share that can be judged, of them that are heard, of these of which the octave below is; late in ms)."""
    meter = HeardNotes(tuple((frame, frames, pitch + semitones) for frame, frames, pitch in notes))
    meter.start(RATE, 1)
    for start in range(0, len(sound), 1 << 16):
        meter.feed(sound[start : start + (1 << 16)])
    judged = [note for note in meter.heard if note.db is not None]
    found = [note for note in judged if note.is_heard]
    low = sum(note.is_low for note in found) / max(1, len(found))
    late = 1000 * float(np.median([note.late_s for note in found])) if found else 0.0
    share = len(found) / len(judged) if len(judged) >= FEWEST else np.nan
    return len(judged) / len(notes), share, low, late


def main():
    rng = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    if len(sys.argv) > 2:
        kinds = [
            (f"program {n}", {"soundfont": {"file": sys.argv[2], "preset": n}}, n in (32, 33))
            for n in PROGRAMS
        ]
    else:
        kinds = [(name, {"preset": {"name": name}}, "bass" in name) for name in NAMES]
    print(f"{'instrument':20} {'step':5} {'voices':6} {'  '.join(f'{name:>8}' for name in COLUMNS)}")
    table = []
    for name, instrument, is_bass in kinds:
        for step, voices in FIGURES:
            if is_bass and voices > 1:
                continue
            notes, sound = played(
                instrument, pattern(rng, *(BASSES if is_bass else OTHERS), step, voices), rng
            )
            noise = 0.1 * rng.standard_normal(sound.shape)
            tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(len(sound)) / RATE)[:, None]
            figures = [*heard(notes, sound), heard(notes, sound, -12)[1], heard(notes, sound, 12)[2]]
            figures += [heard(notes, sound, 1)[1], heard(notes, noise)[1], heard(notes, tone)[1]]
            print(f"{name:20} {step:5} {voices:6} {shown(figures)}", flush=True)
            if not np.isnan(figures[1]):
                table.append(figures)
    print(f"{'least':33} {shown(np.nanmin(table, axis=0))}")
    print(f"{'most':33} {shown(np.nanmax(table, axis=0))}")


def shown(figures):
    """Figures as a line of the table."""
    return "  ".join(f"{figure:8.2f}" for figure in figures)


if __name__ == "__main__":
    main()
