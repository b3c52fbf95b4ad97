"""How many cores a job can use. What it makes, or measures, does not depend on them."""

from __future__ import annotations

from stemwright.graph.artifact import Artifact

_BYTES_A_CORE = 64_000_000  # packed, or compared with a mix, in about an eighth of a second
_MOST_CORES = 16


def cores(artifact: Artifact, most: int = _MOST_CORES, work: int = 1) -> int:
    """How many cores the job that makes or verifies an artifact can use: the more audio it is made of, the more.

    Parameters
    ----------
    artifact : Artifact
        An archive, a mix or a master.
    most : int
        How many are of use.
    work : int
        How many times as long as packing the job takes for the same audio.

    Returns
    -------
    int
    """
    read = (entry for entries in artifact.inputs.values() for entry in entries)
    size = sum(
        int(str(entry.format["frames"])) * int(str(entry.format["channels"])) * 3
        for entry in read
        if isinstance(entry, Artifact) and entry.is_audio
    )
    return min(1 + work * size // _BYTES_A_CORE, most)
