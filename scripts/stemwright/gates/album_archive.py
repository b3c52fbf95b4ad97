"""Album archive: the zip of an album is well-formed and holds exactly the verified files."""

from __future__ import annotations

from dataclasses import dataclass
from os.path import basename
from typing import TYPE_CHECKING, Any

from stemwright.gates._base import GateContext
from stemwright.gates.archive import Archive

if TYPE_CHECKING:
    from stemwright.graph import Artifact


@dataclass(frozen=True)
class AlbumArchive(Archive):
    """The zip of an album is well-formed and complete, and its members are byte for byte the files that passed.

    Source: PKWARE APPNOTE 6.3.10. Remedy: delete the zip and run again; `snakemake audit` names a file that changed.
    """

    stages = ("album_archive",)

    @classmethod
    def context(cls, song: Any, artifact: Artifact) -> GateContext:
        """`archive`: the names of the files in order."""
        return {"archive": [basename(file.file) for file in artifact.made_of("files")]}
