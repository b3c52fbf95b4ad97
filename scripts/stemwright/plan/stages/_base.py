"""What every stage is, and the helpers that several stages share."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from stemwright.effects import Chain
from stemwright.graph import Artifact, Graph, Input, SourceFile
from stemwright.mixing.faders import Faders
from stemwright.music.component import Component, role
from stemwright.plan.fingerprint import fingerprint, script
from stemwright.song.loaded import LoadedSong

SongT = TypeVar("SongT")
"""What a stage is a stage of: a `LoadedSong`, a `LoadedAlbum` or a `LoadedDataset`."""


class Stage(Generic[SongT]):
    """Base of a stage. Its name is that of its module.

    `script` is the script of its rule, `judged_as` the stage whose gates judge its artifacts (by default itself), and
    `is_audio` says whether its artifacts are audio files. A song has artifacts `on_request` only if they are asked
    for: they have no `names`, `named` knows them by their paths, and `artifact` raises StemwrightError for one that it
    has not.
    """

    script: ClassVar[str]
    judged_as: ClassVar[str] = ""
    on_request: ClassVar[bool] = False
    is_audio: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """The name of the stage."""
        return type(self).__module__.rpartition(".")[2]

    def names(self, song: SongT) -> Sequence[str]:
        """The names of the artifacts that a song has of this stage; by default one, named as the stage."""
        return [self.name]

    def named(self, file: str) -> str:
        """The name of the artifact at a path below the song's folder, or "". Only for stages on request."""
        return ""

    def near(self, file: str) -> str:
        """The path of an artifact that may be meant by that of none. Both are below the song's folder.

        Only for stages on request. "" if there is no such path.
        """
        return ""

    def artifact(self, song: SongT, graph: Graph, name: str) -> Artifact:
        """The artifact of a name.

        Parameters
        ----------
        song : LoadedSong
            The song; of a stage of an album or a dataset, that.
        graph : Graph
            Its graph, from which comes what the artifact is made of.
        name : str
            One of `names`.

        Returns
        -------
        Artifact
        """
        raise NotImplementedError

    def params(self, song: SongT, artifact: Artifact) -> dict[str, Any]:
        """What the script is given besides its inputs: plain data, and nothing that the job does not use.

        Whatever stands here is a reason to run the job again.
        """
        raise NotImplementedError

    def component(self, song: SongT, artifact: Artifact) -> Component | None:
        """What of the song its job runs, a source or a chain of effects; None where the script alone does the work."""
        return None

    def tools(self, song: SongT, artifact: Artifact) -> dict[str, Any]:
        """The code and the libraries that its job depends on, see `stemwright.plan.fingerprint`."""
        component = self.component(song, artifact)
        return self.tools_for([component] if component else [])

    def tools_for(self, components: Iterable[Component]) -> dict[str, Any]:
        """The tools of a job that runs several sources or effects.

        `only_here` marks a job whose tools are not all known: its result is not shared with other machines.
        """
        used = list(components)
        modules = {module for each in used for module in (type(each).__module__, *each.modules())}
        libraries = {name: version for each in used for name, version in each.libraries().items()}
        tools = self.tools_with(modules, libraries)
        return {**tools, "only_here": True} if any(each.is_only_here() for each in used) else tools

    def tools_with(self, modules: Iterable[str], libraries: Mapping[str, str]) -> dict[str, Any]:
        """The tools of a job that depends on some modules, and on libraries or programs that they do not import."""
        tools = fingerprint([script(self.script)], modules)
        return {**tools, "libraries": {**tools["libraries"], **libraries}}

    def make(
        self,
        graph: Graph,
        file: str,
        name: str = "",
        *,
        inputs: Mapping[str, Sequence[Input]] | None = None,
        format: Mapping[str, object] | None = None,
        after: Sequence[Artifact] = (),
        stem: str = "",
        extras: Mapping[str, str] | None = None,
        compared_with: Sequence[Input] = (),
        target: Mapping[str, object] | None = None,
        role: str = "",
        version: str = "",
    ) -> Artifact:
        """One artifact of this stage.

        Parameters
        ----------
        graph : Graph
            The graph that it is part of.
        file : str
            Its path below the song's folder.
        name : str
            Its name; by default the stage's.
        inputs, after, format, stem, compared_with, target, role, version
            As in `Artifact`.
        extras : mapping of str to str, optional
            Further files of its job by role, as paths below the song's folder.

        Returns
        -------
        Artifact
        """
        return Artifact(
            self.name,
            name or self.name,
            graph.home,
            file,
            inputs or {},
            after,
            format or {},
            self.judged_as or self.name,
            stem,
            {key: f"{graph.home}/{path}" for key, path in (extras or {}).items()},
            self.is_audio,
            compared_with,
            target or {},
            role,
            version,
        )


def before_audio(graph: Graph) -> list[Artifact]:
    """What must have passed before any audio is made: the timeline, and the reference if there is one."""
    return [*graph.stage("timeline"), *graph.stage("reference")]


def session(song: LoadedSong) -> dict[str, int]:
    """The rate and the channels inside the build."""
    return {"rate": song.document.session.sample_rate, "channels": song.document.session.channels}


def session_format(song: LoadedSong) -> dict[str, object]:
    """The format of every audio file inside the build."""
    document = song.document
    return {
        "sample_rate": document.session.sample_rate,
        "channels": document.session.channels,
        "subtype": "FLOAT",
        "frames": song.timeline.frames,
    }


def paths_of(faders: Mapping[str, Faders]) -> dict[str, dict[str, dict[str, Any]]]:
    """The paths of signals through faders as plain data, by the stem or bus that they come from."""
    return {name: path.to_dict() for name, path in faders.items()}


def level_inputs(faders: Iterable[Faders], graph: Graph) -> dict[str, Sequence[Input]]:
    """The found levels that signals go through, as role `levels`; nothing where there are none."""
    names = sorted({name for path in faders for name in path.levels})
    return {"levels": [graph.get("level", name) for name in names]} if names else {}


def compared_song(song: LoadedSong) -> list[SourceFile]:
    """The finished song that mix and master are compared with, if one is named."""
    return [SourceFile(song.compared_file)] if song.compared_file else []


def render_context(song: LoadedSong, needs_timeline: bool = False) -> dict[str, Any]:
    """The render context of a job as plain data; with the timeline only where the job needs it."""
    context: dict[str, Any] = {**session(song), "frames": song.timeline.frames}
    if needs_timeline:
        context["timeline"] = song.timeline.to_dict()
    return context


def files_of(component: Component) -> list[tuple[tuple, str]]:
    """(where in its keys, path) of each file that a component reads, by path: two that are swapped change roles."""
    return sorted(component.input_files(), key=lambda file: (file[1], file[0]))


def source_files(component: Component) -> list[SourceFile]:
    """The files that a component reads, as inputs of a job, in the order of `file_roles`."""
    return [SourceFile(os.path.expanduser(path)) for _, path in files_of(component)]


def file_roles(component: Component) -> list[str]:
    """The roles of these files in the render context."""
    return [role(where) for where, _ in files_of(component)]


def chain_inputs(effects: Chain, graph: Graph) -> dict[str, Sequence[Input]]:
    """What a chain of effects reads: `files`, and `side_chains`, after their own effects."""
    keys = [graph.get("processed", name) for _, name in effects.side_chains()]
    return {"files": source_files(effects), **({"side_chains": keys} if keys else {})}


def chain_params(effects: Chain) -> dict[str, Any]:
    """A chain of effects as plain data, with the roles of what it reads."""
    keys = [role(where) for where, _ in effects.side_chains()]
    return {
        "effects": without_paths(effects.entries(), effects),
        "files": file_roles(effects),
        **({"side_chains": keys} if keys else {}),
    }


def without_paths(keys: Any, component: Component) -> Any:
    """A component's keys, changed in place to what its job is given: `input` for each path.

    A file's bytes count, not its name.
    """
    for where, _ in files_of(component):
        *above, last = where
        place: Any = keys
        for part in above:
            if isinstance(
                place[part], str
            ):  # a file in a folder, as in ("folder", "C3.wav"): the folder's key
                last = part
                break
            place = place[part]
        place[last] = "input"
    return keys
