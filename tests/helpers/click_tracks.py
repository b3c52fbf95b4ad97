"""Click and drum tracks whose times are known."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction

import numpy as np
import soundfile as sf

from stemwright.gates import Subject, make, verify
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Ramp, TempoChange, TempoMap, Timeline, TimeSignature, parse_duration
from stemwright.sources.drums import Drums

RATE = 48_000
ROCK = {"kick": "x---x---x---x---", "snare": "----x-------x---", "hat": "x-x-x-x-x-x-x-x-"}
FUNK = {"kick": "X--x--x---x--x--", "snare": "----X--o-o--X--o", "hat": "xoxoxoxoxoxoxoxo"}
FLOOR = {"kick": "x---"}
TEMPI = (60, 75, 90, 112, 120, 140, 174, 200)


def timeline(bpm, bars=8, changes=(), rate=RATE, meter="4/4"):
    meter = TimeSignature(*map(int, meter.split("/")))
    tempo = [TempoChange(1, Fraction(str(bpm)), meter)]
    tempo += [TempoChange(bar, Fraction(str(later)), meter) for bar, later in changes]
    return Timeline.build(rate, TempoMap(tempo), parse_duration(f"{bars} bars"), [])


def ramped(bars=16, ramp=("60", "8 bars"), first=100, at=5):
    """A timeline of 4/4 with a ramp of tempo."""
    to, over, *curve = ramp
    changes = [
        TempoChange(1, Fraction(str(first)), TimeSignature(4, 4)),
        TempoChange(at, ramp=Ramp(Fraction(to), parse_duration(over), *curve)),
    ]
    return Timeline.build(RATE, TempoMap(changes), parse_duration(f"{bars} bars"), [])


def drummed(grid, seed="drums", **keys):
    """(samples, facts) of a drum stem."""
    keys = {"patterns": {"*": ROCK}, **keys}
    drums = Drums(**keys)
    samples = np.concatenate(list(drums.render(RenderContext(grid.rate, 1, grid.frames, seed, grid))))
    source = {"drums": asdict(drums)}
    return samples, {"timeline": grid.to_dict(), "source": source, "seed": seed, "sections": []}


def clicked(times, seconds, rate=RATE, levels=None):
    """Short bursts of noise that begin at `times` in seconds."""
    rng = np.random.default_rng(1)
    samples = np.zeros((round(seconds * rate), 1))
    burst = np.exp(-np.arange(round(0.04 * rate)) / (0.008 * rate))[:, None]
    for index, at in enumerate(times):
        frame = round(at * rate)
        part = samples[frame : frame + len(burst)]
        level = 0.3 if levels is None else levels[index]
        part += level * (burst * rng.uniform(-1, 1, (len(burst), 1)))[: len(part)]
    return samples


def beats(bpm, count, step=1.0):
    return np.arange(count) * step * 60 / bpm


def judge(path, gate, samples, facts, kind="stem", **limits):
    """Checks, by name, of samples by one of the two gates."""
    sf.write(path, samples, RATE, "FLOAT")
    subject = Subject(str(path), kind, {}, {"grid": facts} if facts else {})
    return {check.id: check for check in verify(subject, make({gate: limits})).checks}


def statuses(checks):
    return [check.status for check in checks.values()]
