"""Makes the two recordings of first-light anew: python songs/first-light/make_audio.py

They are committed; this shows how they came to be. The reference is played on our own drum kit, with a
head of one silent bar; the loop is four bars of chords on a simple electric piano (decaying partials).
"""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile as sf

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "scripts"))

from stemwright.music.pitch import frequency, parse_note
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import TempoChange, TempoMap, Timeline, TimeSignature, parse_duration
from stemwright.sources.drums import Drums

BPM = Fraction(112)
REFERENCE_RATE, LOOP_RATE = 32_000, 44_100  # neither is the session's: both are resampled
CHORDS = [
    ("D3", "A3", "D4", "F#4"),
    ("B2", "F#3", "D4", "F#4"),
    ("G2", "D3", "B3", "G4"),
    ("A2", "E3", "C#4", "G4"),
]
HITS = (0, 1.5, 2.5, 3.5)  # in beats, with a push before the bar line


def timeline(rate, *sections):
    tempo = TempoMap([TempoChange(1, BPM, TimeSignature(4, 4))])
    return Timeline.build(
        rate, tempo, None, [(name, parse_duration(length), None) for name, length in sections]
    )


def reference():
    grid = timeline(REFERENCE_RATE, ("count", "1 bar"), ("play", "14 bars"), ("end", "1 bar"))
    beat = {"kick": "X-----x-x-x-----", "snare": "----X-------X--o", "hat": "x-x-x-x-x-x-x-x-"}
    patterns = {"play": beat, "end": {"kick": "X---------------", "open_hat": "x---------------"}}
    drums = Drums(patterns, swing=0.54)
    context = RenderContext(REFERENCE_RATE, 1, grid.frames, seed="reference", timeline=grid)
    audio = np.concatenate(list(drums.render(context)))
    sf.write(HERE / "reference.flac", audio * 0.6, REFERENCE_RATE, subtype="PCM_16")


def struck(note, seconds):
    t = np.arange(round(seconds * LOOP_RATE)) / LOOP_RATE
    base = frequency(parse_note(note))
    partials = [(1, 1.0, 0.9), (2, 0.35, 0.5), (3, 0.12, 0.3), (14.2, 0.05, 0.05)]  # ratio, level, decay in s
    tone = sum(
        a * np.sin(2 * np.pi * base * n * t) * np.exp(-t / d)
        for n, a, d in partials
        if base * n < 0.45 * LOOP_RATE
    )
    return tone * np.minimum(1, t / 0.002) * np.minimum(1, (seconds - t) / 0.02)


def loop():
    grid = timeline(LOOP_RATE, ("loop", "4 bars"))
    audio = np.zeros((grid.frames, 2))
    for bar, chord in enumerate(CHORDS):
        for place in HITS:
            start = grid.frame(Fraction(4 * bar) + Fraction(place))
            for voice, note in enumerate(chord):
                left = (len(audio) - start) / LOOP_RATE  # each note ends within the loop, so that it closes
                sound = struck(note, min(left, 1.2 if place else 1.6)) * (0.09 if place else 0.12)
                side = 0.5 + 0.16 * (voice - 1.5)
                audio[start : start + len(sound)] += sound[:, None] * [1 - side, side]
    sf.write(HERE / "keys.ogg", audio, LOOP_RATE, format="OGG", subtype="VORBIS")


reference()
loop()
