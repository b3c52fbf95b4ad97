"""The mix of a version: some of the song's stems, some of its passages, or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.effects import Chain
from stemwright.graph import Artifact, Graph, Input
from stemwright.music.component import Component
from stemwright.plan.stages._base import (
    Stage,
    before_audio,
    chain_inputs,
    render_context,
    session_format,
    source_files,
)
from stemwright.plan.stages._steps import all_effects, curve_inputs, step_inputs, step_params
from stemwright.plan.stages.processed import Processed
from stemwright.plan.stages.stem import Stem
from stemwright.song.cuts import Cut
from stemwright.song.loaded import LoadedSong
from stemwright.sources._base import lead_frames

_TAIL_S = 30
"""How long sounds ring on after a cut, at most."""


class VersionMix(Stage):
    """`versions/NAME/mix.wav`.

    A version of some stems is made of processed stems and buses; of a bus that is heard in part, it has what is its
    share of it. Of a version that is cut, every stem is rendered anew: what begins in a passage, and rings on after it.
    """

    script = "mix_version"
    judged_as = "mix"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """Its versions."""
        return list(song.versions)

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a version."""
        flow = song.flows[name]
        inputs: dict[str, list[Input]] = {**step_inputs(flow, graph), "curves": curve_inputs(flow, graph)}
        if _cut(song, name).slices:
            for stem in flow.starts:
                source, effects = song.source(stem), chain_inputs(song.effects(stem), graph)
                inputs["files"] += [*source_files(source), *effects["files"]]
                if "side_chains" in effects:
                    inputs.setdefault("side_chains", []).extend(effects["side_chains"])
                if source.needs_reference:
                    inputs["reference"] = list(graph.stage("reference"))
        else:
            inputs["audio"] = [graph.get("processed", start) for start in flow.starts]
        return self.make(
            graph,
            f"versions/{name}/mix.wav",
            name,
            inputs=inputs,
            after=before_audio(graph),
            format=session_format(song.versions[name]),
            compared_with=self._complement(song, graph, name),
            version=name,
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The steps, the length and the fade-out; of a version that is cut, its slices and what its stems play."""
        flow, cut = song.flows[artifact.name], _cut(song, artifact.name)
        params = {
            **step_params(song, flow),
            "frames": cut.timeline.frames,
            **({"fade_frames": cut.fade_frames} if cut.fade_frames else {}),
        }
        if not cut.slices:
            return params
        stems: dict[str, Any] = {}
        side_chains = [*params.get("side_chains", ())]
        for name in flow.starts:
            played = Stem().params(song, Artifact("stem", name, "", "", stem=name))
            after = Processed().params(song, Artifact("processed", name, "", "", stem=name))
            stems[name] = {
                "source": played["source"],
                "seed": played["seed"],
                "effects": after["effects"],
                **({"sections": played["sections"]} if "sections" in played else {}),
                **({"harmony": h} if (h := played["context"].get("harmony")) else {}),
            }
            params["files"] += (f"stems.{name}.source.{role}" for role in played["files"])
            params["files"] += (f"stems.{name}.effects.{role}" for role in after["files"])
            side_chains += (f"stems.{name}.effects.{role}" for role in after.get("side_chains", ()))
        return {
            **params,
            **({"side_chains": side_chains} if side_chains else {}),
            "slices": {
                "slices": _slices(song, cut),
                "stems": stems,
                "is_loop": cut.is_loop,
            },
            "context": render_context(song, needs_timeline=True),
        }

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """All effects on the ways, and those of stems that are rendered anew."""
        own = [effect for stem in self._rendered(song, artifact) for effect in song.effects(stem).effects]
        return Chain([*all_effects(song.flows[artifact.name]).effects, *own])

    def tools(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The sources of stems that are rendered anew, too."""
        sources = (song.source(stem) for stem in self._rendered(song, artifact))
        return self.tools_for([self.component(song, artifact), *sources])

    @staticmethod
    def _complement(song: LoadedSong, graph: Graph, name: str) -> list[Input]:
        """The mix, and the version that adds up to it with this one; nothing if there is none, or if that is judged."""
        others = [other for other in song.complements(name) if _rank(song, other) < _rank(song, name)]
        return [graph.get("mix"), graph.get("version_mix", others[0])] if others else []

    @staticmethod
    def _rendered(song: LoadedSong, artifact: Artifact) -> Sequence[str]:
        """The stems that are rendered anew."""
        return list(song.flows[artifact.name].starts) if _cut(song, artifact.name).slices else []


def _rank(song: LoadedSong, name: str) -> tuple[bool, str]:
    """Of two complements, the one that names what is heard is judged: an edit of that does not judge the other anew."""
    return song.document.versions[name].only is not None, name


def _cut(song: LoadedSong, name: str) -> Cut:
    cut = song.versions[name].cut
    assert cut
    return cut


def _slices(song: LoadedSong, cut: Cut) -> list[dict[str, int]]:
    """Each slice of the song, where it stands in the version, and how long it may sound before and after."""
    rate, slices = song.timeline.rate, []
    for start, end, at in cut.passages:
        lead = min(lead_frames(rate), start) if at or cut.is_loop else 0
        slices.append({"start": start, "end": end, "lead": lead, "at": at, "tail": _TAIL_S * rate})
    if cut.ends_song:
        slices[-1]["tail"] = 0
    return slices
