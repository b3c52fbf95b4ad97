"""Windows: a stretch of the mix, rendered alone, to be listened to while a song is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._base import Stage, level_inputs, paths_of, session, session_format
from stemwright.plan.stages.window_strip import FOLDER, begin_of, part_of
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MIX
from stemwright.song.windows import window_of

_ENDING = ".wav"


class Window(Stage):
    """`preview/WINDOW.wav`, only if it is asked for. It is no part of the song, nor delivered."""

    script = "mix_window"
    on_request = True

    def names(self, song: LoadedSong) -> Sequence[str]:
        """None: the stretches of a song cannot be counted."""
        return []

    def named(self, file: str) -> str:
        name = file.removeprefix(f"{FOLDER}/").removesuffix(_ENDING)
        return name if file == f"{FOLDER}/{name}{_ENDING}" and "/" not in name else ""

    def near(self, file: str) -> str:
        """Of a window or a strip of one: in their folder, with their ending."""
        _, _, name = file.rpartition("/") if file.count("/") < 2 else file.partition("/")
        return f"{FOLDER}/{name.partition(_ENDING)[0]}{_ENDING}"

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a window, of the stretches of all stems and buses that go to the mix, in the order of the mix."""
        window, feeds = window_of(song, name), song.routing.feeds(MIX)
        parts = {
            "parts": [part_of(song, graph, window, name) for name in feeds],
            **level_inputs(feeds.values(), graph),
        }
        return self.make(
            graph,
            f"{FOLDER}/{name}{_ENDING}",
            name,
            inputs=parts,
            format={**session_format(song), "frames": window.end - window.start},
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The faders of the parts, where these and the window begin, and what the file says of it."""
        window, feeds = window_of(song, artifact.name), song.routing.feeds(MIX)
        return {
            "faders": paths_of(feeds),
            "begins": [begin_of(song, window, name) for name in feeds],
            "span": [window.start, window.end],
            "comment": f"Preview of {song.name}, {window.words}: the mix before the master, not for delivery",
            **session(song),
        }
