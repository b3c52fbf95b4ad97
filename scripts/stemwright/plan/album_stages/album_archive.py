"""The archive of an album: its tracks, its disc with the cue sheet, and texts, in one zip."""

from __future__ import annotations

from typing import Any

from stemwright.audio.disc import RATE
from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._base import Stage
from stemwright.plan.stages.archive import asked, libraries
from stemwright.song.load_album import LoadedAlbum


class AlbumArchive(Stage[LoadedAlbum]):
    """`ALBUM.zip`."""

    script = "pack_album"
    is_audio = False

    def artifact(self, song: LoadedAlbum, graph: Graph, name: str) -> Artifact:
        """The one archive. Only what goes in is a reason to pack again; all that it is built on must have passed."""
        files = [*graph.stage("track"), *graph.stage("disc"), *graph.stage("cue")]
        before = {entry.path: entry for file in files for entry in file.upstream()}
        return self.make(graph, f"{song.name}.zip", inputs={"files": files}, after=list(before.values()))

    def params(self, song: LoadedAlbum, artifact: Artifact) -> dict[str, Any]:
        """What the manifest says."""
        document = song.document
        masters = [file.made_of("audio")[0] for file in artifact.made_of("files") if file.stage == "track"]
        used: dict[str, str] = {}
        for track, master in zip(song.tracks, masters, strict=True):
            used |= libraries(track.song, [*master.upstream(), master])
        return {
            "album": song.name,
            "title": song.title,
            "artist": document.artist,
            "upc": song.upc or None,
            "notes": document.notes,
            "target": document.target.model_dump(exclude_none=True) if document.target else None,
            "tracks": [
                {
                    "file": track.file,
                    "number": track.number,
                    "song": track.song.name,
                    "title": track.title,
                    "artist": track.artist or None,
                    "isrc": track.isrc or None,
                    "gap_s": float(source.gap_s) if track.number > 1 else 0.0,
                    "start_s": placed.start / RATE,
                    "made_from": asked(track.song, [master]),
                }
                for track, source, placed, master in zip(
                    song.tracks, song.sources, song.disc, masters, strict=True
                )
            ],
            "versions": used,
            **({"commit": commit} if (commit := song.tracks[0].song.commit) else {}),
        }
