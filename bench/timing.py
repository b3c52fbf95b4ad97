"""The two kinds of error of the gates of tempo and grid: PYTHONPATH=scripts python bench/timing.py [COUNT [SEED]] [-v]

Random rhythms (bench/rhythms.py) as recordings, judged at the song they were made for, which must pass, and at wrong
ones: another tempo, an entry too late, strokes at random. COUNT rhythms of each kind (30), ten times as many of
`sparse`. For each row: the share that passes all checks, is warned about, is refused, or is only skipped.
"""

import sys
from collections import Counter
from fractions import Fraction

import numpy as np
import rhythms

from stemwright.gates import Subject, make
from stemwright.measure.onsets import Onsets
from stemwright.music.timeline import TempoChange, TempoMap, Timeline, TimeSignature, parse_duration

RATE = 22_050
GATES = make({"tempo": {}, "grid": {}})
METERS = {1.75: "7/16", 2.5: "5/8", 3.0: "3/4", 3.5: "7/8", 5.0: "5/4", 4.0: "4/4"}
TEMPI = {
    "1 %": 1.012,
    "2 %": 0.98,
    "3 %": 1.03,
    "4/3": 4 / 3,
    "3/4": 3 / 4,
    "3/2": 3 / 2,
    "2/3": 2 / 3,
    "5/4": 5 / 4,
}
LATE = {"a 16th": 0.25, "an eighth": 0.5, "a beat": 1.0}


def onsets(samples):
    meter = Onsets()
    meter.start(RATE, 1)
    for start in range(0, len(samples), 1 << 16):
        meter.feed(samples[start : start + (1 << 16), None])
    return meter


def judged(meter, line, bpm):
    """(pass, warn, fail or skip, the worst of all checks; what the checks say)."""
    meter_sign = TimeSignature(*map(int, METERS[line.bar].split("/")))
    bpm = Fraction(str(round(bpm, 6)))
    bars = int(np.ceil(line.beats / line.bar * bpm / Fraction(str(line.bpm)))) + 1
    grid = Timeline.build(
        RATE, TempoMap([TempoChange(1, bpm, meter_sign)]), parse_duration(f"{bars} bars"), []
    )
    subject = Subject("", "reference", {}, {"grid": {"timeline": grid.to_dict()}})
    checks = [check for gate in GATES for check in gate.judge(subject, [meter])]
    found = [c.status for c in checks if c.id.split(".")[0] in ("tempo", "grid")]
    worst = next((s for s in ("fail", "warn") if s in found), "pass" if "pass" in found else "skip")
    return worst, [f"{c.id} {c.status} {c.measured}" for c in checks if c.status in ("warn", "fail", "skip")]


def sound(line, kit, late=0.0):
    strokes = [(at + late, piece, v) for at, piece, v in line.strokes]
    samples = rhythms.play(strokes, line.bpm, kit, RATE, line.beats * 60 / line.bpm + 1)
    return 0.7 * samples / np.abs(samples).max()


def main():
    numbers = [int(v) for v in sys.argv[1:] if v.isdigit()]
    count, seed = [*numbers, *[30, 0][len(numbers) :]]
    kits = ["own", "rock"] if seed == 0 else ["own", "rock", "black-pearl"]
    table, examples = {}, {}

    def note(row, worst, said, what):
        table.setdefault(row, Counter())[worst] += 1
        examples.setdefault((row, worst), []).append(f"{what}: {said}")

    for kind in rhythms.KINDS:
        for i in range(count * 10 if kind == "sparse" else count):
            rng = np.random.default_rng([seed, i, rhythms.KINDS.index(kind)])
            line = rhythms.rhythm(kind, rng, human_ms=[0, 0, 4, 8][i % 4])
            kit = kits[i % len(kits)] if i < count else "own"
            what = f"{kind} {i} {line.bpm} {METERS[line.bar]} {kit}"
            meter = onsets(sound(line, kit))
            note(f"good: {kind}", *judged(meter, line, line.bpm), what)
            if i >= count:
                continue
            for name, factor in TEMPI.items():
                note(f"bad: song's bpm {name} of it", *judged(meter, line, line.bpm * factor), what)
            for name, late in LATE.items():
                note(f"bad: {name} late", *judged(onsets(sound(line, kit, late)), line, line.bpm), what)
                if kind in ("straight", "funk"):
                    note(
                        f"bad: {name} late, {kind}",
                        *judged(onsets(sound(line, kit, late)), line, line.bpm),
                        what,
                    )
            anywhere = [(float(rng.uniform(0, line.beats)), p, v) for _, p, v in line.strokes]
            strewn = rhythms.Rhythm(anywhere, line.bpm, line.beats, line.bar, kind)
            note("bad: strokes at random", *judged(onsets(sound(strewn, kit)), line, line.bpm), what)
    for row, found in table.items():
        total = sum(found.values())
        print(
            f"{row:38}",
            *(f"{s} {100 * found[s] / total:5.1f} %" for s in ("pass", "warn", "fail", "skip")),
            f" of {total}",
        )
    if "-v" in sys.argv:
        for (row, worst), said in examples.items():
            if row.startswith("good") != (worst == "pass"):
                print(row, worst, *said[:6], sep="\n   ")


main()
