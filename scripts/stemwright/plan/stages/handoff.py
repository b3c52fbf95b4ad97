"""Hand-off: the song for a DAW, in each of the formats that `delivery.handoff` asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from stemwright.delivery.handoff_names import FOLDER, STAGE
from stemwright.graph import Artifact, Graph
from stemwright.music.count_in import count_in_bars
from stemwright.plan.stages._annotated import score_params, score_tools
from stemwright.plan.stages._base import Stage, source_files
from stemwright.song.handoff import with_count_in
from stemwright.song.loaded import LoadedSong
from stemwright.sources import Source

ENDINGS = {
    "midi": ".mid",
    "rpp": ".rpp",
    "dawproject": ".dawproject",
    "labels": "_labels.txt",
    "tempo_map": "_tempo.csv",
}
"""What follows the song's name in the names of the files, by their kind."""

_PANS = {"": 0, "L": -1, "R": 1}
"""Where a file is played, by its side: what is split is put together again."""


class Handoff(Stage):
    """`delivery/handoff/SONG.mid`: only what is in a file is a reason to write it again."""

    script = "write_handoff"
    is_audio = False

    def names(self, song: LoadedSong) -> Sequence[str]:
        """The names of the files, below their folder."""
        return list(_files(song))

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a format. The MIDI files that parts play from are read again."""
        scores = [score for _, _, score in self._scores(song)] if _files(song)[name] == "midi" else []
        files = [file for score in scores for file in source_files(score)]
        timeline = graph.stage("timeline")
        return self.make(
            graph,
            f"delivery/{FOLDER}/{name}",
            name,
            inputs={"files": files},
            after=timeline,
            compared_with=timeline,
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The format, the timeline, the texts of its markers, and what is played or the delivered files."""
        kind, document = _files(song)[artifact.name], song.document
        common: dict[str, Any] = {"format": kind, "timeline": song.timeline.to_dict()}
        if kind == "tempo_map":
            return common
        common["markers"] = song.section_titles
        if kind == "midi":
            return {**common, "scores": [score_params(song, *score) for score in self._scores(song)]}
        if kind == "labels":
            chords = [[str(chord.start), chord.symbol] for part in song.harmony for chord in part.chords]
            bars = count_in_bars(document.delivery.count_in) if artifact.name.startswith(f"{STAGE}/") else 0
            return {**common, "chords": chords, "has_tempo": document.bpm is not None, "bars": bars}
        has_stems = any(each.stem for each in song.deliverables)
        delivered = [
            {
                "name": f"{each.stem or each.role} {each.side}".rstrip(),
                "file": f"../{each.file}",
                "muted": has_stems and not each.stem,
                "pan": _PANS[each.side],
            }
            for each in song.deliverables
            if not each.version
        ]
        planned = document.delivery.planned(
            song.timeline.rate, document.session.channels, song.timeline.frames
        )
        common |= {"tracks": delivered, "seconds": planned["frames"] / planned["sample_rate"]}
        if kind == "rpp":
            return common
        credits = {"title": document.title, "artist": document.artist}
        return {**common, **credits, "channels": planned["channels"], "sample_rate": planned["sample_rate"]}

    def tools(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The code of what is played too."""
        return score_tools(self.script, (score for _, _, score in self._scores(song)))

    @staticmethod
    def _scores(song: LoadedSong) -> Iterator[tuple[str, str, Source]]:
        """(stem, name of the track, score) of all that is played."""
        for stem in song.stems:
            for layer, score in song.source(stem).scores():
                yield stem, f"{stem}/{layer}" if layer else stem, score


def _files(song: LoadedSong) -> dict[str, str]:
    """The kind of each file by its name below the folder; the labels of the stage pack are among them."""
    delivery = song.document.delivery
    found: dict[str, str] = {
        f"{song.short_name}{ENDINGS[kind]}": kind for kind in delivery.handoff if kind in ENDINGS
    }
    if "stage_pack" in delivery.handoff:
        labels = with_count_in(f"{song.short_name}{ENDINGS['labels']}", count_in_bars(delivery.count_in))
        found[f"{STAGE}/{labels}"] = "labels"
    return found
