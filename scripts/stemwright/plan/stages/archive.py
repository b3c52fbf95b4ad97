"""Archives: the files of a delivery, with a manifest, checksums and a README for the client, in one zip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os.path import basename
from typing import Any

from stemwright.graph import STAGES, Ancient, Artifact, Extra, Graph, Input
from stemwright.mixing.levels import FoundLevel
from stemwright.music.automation import plain
from stemwright.plan.stages._base import (
    Stage,
)
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import strips
from stemwright.song.versions import MAIN
from stemwright.validation import registry


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
        own = f"{delivery}/{MAIN}"
        has_own = own in graph.names("delivery_master")
        master = graph.get("delivery_master", own) if has_own else graph.get("master")
        inputs: dict[str, Sequence[Input]] = {
            "files": files,
            "timeline": graph.stage("timeline"),
            "settings": [Extra(master.extras["settings"])],
            "master": [Ancient(master.path)],
            "made": [Ancient(master.produced)],
        }
        if levels := graph.stage("level"):
            inputs["levels"] = levels
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
        target = getattr(delivery, "target", None) or document.master.target
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
                for each in song.deliveries[name]
            ],
            "stems": stems,
            "chapters": song.chapters if delivery.chapters else [],
            "sum": document.delivery.stems.through,
            "master_effects": song.master_effects.entries(),
            "target": target.model_dump(exclude_none=True) if target else None,
            "precision": " (24-bit values, in 32-bit float)" if delivery.subtype == "FLOAT_24" else "",
            "libraries": self._libraries(song, artifact.upstream()),
        }

    @staticmethod
    def _libraries(song: LoadedSong, upstream: Iterable[Artifact]) -> dict[str, str]:
        """Versions of the libraries that the song's audio went through."""
        libraries: dict[str, str] = {}
        for artifact in upstream:
            if artifact.is_audio:
                libraries |= registry.load(STAGES, artifact.stage)().tools(song, artifact)["libraries"]
        return libraries


def _fader(gain_db: Any, level: FoundLevel | None) -> dict[str, Any]:
    """The gain of a fader as plain data; where it is found, what for."""
    if level is None:
        return {"gain_db": 0.0 if isinstance(gain_db, FoundLevel) else plain(gain_db)}
    found = level.to_dict()
    return {
        "gain_db": None,
        "level": found | ({"match": basename(found["match"])} if level.match else {}),
    }
