"""Checks of a song's routing: its buses, outputs, sends and side-chains, and how its stems are delivered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stemwright.effects import Effect
from stemwright.mixing.faders import pan_problem
from stemwright.mixing.levels import FoundLevel
from stemwright.music.automation import Automation, Point
from stemwright.music.render_context import RenderContext
from stemwright.song.model import Song
from stemwright.song.routing import (
    MASTER,
    MIX,
    NONE,
    edges,
    found_levels,
    heard_stems,
    is_mastered,
    is_printed,
    muted,
    parts,
    path_of,
    strips,
)
from stemwright.song.shorthand import parse_mute
from stemwright.validation.names import describe_repeat, fold
from stemwright.validation.problems import did_you_mean

Mistake = tuple[tuple, str]
"""The path of a key in the song, and a message."""

_RESERVED = (MIX, NONE, MASTER)
_CHOICES = {
    "printed": "take the effect out of the bus, put it on the stems, or deliver `buses: separate`",
    "master": "take the effect out of the master, put it on a bus, or deliver `through: mix`",
}


def routing_mistakes(song: Song, effects: Mapping[tuple, Effect]) -> Iterator[Mistake]:
    """Check the routing of a song.

    Parameters
    ----------
    song : Song
        The song.
    effects : mapping of tuple to Effect
        All its effects, by the paths of their keys.

    Yields
    ------
    tuple of (tuple, str)
        Each mistake: the path of its key, and a message.
    """
    mistakes = [*_names(song), *_destinations(song), *_side_chains(song, effects), *_levels(song)]
    yield from mistakes
    if not mistakes:
        yield from _circles(song, effects)
        yield from _unheard(song)
        yield from _undeliverable(song, effects)
        yield from _left_out(song)


def _names(song: Song) -> Iterator[Mistake]:
    stems = {fold(name): name for name in song.stems}
    seen: dict[str, str] = {}
    for name in song.buses:
        if name in _RESERVED:
            yield ("buses", name), f"must have another name: {name} is a word of the routing"
        elif fold(name) in stems:
            yield ("buses", name), f"must have another name: stem {stems[fold(name)]} has it"
        elif fold(name) in seen:
            yield ("buses", name), describe_repeat(seen[fold(name)])
        seen[fold(name)] = name


def _destinations(song: Song) -> Iterator[Mistake]:
    for path, source, to in edges(song):
        key = path[2]
        if to in song.buses:
            if source == to:
                yield path, "must be another bus, not itself"
            elif key == "sends" and strips(song)[source].output == to:
                yield path, f"is the output of {source} already: give the output another gain, or another bus"
        elif to != MIX or key == "sends":
            known = [*song.buses, *([MIX, NONE] if key == "output" else [])]
            yield path, f"there is no bus {to!r}{did_you_mean(to, known) or ': the song has no buses'}"


def _side_chains(song: Song, effects: Mapping[tuple, Effect]) -> Iterator[Mistake]:
    known = strips(song)
    for place, effect in effects.items():
        for where, name in effect.side_chains():
            if name not in known:
                hint = did_you_mean(name, list(known))
                yield (*place, *where), f"there is no stem or bus {name!r}{hint}"
            elif place[:2] in (("stems", name), ("buses", name)):
                yield (
                    (*place, *where),
                    "must be another stem or bus; without a key it listens to its own input",
                )


def _levels(song: Song) -> Iterator[Mistake]:
    for name, level in found_levels(song).items():
        here = (*path_of(song, name), "gain_db")
        if level.like is not None and level.like not in strips(song):
            hint = did_you_mean(level.like, list(strips(song)))
            yield (*here, "like"), f"there is no stem or bus {level.like!r}{hint}"
        elif level.like == name:
            yield (*here, "like"), "must be another stem or bus"
        elif level.like in muted(song):
            yield (*here, "like"), f"{level.like} is muted: it has no loudness that {name} could have"
        elif level.match is not None and name not in heard_stems(song):
            why = "it is a bus" if name in song.buses else "it is not heard in the mix"
            yield (
                (*here, "match"),
                f"is for stems that are heard in the mix, and {why}: give its gain_db in dB",
            )


def fader_mistakes(song: Song, context: RenderContext | None) -> Iterator[Mistake]:
    """Check pans, mutes and what moves faders and sends, as far as possible without a context."""
    known = [name for entry in song.sections for name in entry]
    for kind, named in (("stems", song.stems), ("buses", song.buses)):
        for name, strip in named.items():
            here = (kind, name)
            mute = parse_mute(strip.mute)
            moving: dict[tuple, Any] = {("pan",): strip.pan}
            if not isinstance(strip.gain_db, FoundLevel):
                moving["gain_db",] = strip.gain_db
            moving |= {("sends", bus, "gain_db"): send.gain_db for bus, send in strip.sends.items()}
            if isinstance(mute, list) and isinstance(mute[0], Point):
                moving["mute",] = mute
            elif isinstance(mute, list):
                for index, section in enumerate(mute):
                    if section not in known:
                        hint = did_you_mean(section, known)
                        yield (*here, "mute", index), f"there is no section {section!r}{hint}"
            if context is None:
                continue
            mistakes = [
                ((*here, *key, *where), message)
                for key, written in moving.items()
                for where, message in Automation(written).mistakes_in(context)
            ]
            yield from mistakes
            if not mistakes and song.session.channels == 1:
                low, high = Automation(strip.pan).curve(context).range
                if problem := pan_problem(low or high, 1):
                    yield (*here, "pan"), problem


def _circles(song: Song, effects: Mapping[tuple, Effect]) -> Iterator[Mistake]:
    """The circles of routes and side-chains, each once, at a key that closes it."""
    ahead: dict[str, list[tuple[tuple, str]]] = {}
    for path, source, to in edges(song):
        if to != MIX:  # a stem may be called so, too
            ahead.setdefault(source, []).append((path, to))
    for place, effect in effects.items():
        for where, name in effect.side_chains():
            if place[0] != "master":
                ahead.setdefault(name, []).append(((*place, *where), place[1]))
    for name, level in found_levels(song).items():
        path = (*path_of(song, name), "gain_db")
        others = heard_stems(song) if level.match is not None else [level.like] if level.like else []
        for other in others:
            ahead.setdefault(other, []).append((path, _level_of(name)))
            if level.like is not None:
                ahead.setdefault(_level_of(other), []).append((path, _level_of(name)))
        ahead.setdefault(_level_of(name), []).extend(
            (way, to) for way, source, to in edges(song) if source == name and to != MIX
        )
    done: set[str] = set()

    def visit(name: str, way: Sequence[str]) -> Iterator[Mistake]:
        for path, to in ahead.get(name, ()):
            if to in way:
                circle = " → ".join([*way[way.index(to) :], to])
                yield path, f"closes a circle: {circle}. Route or key one of them otherwise"
            elif to not in done:
                yield from visit(to, [*way, to])
        done.add(name)

    for name in [*strips(song), *map(_level_of, found_levels(song))]:
        if name not in done:
            yield from visit(name, [name])


def _level_of(name: str) -> str:
    return f"level of {name}"


def _unheard(song: Song) -> Iterator[Mistake]:
    fed = {to for _, _, to in edges(song)}
    for name in song.buses:
        if name not in fed:
            yield ("buses", name), "nothing is routed or sent to it: name it as an output or under sends"
    if MIX not in fed:
        yield ("stems",), "nothing is routed to the mix: leave out one output, or set it to mix"


def _undeliverable(song: Song, effects: Mapping[tuple, Effect]) -> Iterator[Mistake]:
    """What cannot be divided into shares of the stems."""
    for place, effect in effects.items():
        if effect.sum_law != "none":
            continue
        (kind,) = effect.entry()
        why = f"{kind} makes of a sum something else than the sum of what it makes of each stem"
        if place[0] == "buses" and is_printed(song):
            yield (
                place,
                f"{why}, so the stems cannot be delivered with their share of this bus: {_CHOICES['printed']}",
            )
        elif place[0] == "master" and is_mastered(song):
            yield place, f"{why}, so the stems cannot add up to the master: {_CHOICES['master']}"


def _left_out(song: Song) -> Iterator[Mistake]:
    """Stems and buses that are to be delivered, and are not among what adds up to the mix."""
    added = parts(song)
    for kind, named in (("stems", song.stems), ("buses", song.buses)):
        for name, strip in named.items():
            if not strip.deliver or name in added:
                continue
            if not is_printed(song):
                why = f"is not routed to the mix itself (its output is {strip.output})"
            elif kind == "buses":
                why = "is a bus, and the stems have their share of it (delivery.stems.buses is printed)"
            else:
                why = "is not heard in the mix"
            can_print = kind == "stems" and not is_printed(song) and name in heard_stems(song)
            remedy = ", or set delivery.stems.buses to printed" if can_print else ""
            yield (
                (kind, name, "deliver"),
                f"{why}, so the delivered stems would not add up with it: leave this out{remedy}",
            )
