"""What changes in a song's tempo and meter, in words."""

from __future__ import annotations

from fractions import Fraction

from stemwright.music.timeline import TempoMap, format_note


def tempo_changes(tempo: TempoMap, end: Fraction) -> dict[Fraction, str]:
    """The changes before the end of a song, by position in quarters: `96 BPM, 4/4`, `ramp to 60 BPM`, `hold 1.5 s`."""
    found: dict[Fraction, list[str]] = {}
    for index, change in enumerate(tempo.changes):
        at = tempo.meters.place(change.bar, change.beat) if index else Fraction(0)
        here = found.setdefault(at, [])
        if change.bpm is not None:
            here[:] = [_bpm(tempo, at, change.bpm)]  # the end of a ramp says no more here
        if change.time_signature:
            here.append(str(change.time_signature))
        if change.ramp:
            here.append(f"ramp to {_bpm(tempo, at, change.ramp.to)}")
            stop = tempo.meters.advance(at, change.ramp.over)
            found[stop] = [_bpm(tempo, stop, change.ramp.to)]
        if change.hold:
            here.append(f"hold {float(tempo.length_seconds(change.hold, at)):.6g} s")
    return {at: ", ".join(found[at]) for at in sorted(found) if at < end}


def _bpm(tempo: TempoMap, at: Fraction, bpm: Fraction) -> str:
    """A tempo in quarter notes a minute as the song counts it at a position in quarters: `96 BPM`, `1/4. = 54`."""
    unit = tempo.time_signature(at).unit
    number = f"{float(bpm / (unit or 1)):.6g}"
    return f"{format_note(unit)} = {number}" if unit else f"{number} BPM"
