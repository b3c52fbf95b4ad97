"""The base of gates of timing: which artifacts they judge, and the timeline that onsets are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stemwright.gates._base import Gate, GateContext
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Timeline

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class TimingGate(Gate):
    """Base of a gate of the reference, of stems whose source knows its onsets, and of stems whose `gates` name it."""

    stages = ("reference", "stem")
    needs = "a timeline"

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """The reference; of stems, those whose source is rhythmic or whose own `gates` name this gate."""
        if not super().applies(song, artifact):
            return False
        if not artifact.stem or song.source(artifact.stem).rhythmic:
            return True
        return cls.__module__.rpartition(".")[2] in song.document.stems[artifact.stem].gates.model_fields_set

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`grid`: the timeline; for a stem whose source knows its onsets, also what they are computed from."""
        timeline = song.timeline.to_dict()
        if not artifact.stem or not song.source(artifact.stem).rhythmic:
            return {"grid": {"timeline": {**timeline, "sections": []}}}
        sections = song.document.stems[artifact.stem].sections or []
        source = song.source(artifact.stem).entry()
        return {"grid": {"timeline": timeline, "source": source, "seed": artifact.stem, "sections": sections}}

    @classmethod
    def modules(cls, song: LoadedSong, artifact: Artifact) -> Sequence[str]:
        """The modules of a source that knows its onsets: the gate computes them again."""
        if not artifact.stem or not song.source(artifact.stem).rhythmic:
            return ()
        source = song.source(artifact.stem)
        return [type(source).__module__, *source.modules()]


def written(grid: dict, timeline: Timeline) -> tuple[np.ndarray, np.ndarray]:
    """Compute the onsets of a stem whose source knows them, in the sections in which the stem is heard.

    Parameters
    ----------
    grid : dict
        The context of the gate: the source, its seed and the sections of the stem.
    timeline : Timeline
        The timeline of the song.

    Returns
    -------
    seconds : np.ndarray
        Their times in s, ascending, shape (n,).
    levels : np.ndarray
        Their levels in dB, shape (n,).
    """
    from stemwright import sources  # only stems with known onsets need it

    context = RenderContext(timeline.rate, 1, timeline.frames, grid["seed"], timeline)
    onsets = np.array(sorted(sources.make(grid["source"]).onsets(context))).reshape(-1, 2)
    if grid["sections"]:
        spans = timeline.spans(grid["sections"])
        onsets = onsets[[any(a <= frame < b for a, b in spans) for frame in onsets[:, 0]]]
    return onsets[:, 0] / timeline.rate, onsets[:, 1]


def format_lateness(ms: float) -> str:
    """A time in ms as a person says it: `11.0 ms late`, or `11.0 ms early` if it is negative."""
    return f"{abs(ms):.1f} ms {'early' if ms < 0 else 'late'}"
