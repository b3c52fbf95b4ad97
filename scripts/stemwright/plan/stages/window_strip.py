"""Stretches of stems and buses after their effects, that a window of the mix is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.base.errors import StemwrightError
from stemwright.graph import Artifact, Graph, Input
from stemwright.music.component import Component
from stemwright.plan.stages._base import (
    Stage,
    before_audio,
    chain_params,
    level_inputs,
    paths_of,
    render_context,
    session_format,
    source_files,
)
from stemwright.plan.stages.stem import Stem
from stemwright.song.loaded import LoadedSong
from stemwright.song.windows import Span, Window, span_taken, spans_heard, window_of

FOLDER = "preview"
"""The folder of windows."""

_ENDING = ".wav"
_EFFECTS, _SOURCE = "effects", "source"


class WindowStrip(Stage):
    """`preview/WINDOW/NAME.wav`: what of a stem or bus sounds into a window, so that an edit of one makes one anew.

    Source and effects are rendered from as much earlier as they reach. A strip whose effects may hear all of their
    input has none: its processed file is taken.
    """

    script = "render_window"
    judged_as = "window"
    on_request = True

    def names(self, song: LoadedSong) -> Sequence[str]:
        """None: the stretches of a song cannot be counted."""
        return []

    def named(self, file: str) -> str:
        name = file.removeprefix(f"{FOLDER}/").removesuffix(_ENDING)
        return name if file == f"{FOLDER}/{name}{_ENDING}" and name.count("/") == 1 else ""

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a strip, of its source or of what comes into it."""
        window, strip, given, _ = _spans(song, name)
        effects, is_stem = song.effects(strip), strip in song.document.stems
        keys = [part_of(song, graph, window, key) for _, key in effects.side_chains()]
        inputs: dict[str, Sequence[Input]] = {
            "files": source_files(effects),
            **({"side_chains": keys} if keys else {}),
        }
        if not is_stem:
            feeds = song.routing.feeds(strip)
            inputs["parts"] = [part_of(song, graph, window, feed) for feed in feeds]
            inputs |= level_inputs(feeds.values(), graph)
        elif song.source(strip).made_whole:
            inputs["audio"] = [graph.get("stem", strip)]
        else:
            source = song.source(strip)
            inputs["files"] = [*source_files(source), *source_files(effects)]
            if source.needs_reference:
                inputs["reference"] = graph.stage("reference")
        return self.make(
            graph,
            f"{FOLDER}/{name}{_ENDING}",
            name,
            inputs=inputs,
            after=before_audio(graph) if is_stem else (),
            format={**session_format(song), "frames": given[1] - given[0]},
            stem=strip,
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The stretches before and after its effects, these, and its source or the faders of what comes into it."""
        window, strip, given, taken = _spans(song, artifact.name)
        effects = song.effects(strip)
        chain = chain_params(effects)
        params: dict[str, Any] = {
            "effects": chain["effects"],
            "files": [f"{_EFFECTS}.{role}" for role in chain["files"]],
            "given": list(given),
            "taken": list(taken),
        }
        if "side_chains" in chain:
            params["side_chains"] = [f"{_EFFECTS}.{role}" for role in chain["side_chains"]]
            params["keys_begin"] = [begin_of(song, window, key) for _, key in effects.side_chains()]
        needs_timeline = effects.needs_timeline
        if strip in song.document.buses:
            feeds = song.routing.feeds(strip)
            params["faders"] = paths_of(feeds)
            params["begins"] = [begin_of(song, window, feed) for feed in feeds]
        elif not song.source(strip).made_whole:
            played = Stem().params(song, Artifact("stem", strip, "", "", stem=strip))
            params |= {key: played[key] for key in ("source", "seed", "sections") if key in played}
            params["files"] = [*(f"{_SOURCE}.{role}" for role in played["files"]), *params["files"]]
            if "harmony" in played["context"]:
                params["harmony"] = played["context"]["harmony"]
            needs_timeline = needs_timeline or "timeline" in played["context"]
        return {**params, "context": render_context(song, needs_timeline)}

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """Its effects."""
        return song.effects(artifact.stem)

    def tools(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """Its source's, too."""
        is_rendered = artifact.stem in song.document.stems
        used: list[Component] = [song.source(artifact.stem)] if is_rendered else []
        return self.tools_for([self.component(song, artifact), *used])


def part_of(song: LoadedSong, graph: Graph, window: Window, name: str) -> Artifact:
    """The file with what of a stem or bus sounds into a window.

    Parameters
    ----------
    song : LoadedSong
        The song.
    graph : Graph
        Its graph.
    window : Window
        The window.
    name : str
        The stem or bus.

    Returns
    -------
    Artifact
        A stretch of it, or its processed file where its effects must hear all of it.
    """
    if song.reaches[name] is None:
        return graph.get("processed", name)
    return graph.get("window_strip", f"{window.name}/{name}")


def begin_of(song: LoadedSong, window: Window, name: str) -> int:
    """The frame of the song with which that file begins.

    Parameters
    ----------
    song : LoadedSong
        The song.
    window : Window
        The window.
    name : str
        The stem or bus.

    Returns
    -------
    int
    """
    return 0 if song.reaches[name] is None else spans_heard(song, window)[name][0]


def _spans(song: LoadedSong, name: str) -> tuple[Window, str, Span, Span]:
    """The window, the stem or bus, and the stretches of it after and before its effects.

    Raises StemwrightError if the window is none of the song, or is made without this stem or bus.
    """
    of, _, strip = name.partition("/")
    window = window_of(song, of)
    given = spans_heard(song, window).get(strip)
    taken = span_taken(song, strip, given) if given else None
    if given is None or taken is None:
        raise StemwrightError(f"{song.name}: window {of} is made without a file of its own for {strip}")
    return window, strip, given, taken
