"""Songs without `bpm`, such as podcasts: everything in them is in seconds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stemwright.music.timeline import parse_duration, parse_position
from stemwright.song.checks import Mistake, components
from stemwright.song.model import Song
from stemwright.sources._feel import Feel

_OF_TEMPO = ("meter", "beat", "pickup", "changes", "swing")
_NOT_TIME = ("file", "folder", "name", "argv", "inputs")
_REMEDY = "give the song a bpm"


def tempo_mistakes(song: Song) -> Iterator[Mistake]:
    """Find what counts bars, beats or notes in a song without bpm.

    Yields
    ------
    tuple of (tuple, str)
        Each place: the path of its key, and a message.
    """
    if song.bpm is not None:
        return
    for key in _OF_TEMPO:
        if key in song.model_fields_set:
            yield (key,), f"needs a tempo: {_REMEDY}"
    for key in ("length", "tail"):
        yield from _counted((key,), getattr(song, key))
    for index, entry in enumerate(song.sections):
        ((name, section),) = entry.items()
        yield from _counted(("sections", index, name, "length"), section.length)
        if section.chords is not None:
            yield ("sections", index, name, "chords"), f"chords change with bars: {_REMEDY}"
    for place, component in components(song):
        yield from _in_component(place, component.entry()[place[-1]], isinstance(component, Feel))
    for kind, strips in (("stems", song.stems), ("buses", song.buses)):
        for name, strip in strips.items():
            for key in ("gain_db", "pan", "sends"):
                yield from _counted(
                    (kind, name, key), strip.model_dump(exclude_unset=True, warnings=False).get(key)
                )


def _in_component(place: tuple, keys: Mapping[str, Any], is_played: bool) -> Iterator[Mistake]:
    """What counts bars, beats or notes in the keys of a source or an effect; all of what is played does."""
    if is_played:
        yield place, f"plays in bars and beats: {_REMEDY}"
        return
    for key, value in keys.items():
        if key == "loop_bars" and value is not None:
            yield (*place, key), f"counts bars: {_REMEDY}"
        elif key == "layers" and isinstance(value, Mapping):
            for name, layer in value.items():
                ((kind, inner),) = layer["source"].items()
                is_played = kind in ("drums", "play")
                yield from _in_component((*place, key, name, "source", kind), inner, is_played)
        elif key not in _NOT_TIME:
            yield from _counted((*place, key), value)


def _counted(place: tuple, value: object) -> Iterator[Mistake]:
    """The texts in a value that count bars, beats or notes."""
    if isinstance(value, str):
        if is_musical(value):
            yield place, f"counts bars, beats or notes: {_REMEDY} (is {value!r})"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _counted((*place, key), inner)
    elif isinstance(value, Sequence):
        for index, inner in enumerate(value):
            yield from _counted((*place, index), inner)


def is_musical(text: str) -> bool:
    """Whether a text is in bars, beats or notes: `8 bars`, `1/8.`, `chorus + 1 beat`; not `bar 1`: one begins there."""
    for part in (text, text.rpartition("+")[2].strip()):
        with contextlib.suppress(ValueError):
            if parse_duration(part).is_musical:
                return True
        with contextlib.suppress(ValueError):
            at = parse_position(part)
            return at.is_musical and at != parse_position("bar 1")
    return False
