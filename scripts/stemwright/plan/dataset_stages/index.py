"""The index: all files of a dataset with their checksums, and which split each track is in."""

from __future__ import annotations

from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._base import Stage
from stemwright.song.load_dataset import LoadedDataset


class Index(Stage[LoadedDataset]):
    """`index.json`, as mirdata reads it, with `splits.json`, `README.md` and `SHA256SUMS`."""

    script = "write_index"
    judged_as = "dataset_index"
    is_audio = False

    def artifact(self, song: LoadedDataset, graph: Graph, name: str) -> Artifact:
        """The one index, of what was found of each track."""
        return self.make(
            graph,
            "index.json",
            inputs={"tracks": graph.stage("track")},
            extras={"splits": "splits.json", "readme": "README.md", "sums": "SHA256SUMS"},
        )

    def params(self, song: LoadedDataset, artifact: Artifact) -> dict[str, Any]:
        """What the dataset says of itself."""
        document = song.document
        return {
            "name": song.name,
            "title": song.title,
            "version": document.version,
            "license": document.license,
            "description": document.description,
            "home": artifact.home,
        }
