"""Octave bands of the presets nylon and steel beside the sampled guitars of FluidR3 (Debian: fluid-soundfont-gm).

Run: PYTHONPATH=scripts python bench/plucked.py
"""

from __future__ import annotations

import numpy as np

from stemwright import instruments
from stemwright.instruments import Note
from stemwright.music.render_context import RenderContext

RATE = 48_000
SOUNDFONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
PITCHES = (40, 45, 50, 55, 60, 64, 69, 72, 76)
CENTRES = 62.5 * 2.0 ** np.arange(9)
PROGRAMS = {"nylon": 24, "steel": 25}


def bands(entry: dict, pitch: int, velocity: float) -> np.ndarray:
    """The share of each octave band in the power of a note of a second."""
    context = RenderContext(RATE, 1, round(1.6 * RATE), "bench", files={"file": SOUNDFONT})
    note = Note(4_800, RATE, pitch, velocity)
    x = np.concatenate(list(instruments.make(entry).play([note], context)))[4_800:, 0]
    power, f = np.abs(np.fft.rfft(x)) ** 2, np.fft.rfftfreq(len(x), 1 / RATE)
    return np.array([power[(f >= c / 2**0.5) & (f < c * 2**0.5)].sum() for c in CENTRES]) / power.sum()


def main() -> None:
    for name, program in PROGRAMS.items():
        for velocity in (0.5, 0.8, 1.0):
            ours, theirs = (
                10 * np.log10(np.mean([bands(entry, pitch, velocity) for pitch in PITCHES], axis=0))
                for entry in (
                    {"preset": {"name": name}},
                    {"soundfont": {"file": SOUNDFONT, "preset": program}},
                )
            )
            print(f"{name} at {velocity}: bands {', '.join(f'{c:.0f}' for c in CENTRES)} Hz")
            print("  sampled   ", *(f"{v:6.1f}" for v in theirs))
            print("  difference", *(f"{v:6.1f}" for v in ours - theirs))


if __name__ == "__main__":
    main()
