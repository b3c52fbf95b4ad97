"""The disc: all songs as one file, at the format of a compact disc."""

from __future__ import annotations

from typing import Any

from stemwright.audio.disc import CHANNELS, RATE
from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._base import Stage
from stemwright.song.load_album import LoadedAlbum


class Disc(Stage[LoadedAlbum]):
    """`disc/ALBUM.wav`."""

    script = "write_disc"

    def artifact(self, song: LoadedAlbum, graph: Graph, name: str) -> Artifact:
        """The one disc, of the masters themselves: they are dithered once."""
        masters = [graph.songs[track.song.name].get("master") for track in song.tracks]
        wanted = {"sample_rate": RATE, "channels": CHANNELS, "subtype": "PCM_16", "container": "WAV"}
        return self.make(
            graph,
            f"disc/{song.name}.wav",
            inputs={"audio": masters},
            format={**wanted, "frames": song.disc_frames},
            target=song.target,
        )

    def params(self, song: LoadedAlbum, artifact: Artifact) -> dict[str, Any]:
        """The sample rate and the length of each song in frames, and the gap before it in s."""
        return {
            "sources": [[source.rate, source.frames, str(source.gap_s)] for source in song.sources],
            "seed": song.name,
        }
