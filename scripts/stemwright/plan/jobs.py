"""A song as plain data for each job: what a rule's `params` holds, and nothing that its job does not use.

Every job gets one keyed dictionary, since Snakemake compares params as a set of values: `params` is what the script is
given, `tools` the code and libraries that it depends on, `refusals` how often its artifact was refused, `artifact`,
`home` and `ledgers` the paths that it works for. What is in it is what the job runs again for; its keys are sorted, so
that the order in which someone wrote YAML is no reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from stemwright.base.errors import StemwrightError
from stemwright.gates import AUDIO_STAGES, Gate
from stemwright.graph import Artifact, Graph, Input
from stemwright.graph.stored import artifact_data, inputs_data
from stemwright.plan.fingerprint import fingerprint, script
from stemwright.plan.planned import PlannedFiles
from stemwright.plan.resources import ANY_PACE, Needs, needs
from stemwright.plan.stages._base import Stage
from stemwright.records.paths import artifact_of, is_sentinel, records_in
from stemwright.song.loaded import LoadedSong
from stemwright.song.model import written_gates
from stemwright.song.routing import strips
from stemwright.validation import registry
from stemwright.validation.merged import merge

GATES = "stemwright.gates"
"""The package of the gates."""

VERIFY = "verify_artifact"
"""The script of all rules that verify."""


class Plan(PlannedFiles):
    """The jobs of one song.

    Parameters
    ----------
    song : LoadedSong
        The song.
    results : str
        The output root, as Snakemake names it in paths.
    """

    def __init__(self, song: LoadedSong, results: str):
        self.song: Any = song
        self.graph = Graph(song, results)

    @property
    def frames(self) -> int:
        """How long it is."""
        frames: int = self.song.timeline.frames
        return frames

    def judged(self, artifact: Artifact) -> Any:
        """The song, a version of it, or an album, whose gates and limits judge an artifact."""
        return self.song.of(artifact.version)

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of all stages."""
        return registry.kinds(self.graph.stages)

    @cached_property
    def artifacts(self) -> tuple[Artifact, ...]:  # type: ignore[override]
        """Every artifact of the song, each after all that it is made of."""
        return self.graph.artifacts

    def lines(self, about: Mapping[str, Any]) -> list[str]:
        """All of it in lines of JSON, for `Planned`; `about` has the attributes of that which are not known here."""
        head = {
            "names": {stage: self.graph.names(stage) for stage in self.stages},
            "artifacts": [artifact_data(artifact) for artifact in self.artifacts],
            "unrepeatable": self.unrepeatable,
            **about,
        }
        return [json.dumps(head), *(json.dumps(each) for a in self.artifacts for each in self.entries(a))]

    def entries(self, artifact: Artifact) -> tuple[list[Any], list[Any]]:
        """What `Planned` tells of an artifact, as plain data.

        Returns
        -------
        job : list
            The param of the job that makes it, and its needs.
        verification : list
            The param of the job that verifies it, its inputs besides the artifact, and its needs.
        """
        inputs = inputs_data(self.asked_by_gates(artifact))
        job = [self.job(artifact), self.job_needs(artifact)]
        return job, [self.verification(artifact), inputs, self.verification_needs(artifact)]

    def on_request(self, file: str) -> Artifact | None:
        """The artifact that a file belongs to, if it is one that the song has only on request.

        Raises StemwrightError, with what there is, if the song cannot have it.
        """
        path = artifact_of(file).removeprefix(f"{self.graph.home}/")
        for stage, kind in self._on_request.items():
            if name := kind.named(path):
                return self.graph.get(stage, name)
        return None

    @cached_property
    def _on_request(self) -> dict[str, Stage]:
        kinds: dict[str, Any] = {stage: registry.load(self.graph.stages, stage) for stage in self.stages}
        return {stage: kind() for stage, kind in kinds.items() if kind.on_request}

    def near_on_request(self, file: str) -> str:
        """What is probably meant by a file in a folder that the song has not: one that it has on request, or "".

        Raises StemwrightError, as `on_request` does, if the folder is nearly that of these, and the name stands for
        none of them.
        """
        home = f"{self.graph.home}/"
        below = artifact_of(file).removeprefix(home)
        first = below.split("/")[0]
        if any(each.path.startswith(f"{home}{first}/") for each in self.artifacts):
            return ""
        for near in filter(None, (kind.near(below) for kind in self._on_request.values())):
            try:
                found = self.on_request(f"{home}{near}")
            except StemwrightError:
                if get_close_matches(first, [near.split("/")[0]]):
                    raise
                continue
            if found:
                return found.sentinel if is_sentinel(file) else found.path
        return ""

    def built_on_request(self, root: str = "") -> Iterator[Artifact]:
        """Those of these that have been built, and that the song can have still. `root` is that of a storage."""
        for place in records_in(Path(root, self.graph.home)):
            with suppress(StemwrightError):
                if found := self.on_request(str(place.relative_to(root) if root else place)):
                    yield found

    @cached_property
    def unrepeatable(self) -> dict[str, list[str]]:
        """Which artifacts may differ if they are made again, by path, with the kinds of effects that are why."""
        components = {
            artifact.path: self._stage(artifact).component(self.song, artifact) for artifact in self.artifacts
        }
        found = {path: component.unrepeatable() for path, component in components.items() if component}
        return {path: kinds for path, kinds in found.items() if kinds}

    # The job that makes an artifact

    def job(self, artifact: Artifact) -> dict[str, Any]:
        """The param of the job that makes an artifact."""
        stage = self._stage(artifact)
        return {
            "params": _sorted(stage.params(self.song, artifact)),
            "tools": stage.tools(self.song, artifact),
            "refusals": 0,  # as far as the song tells, see `Planned`
            "artifact": artifact.path,
            "home": artifact.home,
            "ledgers": _ledgers(artifact.direct()),
        }

    def job_needs(self, artifact: Artifact) -> Needs:
        """What that job takes of its machine."""
        component = self._stage(artifact).component(self.song, artifact)
        if component is None:
            return needs(artifact, self.frames)
        return needs(artifact, self.frames, ANY_PACE, component.held_bytes(self.song.routing.context))

    # The job that verifies it

    def verification_needs(self, artifact: Artifact) -> Needs:
        """What that job takes of its machine."""
        return needs(artifact, self.frames)

    def time_of(self, artifact: Artifact) -> dict[str, Any]:
        """What its places are told by: the timeline of its song, if it is in that time, and whether that has bars."""
        song = self.judged(artifact)
        if artifact.stage == "live" or artifact.judged_as == "window" or (song.cut and song.cut.slices):
            return {}
        return {"timeline": self.graph.get("timeline").path, "in_bars": song.document.bpm is not None}

    def gates(self, artifact: Artifact) -> dict[str, dict[str, Any]]:
        """The gates that judge an artifact, by name, each with the limits that were written for it."""
        song = self.judged(artifact)
        limits = written_gates(song.document.gates)
        if artifact.stem:
            limits = merge(limits, written_gates(strips(song.document)[artifact.stem].gates))
        return {
            name: limits.get(name) or {}
            for name in registry.kinds(GATES)
            if limits.get(name) is not False and _gate(name).applies(song, artifact)
        }

    def verification(self, artifact: Artifact) -> dict[str, Any]:
        """The param of the job that verifies an artifact."""
        if artifact.is_audio and artifact.judged_as not in AUDIO_STAGES:
            raise StemwrightError(
                f"stage {artifact.stage} is audio, and no gate judges {artifact.judged_as}: set judged_as to one of "
                f"{', '.join(AUDIO_STAGES)}"
            )
        song, gates = self.judged(artifact), self.gates(artifact)
        kinds = [_gate(name) for name in gates]
        modules = {module for gate in kinds for module in (gate.__module__, *gate.modules(song, artifact))}
        params = {
            "stage": artifact.stage,
            "judged_as": artifact.judged_as,
            "gates": gates,
            "format": artifact.format,
            "context": _agreed(gates, [gate.context(song, artifact) for gate in kinds]),
            "time": self.time_of(artifact),
        }
        return {
            "params": _sorted(params),
            "tools": fingerprint([script(VERIFY)], sorted(modules)),
            "artifact": artifact.path,
            "ledgers": _ledgers([artifact, *artifact.direct(), *self._read_by_gates(artifact)]),
        }

    def asked_by_gates(self, artifact: Artifact) -> dict[str, list[Input]]:
        """What the gates of an artifact read besides it, by role."""
        gates = self.gates(artifact)
        song = self.judged(artifact)
        asked = [_gate(name).inputs(song, artifact) for name in gates]
        return _agreed(gates, [{role: list(entries) for role, entries in each.items()} for each in asked])

    def _stage(self, artifact: Artifact) -> Stage:
        return registry.load(self.graph.stages, artifact.stage)()

    def _read_by_gates(self, artifact: Artifact) -> list[Artifact]:
        """The other artifacts that its gates read."""
        asked = [entry for entries in self.asked_by_gates(artifact).values() for entry in entries]
        return list({entry.path: entry for entry in asked if isinstance(entry, Artifact)}.values())


def _ledgers(artifacts: Iterable[Artifact]) -> dict[str, str]:
    """The ledger of each artifact, by the artifact's path."""
    return {artifact.path: artifact.ledger for artifact in artifacts}


def _gate(name: str) -> type[Gate]:
    return registry.load(GATES, name)


def _agreed(gates: Iterable[str], answers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What the gates of an artifact ask for, in one mapping. Raises ValueError where two differ under one name."""
    agreed: dict[str, Any] = {}
    for gate, answer in zip(gates, answers, strict=True):
        for name, value in answer.items():
            if name in agreed and agreed[name] != value:
                raise ValueError(f"gate {gate} and another one mean different things by {name!r}")
            agreed[name] = value
    return agreed


def _sorted(value: object) -> Any:
    """Plain data with its keys in order, so that equal data have one spelling."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_sorted(v) for v in value]
    return value
