"""Checks of a song's versions: their names, what they leave out, and where they are cut."""

from __future__ import annotations

from collections.abc import Iterator

from stemwright.music.timeline import Timeline
from stemwright.song.cuts import CutError, cut_of
from stemwright.song.model import Song
from stemwright.song.routing import MIX, Routing, strips
from stemwright.song.selection import heard
from stemwright.song.versions import MAIN_VERSION
from stemwright.validation.names import describe_repeat, fold
from stemwright.validation.problems import did_you_mean

Mistake = tuple[tuple, str]
"""The path of a key in the song, and a message."""


def version_mistakes(song: Song, timeline: Timeline | None, routing: Routing | None) -> Iterator[Mistake]:
    """Check the versions of a song; without its timeline, not where they are cut.

    Parameters
    ----------
    song : Song
        The song, whose routing has no mistakes.
    timeline : Timeline or None
        Its timeline.
    routing : Routing or None
        Its routing; without one, it is not checked that something is heard.

    Yields
    ------
    tuple of (tuple, str)
        Each mistake: the path of its key, and a message.
    """
    folded: dict[str, str] = {}
    for name, version in song.versions.items():
        here = ("versions", name)
        if fold(name) == MAIN_VERSION:
            yield here, f"must have another name: {MAIN_VERSION} is the song as a whole"
        elif fold(name) in folded:
            yield here, describe_repeat(folded[fold(name)])
        folded[fold(name)] = name
        unknown = False
        for key in ("without", "only"):
            for index, strip in enumerate(getattr(version, key) or ()):
                if strip not in strips(song):
                    unknown = True
                    hint = did_you_mean(strip, list(strips(song)))
                    yield (*here, key, index), f"there is no stem or bus {strip!r}{hint}"
        if timeline is None or unknown:
            continue
        try:
            cut_of(version, timeline, song.bpm is not None)
        except CutError as error:
            yield (*here, *error.path), str(error)
            continue
        if routing and heard(routing, version)[MIX] == "none":
            key = "only" if version.only is not None else "without"
            yield (*here, key), f"leaves nothing that is heard in the mix: {_remedy(key)}"


def _remedy(key: str) -> str:
    return "name what is routed to it" if key == "only" else "leave out less"
