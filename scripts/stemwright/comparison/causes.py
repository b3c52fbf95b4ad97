"""Why two files of one track differ: the simplest causes that the samples bear out, each with its bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stemwright.audio import Stream
from stemwright.comparison import gains
from stemwright.comparison.events import find_events, repeats
from stemwright.comparison.openings import read_opening
from stemwright.comparison.pair import Pair, Segments
from stemwright.comparison.places import EARLY_S, Places
from stemwright.comparison.result import Change, Kind
from stemwright.comparison.sounds import Sounds, listen
from stemwright.measure.delay import find_delay

_QUIET, _SILENT, _RAMP = 1e-7, 1e-9, 2
_NOTABLE, _NOTABLE_OF_SOUND = 1e-3, 1e-2
_TAIL_RISE, _TAIL_SPAN = 4.0, 8
_REACH_S = 0.5
_DELAYED, _LEAST_DELAY = 0.985, 0.3
_EXPLAINED = 0.03
_SHORTEST_CLEAN_S, _CLEAN_S = 0.006, 0.02
_AUDIBLE, _GOES_ON = 1e-6, 0.98
_SHIFTED_S, _SHIFTED, _SPREAD = 0.0015, 0.12, 0.35
_SAME_SOUND, _SAME_PITCH = 0.85, 0.92
_MOVED, _MOVED_BY = 0.55, 0.1
_MOSTLY = 0.3
_SAME_GAIN = 4e-3
_MOST_DEPTH = 3


@dataclass(frozen=True)
class Finding:
    """A cause before it is put into words: `kind`, the bars by their indices, `amount` and `unit`, and what is said."""

    kind: Kind
    bars: frozenset[int]
    amount: float | None
    unit: str
    text: str
    confidence: float


class Explanation:
    """The differences of one pair.

    Parameters
    ----------
    pair : Pair
        The two files, at one rate and of one length.
    places : Places
        The bars of the song.
    same_source : bool, optional
        Whether the sound before its effects is known to be equal (True) or to differ (False).
    """

    def __init__(self, pair: Pair, places: Places, same_source: bool | None = None):
        self.pair, self.places, self.same_source = pair, places, same_source
        self.segments: Segments = pair.measure()
        starts = np.arange(len(self.segments.peaks)) * self.segments.size
        self.bars = places.bars_of(starts)
        self.energy = self._by_bar(self.segments.difference)
        self.sound = np.maximum(self._by_bar(self.segments.old), self._by_bar(self.segments.new))

    def _by_bar(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.bars, values, minlength=len(self.places.numbers))

    @property
    def segment_s(self) -> float:
        """The length of a segment in s."""
        return self.segments.size / self.pair.rate

    @cached_property
    def sounding(self) -> frozenset[int]:
        """The bars in which there is sound, before or after."""
        return frozenset(np.flatnonzero(self.sound > _QUIET * self.sound.max(initial=0)).tolist())

    @cached_property
    def differing(self) -> frozenset[int]:
        """The bars in which they differ, without those in which only the end of a difference rings on."""
        notable = (self.energy > _NOTABLE * self.energy.max(initial=0)) | (
            self.energy > _NOTABLE_OF_SOUND * self.sound
        )
        notable &= self.energy > 0
        found = set(np.flatnonzero(notable).tolist())
        return frozenset(bar for bar in found if not self._rings_on(bar))

    def _rings_on(self, bar: int) -> bool:
        """Whether the difference in a bar never rises above what it was shortly before: it began in an earlier bar."""
        difference = self.segments.difference
        inside = np.flatnonzero(self.bars == bar)
        if not len(inside) or inside[0] == 0:
            return False
        before = np.concatenate((np.zeros(_TAIL_SPAN), difference))[
            inside[:, np.newaxis] + np.arange(_TAIL_SPAN)
        ]
        floor = 1e-3 * difference.max()
        rises = difference[inside] > np.maximum(_TAIL_RISE * before.max(axis=1), floor)
        share = difference[inside[: max(1, len(inside) // 2)]].sum() / max(difference[inside].sum(), 1e-30)
        return not rises.any() and share > 0.9

    @cached_property
    def mask(self) -> np.ndarray:
        """The segments that differ."""
        return self.segments.differs

    @cached_property
    def _inside(self) -> np.ndarray:
        """The segments inside of passages that differ: at their ends a fader may still move."""
        edge = np.ones(2 * _RAMP + 1)
        return np.convolve(np.pad(self._within(), _RAMP, mode="edge"), edge, "valid") >= len(edge)

    @cached_property
    def sounds(self) -> Sounds:
        """What is heard of them."""
        peak = float(np.sqrt(max(self.segments.old.max(), self.segments.new.max(), 1e-30)))
        return listen(self.pair, self.segments, min(peak, 8.0))

    def changes(self) -> list[Change]:
        """The causes in words, the most important first; empty if nothing differs."""
        return [
            Change(
                each.kind,
                self.places.passages(each.bars, self.sounding),
                None if each.amount is None else round(each.amount, 3),
                each.unit,
                f"{each.text} {self.places.words(each.bars, self.sounding)}".rstrip(),
                round(each.confidence, 3),
            )
            for each in self.findings()
        ]

    def findings(self, depth: int = 0) -> list[Finding]:
        """The causes, the most important first; empty if nothing differs."""
        if not self.mask.any():
            return []
        attempts = (
            self._silenced,
            lambda: self._constant(depth),
            self._by_section,
            self._late,
            self._linear,
            self._moved,
            self._ambience,
            self._repitched,
            self._events,
        )
        return next((found for attempt in attempts if (found := attempt())), None) or self._other()

    # Gains

    def _silenced(self) -> list[Finding]:
        """Muted for a bar or more, or heard where it was not."""
        found = []
        sides: tuple[tuple[Kind, np.ndarray, np.ndarray, str], ...] = (
            ("mute", self.segments.new, self.segments.old, "muted"),
            ("unmute", self.segments.old, self.segments.new, "no longer muted"),
        )
        for kind, quiet, loud, text in sides:
            least = _SILENT * max(float(quiet.max()), float(loud.max()))
            bars = frozenset(bar for bar in self.differing if self._is_silent(bar, quiet, loud, least))
            if bars:
                found.append(Finding(kind, bars, None, "", text, 1.0))
        rest = self.differing.difference(*(each.bars for each in found))
        return [] if rest else found

    def _is_silent(self, bar: int, quiet: np.ndarray, loud: np.ndarray, least: float) -> bool:
        """Whether one side is silent in a bar, but for a ramp at its ends, and the other is not."""
        inside = np.flatnonzero(self.bars == bar)
        middle = inside[_RAMP:-_RAMP] if len(inside) > 4 * _RAMP else inside
        return bool((quiet[middle] <= least).all() and (loud[middle] > least).any())

    def _constant(self, depth: int) -> list[Finding]:
        """One gain for all; or for most bars, and other causes besides."""
        gain = gains.constant(gains.Sums.of(self.segments, self._inside))
        if gain:
            return self._of_gain(gain, self.differing)
        if depth >= _MOST_DEPTH:
            return []
        own = {
            bar: gains.constant(gains.Sums.of(self.segments, self._inside & (self.bars == bar)))
            for bar in self.differing
        }
        exact = {bar: each for bar, each in own.items() if each and self.energy[bar] > 0}
        if len(exact) * 2 < len(self.sounding) or len(exact) == len(own):
            return []
        middle = exact[sorted(exact, key=lambda bar: exact[bar].db)[len(exact) // 2]]
        alike = {
            bar for bar, each in exact.items() if np.allclose(each.matrix, middle.matrix, atol=_SAME_GAIN)
        }
        if len(alike) * 2 < len(self.sounding):
            return []
        rest = Explanation(self.pair.after(middle.matrix), self.places, self.same_source)
        others = rest.findings(depth + 1)
        return [*self._of_gain(middle, self.sounding), *others]

    def _of_gain(self, gain: gains.Gain, bars: frozenset[int]) -> list[Finding]:
        sure = 1 - min(1.0, gain.left)
        if gain.shape == "level":
            return [Finding("level", bars, gain.db, "dB", f"{gain.db:+.1f} dB", sure)]
        if gain.shape == "pan":
            side = "right" if gain.balance_db > 0 else "left"
            text = f"panned {side} by {abs(gain.balance_db):.1f} dB"
            if abs(gain.balance_db) > 60:
                text = f"panned hard {side}"
            return [Finding("pan", bars, gain.balance_db, "dB", text, sure)]
        if gain.shape == "width":
            text = f"{'wider' if gain.width_db > 0 else 'narrower'} by {abs(gain.width_db):.1f} dB"
            return [Finding("width", bars, gain.width_db, "dB", text, sure)]
        if gain.shape == "polarity":
            extra = f", {gain.db:+.1f} dB" if abs(gain.db) >= 0.05 else ""
            return [Finding("polarity", bars, None, "", f"polarity inverted{extra}", sure)]
        is_swap = np.allclose(gain.matrix, gain.matrix[0, 1] * np.eye(2)[::-1], atol=_SAME_GAIN)
        text = "channels swapped" if is_swap else "channels mixed otherwise"
        return [Finding("channels", bars, None, "", text, sure)]

    def _by_section(self) -> list[Finding]:
        """Gains that are constant in each bar: told by the bars that have the same."""
        own = {
            bar: gains.constant(gains.Sums.of(self.segments, self._inside & (self.bars == bar)))
            for bar in self.differing
        }
        exact = {bar: each for bar, each in own.items() if each}
        if not exact or sum(self.energy[bar] for bar in exact) < 0.98 * self.energy.sum():
            return []
        groups: list[tuple[gains.Gain, set[int]]] = []
        for bar in sorted(exact):
            for gain, bars in groups:
                if np.allclose(gain.matrix, exact[bar].matrix, atol=_SAME_GAIN):
                    bars.add(bar)
                    break
            else:
                groups.append((exact[bar], {bar}))
        if len(groups) > max(2, len(self.places.sections)):
            return []
        return [each for gain, bars in groups for each in self._of_gain(gain, frozenset(bars))]

    # Time

    def _late(self) -> list[Finding]:
        """All of it earlier or later, in the bars that differ."""
        pair, frames = self.pair, self.pair.frames
        reach = min(_REACH_S, frames / pair.rate / 4)
        old, new = ((lambda side=side: self._differing_blocks(side)) for side in (0, 1))
        delay = find_delay(old, new, frames, pair.rate, reach)
        if delay is None or abs(delay.correlation) < _DELAYED:
            return []
        if abs(delay.seconds * pair.rate) < _LEAST_DELAY:
            return []
        ms = delay.seconds * 1_000
        return [Finding("timing", self.differing, ms, "ms", _later(ms), abs(delay.correlation))]

    def _differing_blocks(self, side: int) -> Stream:
        """One side, with silence in the bars that do not differ."""
        edges = self.places.edges - round(EARLY_S * self.pair.rate)
        ends = [(int(edges[bar]), int(edges[bar + 1])) for bar in sorted(self.differing)]
        at = 0
        for both in self.pair.blocks():
            heard = np.zeros((len(both[side]), 1))
            for start, end in ends:
                heard[max(0, start - at) : max(0, end - at)] = 1
            yield both[side] * heard
            at += len(heard)

    def _moved(self) -> list[Finding]:
        """Single sounds that come earlier or later."""
        _, shifts, removed, added = self.sounds.shifts(self._within(), self.segment_s)
        if not len(shifts) or self.sounds.pitches.similarity < _SAME_SOUND or self.same_source:
            return []
        moved = np.abs(shifts) > _SHIFTED_S
        if moved.mean() < _SHIFTED or moved.sum() < 2 or removed + added > max(2, 0.3 * len(shifts)):
            return []
        middle = float(np.median(shifts[moved]))
        near = np.abs(shifts[moved] - middle) < _SPREAD * abs(middle)
        if near.mean() < 0.7 or abs(middle) < _SHIFTED_S:
            return []
        bars = self.differing
        whom = "" if moved.mean() > 0.9 else "some hits "
        return [
            Finding(
                "timing", bars, middle * 1_000, "ms", f"{whom}{_later(middle * 1_000)}", float(near.mean())
            )
        ]

    def _within(self) -> np.ndarray:
        chosen = np.zeros(len(self.places.numbers), bool)
        chosen[list(self.differing)] = True
        return chosen[self.bars]

    # Sound

    def _linear(self) -> list[Finding]:
        """A gain that moves, a filter, or a curve: the one that leaves least."""
        bar = int(np.bincount(self.bars).min())
        moving = gains.moving(self.segments, self.mask, bar)
        lefts = {"filter": self.sounds.filter.left, "curve": self.sounds.curve.left}
        lefts = {each: left for each, left in lefts.items() if left <= _EXPLAINED}
        if moving:
            lefts["moving"] = moving.left
        if not lefts:
            return []
        best = min(lefts, key=lambda each: lefts[each])
        if moving and moving.left <= gains.EXACT and moving.kind == "level":
            best = "moving"
        sure = 1 - lefts[best]
        if best == "filter":
            return [self._tone(sure)]
        if best == "curve":
            return [Finding("effect", self.differing, None, "", "distorted otherwise", sure)]
        assert moving
        heard = moving.db[~np.isnan(moving.db) & self.mask]
        low, high = (float(each) for each in np.quantile(heard, (0.02, 0.98)))
        if moving.kind == "level":
            far = low if abs(low) > abs(high) else high
            text = f"level drawn from {max(low, -60):+.1f} to {high:+.1f} dB" if low > -60 else "faded out"
            return [Finding("level", self.differing, far, "dB", text, sure)]
        if moving.kind == "dynamics":
            amount = high - low
            return [
                Finding(
                    "dynamics", self.differing, amount, "dB", f"dynamics: gain moves by {amount:.1f} dB", sure
                )
            ]
        return [
            Finding(
                "effect", self.differing, high - low, "dB", f"level modulated by {high - low:.1f} dB", sure
            )
        ]

    def _tone(self, sure: float) -> Finding:
        bands = self.sounds.filter.octaves()
        heard = [each for each in bands if abs(each[1]) >= 0.5]
        most = max(heard or bands, key=lambda each: abs(each[1]))
        names = ", ".join(f"{max(-60.0, db):+.1f} dB at {_hertz(hz)}" for hz, db in _extremes(heard or bands))
        return Finding("tone", self.differing, most[1], "dB", f"tone: {names}", sure)

    def _ambience(self) -> list[Finding]:
        """Equal at first, at some gain, while nothing has come back yet: reverb or echo."""
        if self.same_source is False or self.differing < self.sounding:
            return []
        opening = read_opening(self.pair, self.segments)
        if opening is None or opening.clean_s < _SHORTEST_CLEAN_S:
            return []
        if opening.is_equal and not self._goes_on():
            return []
        if opening.clean_s < _CLEAN_S:
            return [Finding("effect", self.differing, None, "", "modulated or doubled", 0.8)]
        # What is left of the direct sound counts for nothing: an echo may take from it.
        old, new = (np.sort(each)[: len(each) // 5].mean() for each in (self.segments.old, self.segments.new))
        db = float(10 * np.log10(max(new / opening.gain**2, 1e-30) / max(old, 1e-30)))
        text = f"{'more' if db > 0 else 'less'} reverb or echo"
        return [Finding("ambience", self.differing, max(-99.0, min(99.0, db)), "dB", text, 0.9)]

    def _goes_on(self) -> bool:
        """Whether, once there is a difference, there is one wherever there is sound, and it begins soon."""
        sounding = np.flatnonzero(self.segments.old > _AUDIBLE * self.segments.old.max())
        first = int(np.flatnonzero(self.mask)[0])
        after = sounding[sounding >= first]
        is_soon = (first - sounding[0]) * self.segment_s < _REACH_S
        return bool(is_soon and len(after) and self.mask[after].mean() > _GOES_ON)

    # Notes

    def _repitched(self) -> list[Finding]:
        pitches = self.sounds.pitches
        move, alike = pitches.move
        if not move or alike < _MOVED or alike - pitches.similarity < _MOVED_BY or self.same_source:
            return []
        plural = "" if abs(move) == 1 else "s"
        return [
            Finding("pitch", self.differing, float(move), "semitones", f"{move:+d} semitone{plural}", alike)
        ]

    def _events(self) -> list[Finding]:
        """Hits or notes that came or went, and others in their place."""
        events = find_events(self.segments)
        if not len(events.at) or self.same_source:
            return []
        bars = self.bars[events.at]
        starts = self.places.edges[:-1] / self.segments.size
        clean = events.came | events.went
        if not clean[0]:
            return []
        is_mostly_clean = clean.mean() >= _MOSTLY
        if self._goes_on():
            return []
        if is_mostly_clean:
            chosen = frozenset(bars[clean].tolist()) & self.differing or self.differing
        else:
            chosen = frozenset(repeats(events, bars, starts, self.segment_s)) or frozenset({int(bars[0])})
        came, went = bool((events.came & clean).any()), bool((events.went & clean).any())
        if not is_mostly_clean:
            came, went = bool(events.came[0]), bool(events.went[0])
        text = (
            "hits or notes added and removed"
            if came and went
            else f"hits or notes {'added' if came else 'removed'}"
        )
        found = [Finding("hits", chosen, None, "", text, 0.9)]
        if rest := self.differing - chosen:
            found.append(Finding("sound", rest, None, "", "the same hits sound a little different", 0.6))
        return found

    def _other(self) -> list[Finding]:
        alike = self.sounds.pitches.similarity
        if self.same_source or (self.same_source is None and alike >= _SAME_PITCH):
            return [Finding("effect", self.differing, None, "", "processed otherwise", 0.6)]
        if self.differing < self.sounding:
            return [Finding("notes", self.differing, None, "", "other notes", 0.8)]
        return [Finding("sound", self.differing, None, "", "another sound", 0.7)]


def _later(ms: float) -> str:
    return f"{abs(ms):.1f} ms {'later' if ms > 0 else 'earlier'}"


def _hertz(hz: float) -> str:
    return f"{hz / 1_000:g} kHz" if hz >= 1_000 else f"{hz:.0f} Hz"


def _extremes(bands: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The band that lost most and the one that gained most, in order of frequency."""
    chosen = {min(bands, key=lambda each: each[1]), max(bands, key=lambda each: each[1])}
    return sorted(each for each in chosen if abs(each[1]) >= 0.3) or list(chosen)[:1]
