"""Archives: the files of a delivery, with a manifest, checksums and a README for the client, in one zip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os.path import basename
from typing import Any

import stemwright
from stemwright.gates.archive import bag_info, member_name
from stemwright.gates.null_test import passes
from stemwright.graph import STAGES, Ancient, Artifact, Extra, Graph, Input, SourceFile
from stemwright.mixing.levels import FoundLevel
from stemwright.music.automation import plain
from stemwright.plan.stages._base import Stage
from stemwright.records.account import digest_of_params
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import strips
from stemwright.song.versions import MAIN_VERSION
from stemwright.validation import registry

_EXACT = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT_24": 24, "FLOAT": None}
"""The bits of the integers that a file holds, by its sample format."""


class Archive(Stage):
    """`SONG.zip`, and of each further delivery `SONG-NAME.zip`."""

    script = "pack_archive"
    is_audio = False

    def names(self, song: LoadedSong) -> Sequence[str]:
        """`archive`, and what comes after the song's name in those of further deliveries."""
        return [f"-{delivery}" if delivery else self.name for delivery in song.deliveries]

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """The archive of a delivery. Only what goes in is a reason to pack again; all that it is built on must have
        passed.
        """
        delivery = song.delivery_of(name)
        files = [graph.get("delivered", each.name) for each in song.deliveries[delivery]]
        own = f"{delivery}/{MAIN_VERSION}"
        has_own = own in graph.names("delivery_master")
        master = graph.get("delivery_master", own) if has_own else graph.get("master")
        inputs: dict[str, Sequence[Input]] = {
            "files": files,
            "timeline": graph.stage("timeline"),
            "settings": [Extra(master.extras["settings"])],
            "master": [Ancient(master.path)],
            "made": [Ancient(master.produced)],
        }
        if handoff := self._handoff(song, graph, delivery):
            inputs["handoff"] = handoff
        if levels := graph.stage("level"):
            inputs["levels"] = levels
        if readers := _readers([*files, *handoff]):
            inputs["sources"] = [SourceFile(path) for path in _sources([*files, *handoff])]
            inputs["accounts"] = [Ancient(reader.produced) for reader in readers]
        built_on = [entry for file in files for entry in file.upstream()]
        before = {entry.path: entry for entry in (*built_on, *graph.stage("printed"))}
        return self.make(
            graph,
            f"{song.archive(delivery)}.zip",
            name,
            inputs=inputs,
            after=list(before.values()),
            target=master.target,
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """What the manifest says."""
        document, found, name = song.document, song.routing.levels, song.delivery_of(artifact.name)
        delivery = song.delivery(name)
        own_target = getattr(delivery, "target", None)
        target = own_target or document.master.target
        files, handoff = artifact.made_of("files"), artifact.made_of("handoff")
        sources = {path: number for number, path in enumerate(_sources([*files, *handoff]))}
        total = document.delivery.stems.through
        stems = {
            name: {
                "source": next(iter(song.source(name).entry())) if name in document.stems else "bus",
                "instruments": song.instruments.get(name, ["bus"]),
                "effects": song.effects(name).entries(),
                **_fader(keys.gain_db, found.get(name)),
                "pan": plain(keys.pan),
                "mute": plain(keys.mute),
                "output": keys.output,
                "sends": {
                    bus: {"gain_db": plain(send.gain_db), "pre_fader": send.pre_fader}
                    for bus, send in keys.sends.items()
                },
                "is_part": name in song.routing.parts,
            }
            for name, keys in sorted(strips(document).items())
        }
        return {
            "song": song.name,
            "title": document.title,
            "artist": document.artist,
            "notes": document.notes,
            "has_tempo": document.bpm is not None,
            "files": [
                {"file": each.file, "role": each.role, "stem": each.stem or None, "title": each.title}
                | ({"version": each.version} if each.version else {})
                | _rounding(song, file)
                | {"inputs": sorted(sources[path] for entry in file.lineage() for path in entry.sources)}
                for each, file in zip(song.deliveries[name], files, strict=True)
            ],
            "handoff": [member_name(entry) for entry in handoff],
            "stems": stems,
            "chapters": song.chapters if delivery.chapters else [],
            "sum": total,
            "sum_files": [
                each.file
                for each in song.deliveries[name]
                if each.role == total and not each.version and (total == "mix" or not own_target)
            ],
            "asked": asked(song, [*files, *handoff]),
            **({"commit": song.commit} if song.commit else {}),
            "bag": bag_info(song, name),
            "master_effects": song.master_effects.entries(),
            "target": target.model_dump(exclude_none=True) if target else None,
            "precision": " (24-bit values, in 32-bit float)" if delivery.subtype == "FLOAT_24" else "",
            "libraries": libraries(song, artifact.upstream()),
        }

    @staticmethod
    def _handoff(song: LoadedSong, graph: Graph, delivery: str) -> list[Artifact]:
        """The files for a DAW and a stage, which belong to the delivery that every song has."""
        return [] if delivery else [*graph.stage("handoff"), *graph.stage("live")]


def asked(song: LoadedSong, files: Iterable[Artifact]) -> str:
    """The digest of all that is asked of the jobs that make some files of a song, whatever code does it."""
    made = {entry.path: entry for file in files for entry in file.lineage()}
    params = {
        f"{entry.stage} {entry.name}": registry.load(STAGES, entry.stage)().params(song, entry)
        for entry in made.values()
    }
    return digest_of_params({"params": params, "tools": {}})


def libraries(song: LoadedSong, upstream: Iterable[Artifact]) -> dict[str, str]:
    """Versions of the libraries that some audio of a song went through, and of Stemwright."""
    found = {"stemwright": stemwright.__version__}
    for artifact in upstream:
        if artifact.is_audio:
            found |= registry.load(STAGES, artifact.stage)().tools(song, artifact)["libraries"]
    return found


def _readers(files: Iterable[Artifact]) -> list[Artifact]:
    """What some files are made from and reads source files, by path."""
    found = {entry.path: entry for file in files for entry in file.lineage() if entry.sources}
    return [found[path] for path in sorted(found)]


def _sources(files: Iterable[Artifact]) -> list[str]:
    """The source files that some files are made from, in the order of their paths."""
    return sorted({path for entry in _readers(files) for path in entry.sources})


def _rounding(song: LoadedSong, file: Artifact) -> dict[str, Any]:
    """`bits` of the integers in a file, None of floats, and its `roundings`: how often it was one of 32-bit floats.

    A stem or bus goes through its faders in double precision. What is printed was rounded once for each effect, and
    once more as a file; mix and master as files. None if it was resampled, or is lossy.
    """
    (origin,) = file.made_of("audio")
    if file.sample_format not in _EXACT or file.format["sample_rate"] != origin.format["sample_rate"]:
        return {"bits": None, "roundings": None}
    bits = _EXACT[file.sample_format]
    before = {"processed": 0, "printed": 1 + passes(song, file)}.get(origin.stage, 1)
    return {"bits": bits, "roundings": before + (bits in (None, 32))}


def _fader(gain_db: Any, level: FoundLevel | None) -> dict[str, Any]:
    """The gain of a fader as plain data; where it is found, what for."""
    if level is None:
        return {"gain_db": 0.0 if isinstance(gain_db, FoundLevel) else plain(gain_db)}
    found = level.to_dict()
    return {
        "gain_db": None,
        "level": found | ({"match": basename(found["match"])} if level.match else {}),
    }
