"""What of a song is heard in a version that leaves something out, and what signals go through there.

A way is where a stem goes, from bus to bus to the mix. `only` passes the ways that touch one of the stems and buses
that it names, `without` all others: so the two are complements, and what is heard in both is the mix. Of every stem and
bus the whole goes on, a part, or nothing. A whole bus is taken as it is; of a part, the bus makes what is its share of
the whole, see `stemwright.mixing.shares`.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from stemwright.effects import Chain
from stemwright.mixing.faders import Faders
from stemwright.song.model import Song
from stemwright.song.routing import MIX, Routing, edges, strips
from stemwright.song.versions import Version

Heard = Literal["none", "part", "whole"]
"""How much of a stem, a bus or the mix is heard."""

PRIME = 2**61 - 1
"""See `ways_of`."""


@dataclass(frozen=True)
class FlowStep:
    """A bus or the mix on the way of signals: what comes in, by the names of steps or starts, and its effects."""

    strip: str
    feeds: Mapping[str, Faders]
    effects: Chain


@dataclass(frozen=True)
class Flow:
    """How signals come to the mix, and perhaps to what is after it: stems or buses, and the steps in their order."""

    starts: Collection[str]
    steps: Mapping[str, FlowStep] = field(default_factory=dict)


def named(song: Song, version: Version) -> set[str]:
    """The stems and buses that a version names; a bus with all whose output it is."""
    found = set(version.only or version.without or ())
    while (
        more := {
            source for (_, _, key, *_), source, to in edges(song) if key == "output" and to in found - {MIX}
        }
        - found
    ):
        found |= more
    return found


def heard(routing: Routing, version: Version) -> dict[str, Heard]:
    """How much of every stem, of every bus and of the mix is heard in a version, by name."""
    song = routing.song
    if version.only is None and version.without is None:
        return dict.fromkeys([*strips(song), MIX], "whole")
    chosen, is_only = named(song, version), version.only is not None
    found: dict[str, Heard] = {
        stem: "whole" if (stem in chosen) == is_only else "none" for stem in song.stems
    }
    for bus in [*routing.buses, MIX]:
        if bus in chosen:
            found[bus] = "whole" if is_only else "none"
            continue
        fed = {found[source] for source in _sounding(routing, bus)}
        found[bus] = fed.pop() if len(fed) == 1 else "part" if fed else "none"
    return found


def _sounding(routing: Routing, to: str) -> dict[str, Faders]:
    """What comes into a bus or the mix, without what is muted from start to end."""
    return {
        source: path
        for source, path in routing.feeds(to).items()
        if not routing.is_muted(source) and source not in routing.silenced
    }


def ways_of(routing: Routing, version: Version) -> tuple[int, int]:
    """The ways that are heard in a version, and all ways, each as a number.

    Every output and send has a number, a way is their product, and several ways are a sum, modulo a prime. So two
    versions are complements if their numbers add up to that of all ways, but for a chance of 1 in 10^17, without a list
    of all ways, of which there may be millions.

    Parameters
    ----------
    routing : Routing
        The routing of the song.
    version : Version
        The version.

    Returns
    -------
    heard, every : int
        From 0 to `PRIME`, exclusive.
    """
    song, chosen = routing.song, named(routing.song, version)
    is_only = version.only is not None
    everything: dict[str, int] = {}
    touched: dict[str, int] = {}  # by one that is named

    def fed(of: Mapping[str, int], to: str) -> int:
        return sum(of[source] * _number(f"{source} > {to}") for source in _sounding(routing, to))

    for name in [*sorted(song.stems), *routing.buses, MIX]:
        everything[name] = (_number(name) if name in song.stems else fed(everything, name)) % PRIME
        own = 0 if name in song.stems else fed(touched, name)
        touched[name] = everything[name] if name in chosen else own % PRIME
    whole = everything[MIX]
    if not chosen:
        return whole, whole
    return (touched[MIX] if is_only else (whole - touched[MIX]) % PRIME), whole


def _number(text: str) -> int:
    return 1 + (zlib.crc32(text.encode()) << 32 | zlib.crc32(text[::-1].encode() + b"+"))


def flow_of(routing: Routing, version: Version, effects: Mapping[str, Chain], cut: bool) -> Flow:
    """What a version's mix is made of.

    Parameters
    ----------
    routing : Routing
        The routing of its song.
    version : Version
        The version.
    effects : mapping of str to Chain
        The effects of each bus.
    cut : bool
        Whether every stem is rendered anew for it, so that there is no bus that could be taken as it is.

    Returns
    -------
    Flow
        Its starts are stems and, of a version that is not cut, buses, all of them whole.
    """
    states = heard(routing, version)
    steps: dict[str, FlowStep] = {}
    starts: set[str] = set()

    def whole(name: str) -> str:
        """Make the whole of a stem or bus, for what it is needed for: its name among starts and steps."""
        if name in routing.song.stems or not cut:
            starts.add(name)
            return name
        step = name if states[name] == "whole" else f"{name}:whole"
        if step not in steps:
            feeds = {whole(source): path for source, path in _sounding(routing, name).items()}
            steps[step] = FlowStep(name, feeds, effects[name])
        return step

    def share(name: str) -> str:
        if states[name] == "whole" and name != MIX:
            return whole(name)
        if name not in steps:
            live = {
                source: path for source, path in _sounding(routing, name).items() if states[source] != "none"
            }
            feeds = {share(source): path for source, path in live.items()}
            steps[name] = FlowStep(name, feeds, effects.get(name, Chain([])))
        return name

    share(MIX)
    return Flow(sorted(starts), steps)


def is_exact(flow: Flow) -> bool:
    """Whether what it gives is a share of the mix: no bus on its way makes of a sum something else."""
    return all(effect.sum_law != "none" for step in flow.steps.values() for effect in step.effects.effects)
