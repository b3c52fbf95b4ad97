"""How many cores a job can use."""

from __future__ import annotations

from stemwright.graph.artifact import Artifact

_BYTES_A_CORE = 256_000_000  # deflated in about half a second
_MOST_CORES = 16


def cores(archive: Artifact) -> int:
    """How many cores its job can use: the more it has to pack, the more. Its bytes do not depend on them."""
    size = sum(
        int(str(file.format["frames"])) * int(str(file.format["channels"])) * 3
        for file in archive.made_of("files")
        if file.is_audio
    )
    return min(1 + size // _BYTES_A_CORE, _MOST_CORES)
