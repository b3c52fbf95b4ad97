"""Live: a click track and the stage pack, in the format of the delivery, all behind one count-in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.audio import resampled_frames
from stemwright.delivery.handoff_names import CLICK, CUES, FOLDER
from stemwright.graph import Artifact, Graph
from stemwright.music.count_in import CountIn, count_in_bars
from stemwright.plan.stages._base import Stage
from stemwright.song.handoff import live_files
from stemwright.song.loaded import LoadedSong


class Live(Stage):
    """`delivery/handoff/FILE` and `delivery/handoff/stage/FILE`."""

    script = "write_live"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """The names of the files, below the folder of the hand-off."""
        return list(live_files(song.short_name, song.document.delivery, song.deliverables))

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """A track of beeps, or a delivered stem with silence before it."""
        what = live_files(song.short_name, song.document.delivery, song.deliverables)[name]
        form = graph.get("delivered", song.deliverables[0].name).format
        rate = int(str(form["sample_rate"]))
        frames = resampled_frames(song.timeline.frames, song.timeline.rate, rate)
        wanted = {key: value for key, value in form.items() if key != "metadata"}  # they say nothing
        wanted["frames"] = self._count_in(song).frames(rate) + frames
        if what in (CLICK, CUES):
            after = graph.stage("timeline")
            return self.make(graph, f"delivery/{FOLDER}/{name}", name, format=wanted, after=after)
        origin = graph.get("delivered", what)
        return self.make(
            graph,
            f"delivery/{FOLDER}/{name}",
            name,
            inputs={"audio": [origin]},
            format=wanted,
            stem=origin.stem,
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The format, and the beats that beeps stand on, or how much silence there is."""
        what = live_files(song.short_name, song.document.delivery, song.deliverables)[artifact.name]
        if what in (CLICK, CUES):
            bars = count_in_bars(song.document.delivery.count_in)
            return {
                "format": artifact.format,
                "beeps": what,
                "timeline": song.timeline.to_dict(),
                "bars": bars,
            }
        rate = int(str(artifact.format["sample_rate"]))
        return {"format": artifact.format, "silence": self._count_in(song).frames(rate)}

    @staticmethod
    def _count_in(song: LoadedSong) -> CountIn:
        return CountIn(song.timeline.tempo, count_in_bars(song.document.delivery.count_in))
