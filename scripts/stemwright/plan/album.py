"""An album as jobs: its artifacts, which are made of those of its songs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from stemwright.graph import ALBUM_STAGES, Artifact, Graph
from stemwright.plan.jobs import Plan
from stemwright.records.paths import ALBUMS
from stemwright.song.load_album import LoadedAlbum
from stemwright.song.loaded import LoadedSong


class AlbumPlan(Plan):
    """The jobs of one album.

    Parameters
    ----------
    album : LoadedAlbum
        The album.
    results : str
        The output root, as Snakemake names it in paths.
    songs : mapping of str to Plan
        The plans of its songs, by name.
    """

    def __init__(self, album: LoadedAlbum, results: str, songs: Mapping[str, Plan]):
        super().__init__(cast(Any, album), results)
        graphs = {name: plan.graph for name, plan in songs.items()}
        self.graph = Graph(album, f"{results}/{ALBUMS}", ALBUM_STAGES, graphs)

    def time_of(self, artifact: Artifact) -> dict[str, Any]:
        """None: it is not in the time of one song."""
        return {}

    def judged(self, artifact: Artifact) -> LoadedAlbum | LoadedSong:
        """A track is judged as a delivered file of its song; all else as part of the album."""
        return self.song.files[artifact.name].song if artifact.stage == "track" else self.song
