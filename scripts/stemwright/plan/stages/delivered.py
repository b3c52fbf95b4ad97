"""Delivered files: master, mix, stems and buses through their faders or printed, named, in the delivery's format."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

from stemwright.delivery.metadata import module_of
from stemwright.gates.true_peak import TruePeak
from stemwright.graph import Artifact, Graph, Input, SourceFile
from stemwright.plan.stages._base import Stage, level_inputs, render_context
from stemwright.song.deliverables import Deliverable
from stemwright.song.delivery_format import DeliveryFormat
from stemwright.song.file_metadata import file_cover, file_metadata
from stemwright.song.loaded import LoadedSong
from stemwright.song.model import written_gates
from stemwright.song.routing import MIX
from stemwright.song.versions import MAIN_VERSION


class Delivered(Stage):
    """`delivery/FILE`, and of a further delivery `delivery/NAME/FILE`."""

    script = "deliver_file"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """Their paths below the folder `delivery`, in the order of the archives."""
        return list(song.delivered)

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a deliverable: of a master, of the mix, of a printed stem, or of a stem or bus before its fader."""
        found = song.delivered[name]
        origin = origin_of(song, graph, found)
        session, frames = song.document.session, cast(int, origin.format["frames"])
        wanted = song.delivery(found.delivery).planned(
            session.sample_rate, session.channels, frames, found.side
        )
        if metadata := file_metadata(song, found):
            wanted["metadata"] = metadata
        inputs: dict[str, Sequence[Input]] = {"audio": [origin]}
        if origin.stage == "processed":
            inputs |= level_inputs([song.routing.feeds(MIX)[found.stem]], graph)
        if cover := file_cover(song, found):
            inputs["cover"] = [SourceFile(cover)]
        return self.make(
            graph,
            f"delivery/{name}",
            name,
            inputs=inputs,
            format=wanted,
            stem=found.stem,
            target={} if found.side else origin.target,
            role=found.role,
            version=found.version,
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The format, what the file says, and of a stem or bus that is not printed the faders to the mix."""
        (origin,) = artifact.made_of("audio")
        found = song.delivered[artifact.name]
        delivery = song.delivery(found.delivery)
        faders = song.routing.feeds(MIX)[found.stem].to_dict() if origin.stage == "processed" else {}
        return {
            "faders": faders,
            "encoding": delivery.encoding(found.side) | ceiling(song, artifact, delivery),
            **({"is_loop": True} if (cut := song.of(found.version).cut) and cut.is_loop else {}),
            "metadata": artifact.format.get("metadata", {}),
            "seed": found.stem or found.version or ("" if found.role == "master" else found.role),
            "context": render_context(song) | {"frames": origin.format["frames"]},
        }

    def tools(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The code and the programs of its job, with those of its format alone, and of what the file says."""
        encoder = song.delivery(song.delivered[artifact.name].delivery).encoder
        said = [module_of(str(artifact.format["container"]))] if "metadata" in artifact.format else []
        return self.tools_with([encoder.__module__, *said], encoder.libraries())


def ceiling(song: LoadedSong, artifact: Artifact, delivery: DeliveryFormat) -> dict[str, float]:
    """The true peak that its gate allows a master, where a codec or a resampler may raise the peaks.

    Parameters
    ----------
    song : LoadedSong
        The song.
    artifact : Artifact
        The delivered file.
    delivery : DeliveryFormat
        Its format.

    Returns
    -------
    dict
        `ceiling_dbtp`, as `encode` takes it; empty if there is none, or if nothing can raise the peaks.
    """
    is_as_before = not delivery.encoder.is_lossy() and delivery.sample_rate is None
    if artifact.role != "master" or is_as_before:
        return {}
    limits = written_gates(song.of(artifact.version).document.gates).get("true_peak")
    own = [] if limits is False else [TruePeak(**(limits or {})).max_dbtp]
    of_target = cast(float, artifact.target.get("max_true_peak_dbtp", math.inf))
    lowest = min([of_target, *own])
    return {"ceiling_dbtp": lowest} if lowest < math.inf else {}


def origin_of(song: LoadedSong, graph: Graph, found: Deliverable) -> Artifact:
    """What a file is made of.

    Parameters
    ----------
    song : LoadedSong
        The song.
    graph : Graph
        Its graph.
    found : Deliverable
        The file.

    Returns
    -------
    Artifact
        A master, the mix, a printed stem, or a processed one, which is before its fader.
    """
    if found.stem:
        return graph.get("printed" if found.stem in graph.names("printed") else "processed", found.stem)
    if found.role == "mix":
        return graph.get("mix")
    if song.delivery_target(found.delivery):
        return graph.get("delivery_master", f"{found.delivery}/{found.version or MAIN_VERSION}")
    return graph.get("version_master", found.version) if found.version else graph.get("master")
