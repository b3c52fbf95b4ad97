"""Causes in processing: another rounding, a delay, a filter, dynamics, a curve, an echo."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from stemwright.audio import Stream
from stemwright.base.decibels import decibels
from stemwright.comparison import gains
from stemwright.comparison.difference import Difference, Finding
from stemwright.comparison.events import find_events
from stemwright.comparison.openings import read_opening
from stemwright.comparison.pair import DITHERED
from stemwright.comparison.places import EARLY_S
from stemwright.measure.delay import find_delay

# The limits were tried on random edits: bench/diff_edits.py.
_REACH_S = 0.5  # of a delay, early or late
_FAR_LESS = 0.5  # a delay may not leave more than twice what a filter does
_DELAYED, _LEAST_DELAY = 0.985, 0.3  # its correlation, and the least one in frames
_EXPLAINED = 0.03  # the share of the difference's energy that a cause may leave
_FINE_S, _DRAWN = 0.0025, 2e-3
_SHORTEST_CLEAN_S, _CLEAN_S = 0.006, 0.02  # a chorus comes back after 10 ms, a reverb after 24
_CAME = 0.3
_CODED, _FAINT = (
    0.03,
    1e-3,
)  # of a bar's energy, what a codec may change: Vorbis 1 % of a drum kit; of the loudest bar


def rounded(found: Difference) -> list[Finding]:
    """The same sound, in other steps: where a file was dithered or converted otherwise."""
    most = DITHERED * found.pair.step
    if found.segments.peaks.max() > most:
        return []
    text = f"rounded or dithered otherwise, at most {decibels(most):.0f} dBFS"
    return [Finding("format", found.differing or found.sounding, None, "", text, 1.0)]


def coded(found: Difference) -> list[Finding]:
    """The same sound in another codec, which is lossy, or was: no bar has lost more than a codec takes."""
    if not found.pair.is_lossy or found.pair.old.subtype == found.pair.new.subtype:
        return []
    heard = found.sound > _FAINT * found.sound.max()
    if (found.energy[heard] > _CODED * found.sound[heard]).any():
        return []
    return [Finding("format", found.sounding, None, "", "coded otherwise", 0.8)]


def late(found: Difference) -> list[Finding]:
    """All of it earlier or later, in the bars that differ."""
    pair, frames = found.pair, found.pair.frames
    reach = min(_REACH_S, frames / pair.rate / 4)
    if reach * pair.rate < 1:
        return []
    old, new = (partial(_differing_blocks, found, side) for side in (0, 1))
    delay = find_delay(old, new, frames, pair.rate, reach)
    if delay is None or abs(delay.correlation) < _DELAYED:
        return []
    if abs(delay.seconds * pair.rate) < _LEAST_DELAY or _is_rather_filtered(found, delay.correlation):
        return []
    ms = delay.seconds * 1_000
    return [Finding("timing", found.differing, ms, "ms", later(ms), abs(delay.correlation))]


def _is_rather_filtered(found: Difference, correlation: float) -> bool:
    """Whether a filter leaves much less of the new sound than a delay: a low-pass filter delays a bass, too."""
    if not found.is_of_all:
        return False
    energies = found.segments.difference.sum() / max(float(found.segments.new[found.within].sum()), 1e-30)
    return bool(found.sounds.filter.left * energies < _FAR_LESS * (1 - correlation**2))


def _differing_blocks(found: Difference, side: int) -> Stream:
    """One side, with silence in the bars that do not differ."""
    edges = found.places.edges - round(EARLY_S * found.pair.rate)
    ends = [(int(edges[bar]), int(edges[bar + 1])) for bar in sorted(found.differing)]
    at = 0
    for both in found.pair.blocks():
        heard = np.zeros((len(both[side]), 1))
        for start, end in ends:
            heard[max(0, start - at) : max(0, end - at)] = 1
        yield both[side] * heard
        at += len(heard)


def processed(found: Difference) -> list[Finding]:
    """A gain that moves, a filter, or a curve: the one that leaves least."""
    bar = int(np.bincount(found.bars).min())
    moving = gains.moving(found.segments, found.mask, bar)
    lefts: dict[str, float] = {}
    if found.is_of_all:
        lefts |= {"filter": found.sounds.filter.left, "curve": found.sounds.curve.left}
    if moving:
        is_drawn = moving.kind == "level" and moving.left <= _DRAWN
        # What a gain leaves is less the finer it is followed; what a saturation leaves is not.
        lefts["moving"] = 0.0 if is_drawn else gains.left_of_moving(found.pair.measure(_FINE_S))
    lefts = {each: left for each, left in lefts.items() if left <= _EXPLAINED}
    if not lefts:
        return []
    best = min(lefts, key=lambda each: lefts[each])
    sure = 1 - lefts[best]
    if best == "filter":
        return [_tone(found, sure)]
    if best == "curve":
        return [Finding("effect", found.differing, None, "", "distorted otherwise", sure)]
    assert moving
    heard = moving.db[~np.isnan(moving.db) & found.mask]
    low, high = (float(each) for each in np.quantile(heard, (0.02, 0.98)))
    if moving.kind == "level":
        far = low if abs(low) > abs(high) else high
        text = f"level drawn from {max(low, -60):+.1f} to {high:+.1f} dB" if low > -60 else "faded out"
        return [Finding("level", found.differing, far, "dB", text, sure)]
    if moving.kind == "dynamics":
        amount = high - low
        return [
            Finding(
                "dynamics", found.differing, amount, "dB", f"dynamics: gain moves by {amount:.1f} dB", sure
            )
        ]
    return [
        Finding("effect", found.differing, high - low, "dB", f"level modulated by {high - low:.1f} dB", sure)
    ]


def _tone(found: Difference, sure: float) -> Finding:
    bands = found.sounds.filter.octaves()
    heard = [each for each in bands if abs(each[1]) >= 0.5]
    most = max(heard or bands, key=lambda each: abs(each[1]))
    names = ", ".join(f"{max(-60.0, db):+.1f} dB at {_hertz(hz)}" for hz, db in _extremes(heard or bands))
    return Finding("tone", found.differing, most[1], "dB", f"tone: {names}", sure)


def ambience(found: Difference) -> list[Finding]:
    """Equal at first, at some gain, while nothing has come back yet: reverb or echo."""
    if found.same_source is False or found.differing < found.sounding:
        return []
    opening = read_opening(found.pair, found.segments)
    if opening is None or opening.clean_s < _SHORTEST_CLEAN_S:
        return []
    if opening.is_equal and not _adds_to_itself(found):
        return []
    if opening.clean_s < _CLEAN_S:
        return [Finding("effect", found.differing, None, "", "modulated or doubled", 0.8)]
    # What is left of the direct sound counts for nothing: an echo may take from it.
    old, new = (np.sort(each)[: len(each) // 5].mean() for each in (found.segments.old, found.segments.new))
    db = float(10 * np.log10(max(new / opening.gain**2, 1e-30) / max(old, 1e-30)))
    text = f"{'more' if db > 0 else 'less'} reverb or echo"
    return [Finding("ambience", found.differing, max(-99.0, min(99.0, db)), "dB", text, 0.9)]


def _adds_to_itself(found: Difference) -> bool:
    """Whether what differs first is something that came, and from there on all differs, as in its own echo."""
    events = find_events(found.segments)
    return found.goes_on and bool(len(events.at)) and abs(float(events.share[0])) < _CAME


def later(ms: float) -> str:
    """A delay in words."""
    return f"{abs(ms):.1f} ms {'later' if ms > 0 else 'earlier'}"


def _hertz(hz: float) -> str:
    return f"{hz / 1_000:g} kHz" if hz >= 1_000 else f"{hz:.0f} Hz"


def _extremes(bands: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The band that lost most and the one that gained most, in order of frequency."""
    chosen = {min(bands, key=lambda each: each[1]), max(bands, key=lambda each: each[1])}
    return sorted(each for each in chosen if abs(each[1]) >= 0.3) or list(chosen)[:1]
