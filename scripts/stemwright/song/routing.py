"""The routing of a song: which stems and buses come into which bus and into the mix, and through which faders."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from stemwright.mixing.faders import Fader, Faders, only_mutes
from stemwright.mixing.levels import FoundLevel
from stemwright.music.automation import Automation, Point
from stemwright.music.curve import Curve
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Timeline
from stemwright.song.model import Song
from stemwright.song.shorthand import parse_mute
from stemwright.song.strips import Strip

MIX = "mix"
"""The destination of what is heard."""

MASTER = "master"
"""What comes after the mix. No bus can have this name, or one of the others here."""

NONE = "none"
"""The output of what goes nowhere but through sends."""


def strips(song: Song) -> Mapping[str, Strip]:
    """The stems and the buses of a song, by name."""
    return {**song.stems, **song.buses}


def edges(song: Song) -> Iterator[tuple[tuple, str, str]]:
    """Every output and every send of a song.

    Yields
    ------
    tuple of (tuple, str, str)
        The path of its key, the stem or bus that it comes from, and the bus (or `mix`) that it goes to.
    """
    for kind, named in (("stems", song.stems), ("buses", song.buses)):
        for name, strip in named.items():
            if strip.output != NONE:
                yield (kind, name, "output"), name, strip.output
            yield from (((kind, name, "sends", bus), name, bus) for bus in strip.sends)


def sources(song: Song, destination: str) -> list[str]:
    """The stems and buses that come into a bus, or into the mix, by name."""
    return sorted({source for _, source, to in edges(song) if to == destination})


def ways(song: Song) -> set[tuple[str, str]]:
    """Every output and every send of a song, as (source, destination)."""
    return {(source, to) for _, source, to in edges(song)}


def _reached(start: Collection[str], pairs: Collection[tuple[str, str]]) -> set[str]:
    """What one comes to from some names by pairs of (from, to), with these names."""
    found, ahead = set(start), set(start)
    while ahead:
        ahead = {to for source, to in pairs if source in ahead} - found
        found |= ahead
    return found


def path_of(song: Song, name: str) -> tuple[str, str]:
    """The path of a stem or a bus in the song.

    Returns
    -------
    tuple of (str, str)
        `stems` or `buses`, and its name.
    """
    return ("stems" if name in song.stems else "buses", name)


def found_levels(song: Song) -> dict[str, FoundLevel]:
    """The stems and buses whose level is found when the song is built, by name: not that of what is muted."""
    silent = muted(song)
    return {
        name: strip.gain_db
        for name, strip in strips(song).items()
        if isinstance(strip.gain_db, FoundLevel) and name not in silent
    }


def muted(song: Song) -> set[str]:
    """The stems and buses with `mute: true`, and the buses into which nothing else comes."""
    return _with_silent_buses(song, {name for name, strip in strips(song).items() if strip.mute is True})


def _with_silent_buses(song: Song, silent: Collection[str]) -> set[str]:
    """Some stems and buses, and the buses into which nothing else comes."""
    found = set(silent)
    while more := {
        bus for bus in song.buses if bus not in found and found.issuperset(sources(song, bus) or [bus])
    }:
        found |= more
    return found


def heard_stems(song: Song) -> list[str]:
    """The stems that reach the mix by any way, by name."""
    before = _reached(sources(song, MIX), [(to, source) for source, to in ways(song) if to != MIX])
    return sorted(before & set(song.stems))


def is_printed(song: Song) -> bool:
    """Whether stems are delivered with their share of the buses."""
    return song.delivery.stems.buses == "printed" and bool(song.buses)


def is_mastered(song: Song) -> bool:
    """Whether the delivered stems add up to the master, and not to the mix."""
    return song.delivery.stems.through == "master"


def parts(song: Song) -> list[str]:
    """The stems and buses that, delivered, add up to the mix or to the master, by name."""
    return heard_stems(song) if is_printed(song) else sources(song, MIX)


def soloed(song: Song, names: Collection[str]) -> set[tuple[str, str]]:
    """What is heard when some stems and buses are soloed, as (source, destination).

    A soloed stem is heard on all its ways, with the buses and returns that it comes into; a soloed bus with all that
    comes into it, on that way only.

    Parameters
    ----------
    song : Song
        The song.
    names : collection of str
        The stems and buses that are soloed.

    Returns
    -------
    set of (str, str)
    """
    every = ways(song)
    inner = {(source, to) for source, to in every if to != MIX}  # a stem may be called mix, too
    after = _reached(names, inner)
    before = _reached(set(names) & set(song.buses), [(to, source) for source, to in inner])
    return {way for way in every if way[0] in after or (way in inner and set(way) <= before)}


@dataclass(frozen=True)
class Routing:
    """The faders of a valid song, and the order of its buses.

    Attributes
    ----------
    song : Song
        The document.
    timeline : Timeline
        Its timeline, for the sections in which something is muted.
    """

    song: Song
    timeline: Timeline

    def feeds(self, destination: str = MIX) -> dict[str, Faders]:
        """What comes into a bus or the mix: stems and buses by name, in order, each with its way through faders."""
        found = self._ways.get(destination, {})
        return {name: found[name] for name in sorted(found)}

    @cached_property
    def _ways(self) -> dict[str, dict[str, Faders]]:
        """Of every destination, what comes into it."""
        found: dict[str, dict[str, Faders]] = {}
        for (_, name, key, *bus), source, to in edges(self.song):
            way = self._send(name, bus[0]) if key == "sends" else self.output(name)
            found.setdefault(to, {})[source] = way
        return found

    @cached_property
    def buses(self) -> list[str]:
        """Its buses, each after all buses that come into it."""
        done: list[str] = []

        def visit(bus: str) -> None:
            for source in sources(self.song, bus):
                if source in self.song.buses and source not in done:
                    visit(source)
            if bus not in done:
                done.append(bus)

        for bus in sorted(self.song.buses):
            visit(bus)
        return done

    def buses_after(self, name: str) -> list[str]:
        """The buses that a stem or a bus comes into by any way, each after those that come into it."""
        known, found = {name}, list[str]()
        for bus in self.buses:
            if known & set(sources(self.song, bus)):
                known.add(bus)
                found.append(bus)
        return found

    @cached_property
    def silenced(self) -> set[str]:
        """The buses that are silent since all that comes into them is muted."""
        muted_ones = {name for name in strips(self.song) if self.is_muted(name)}
        silent = _with_silent_buses(self.song, muted_ones)
        return {bus for bus in self.song.buses if silent.issuperset(sources(self.song, bus))}

    def is_muted(self, name: str) -> bool:
        """Whether a stem or a bus is muted from the song's start to its end."""
        return self.fader(name).mute.constant == 1

    @property
    def parts(self) -> list[str]:
        """See `parts`."""
        return parts(self.song)

    @cached_property
    def context(self) -> RenderContext:
        """What automations are resolved with."""
        return RenderContext(
            self.timeline.rate, self.song.session.channels, self.timeline.frames, timeline=self.timeline
        )

    @cached_property
    def levels(self) -> dict[str, FoundLevel]:
        """See `found_levels`."""
        return found_levels(self.song)

    def fader(self, name: str) -> Fader:
        """The fader of a stem or a bus."""
        return self._faders[name]

    @cached_property
    def _faders(self) -> dict[str, Fader]:
        law = self.song.session.pan_law if self.song.session.channels == 2 else "balance"
        return {
            name: Fader(
                self._curve(0.0 if isinstance(strip.gain_db, FoundLevel) else strip.gain_db, "dB"),
                self._curve(strip.pan),
                law,
                self._mute(parse_mute(strip.mute)),
                name if name in self.levels else "",
            )
            for name, strip in strips(self.song).items()
        }

    def _mute(self, mute: bool | list[str] | list[Point]) -> Curve:
        """Where it is muted. A mute begins at the start of its section, and ends at its end, in 5 ms each."""
        if isinstance(mute, bool):
            return Curve.of(float(mute))
        if isinstance(mute[0], Point):
            curve = self._curve(mute)
        else:
            spans = self.timeline.spans(sorted(str(name) for name in mute))
            steps = [(frame, value) for span in spans for frame, value in zip(span, (1.0, 0.0), strict=True)]
            points = tuple((frame, value, "step") for frame, value in steps if frame < self.timeline.frames)
            curve = replace(self._curve(0.0), points=points)
        if curve.points[0][0] == 0:
            return curve
        return replace(curve, points=((0, 0.0, "step"), *curve.points))

    def _curve(self, written: Any, unit: str = "") -> Curve:
        return Automation(written).curve(self.context, unit)

    def output(self, name: str) -> Faders:
        """The way of a stem or a bus through its own fader."""
        return self._path(self.fader(name))

    def way(self, name: str) -> Faders:
        """The way of a stem or a bus to its output; without one, to the first bus that it is sent to."""
        strip = strips(self.song)[name]
        if strip.output == NONE and strip.sends:
            return self._send(name, min(strip.sends))
        return self.output(name)

    def _send(self, name: str, bus: str) -> Faders:
        send, own = strips(self.song)[name].sends[bus], self.fader(name)
        first = only_mutes(own) if send.pre_fader else own
        return self._path(first, Fader(self._curve(send.gain_db, "dB")))

    def _path(self, *faders: Fader) -> Faders:
        return Faders(faders, self.song.session.channels)
