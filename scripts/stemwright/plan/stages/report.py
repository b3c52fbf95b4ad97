"""Report: the page of a song, on which all of it can be heard and seen."""

from __future__ import annotations

from typing import Any

from stemwright.graph import Artifact, Extra, Graph, Verdict
from stemwright.pages.files import digest_of_template
from stemwright.plan import stages
from stemwright.plan.stages._base import Stage
from stemwright.records.paths import SONG_PAGE
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MIX

TEMPLATE = "song.html"

_NOT_SHOWN = ("report", "solo")
"""Stages that are not on the page: itself, and what is heard on request only."""

_FORM = ("container", "sample_format", "sample_rate", "channels", "bitrate_kbps")
"""What of the format of a delivered file the page says."""


class Report(Stage):
    """`report/index.html`. What tracks hold is loaded by the page: another sound is no reason to write it again."""

    script = "write_report"
    is_audio = False

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """The one page, made of what was measured of every artifact."""
        shown = [each for stage in stages.names() if stage not in _NOT_SHOWN for each in graph.stage(stage)]
        return self.make(
            graph,
            SONG_PAGE,
            inputs={
                "verdicts": [Verdict(each) for each in shown],
                "timeline": graph.stage("timeline"),
                "settings": [Extra(graph.get("master").extras["settings"])],
            },
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """What the page says of the song that its verdicts do not."""
        document = song.document
        shown = [entry.artifact for entry in artifact.inputs["verdicts"] if isinstance(entry, Verdict)]
        by_file = {each.file: each for each in shown}
        (master,) = (each for each in shown if each.stage == "master")
        return {
            "song": song.name,
            "title": document.title,
            "artist": document.artist,
            "titles": song.section_titles,
            "has_tempo": document.bpm is not None,
            "target": dict(master.target) or None,
            "artifacts": [
                {"file": each.file, "stage": each.stage, "version": each.version} for each in shown
            ],
            "tracks": [_track(song, each.name) for each in shown if each.stage == "preview"],
            "deliveries": [
                {
                    "name": name,
                    "archive": f"{song.archive(name)}.zip",
                    "files": [
                        {
                            "file": f"delivery/{each.name}",
                            "title": each.title,
                            **_form(by_file[f"delivery/{each.name}"]),
                        }
                        for each in files
                    ],
                }
                for name, files in song.deliveries.items()
            ],
        }

    def tools(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """Its template, styles and scripts too."""
        return {**super().tools(song, artifact), "template": digest_of_template(TEMPLATE)}


def _track(song: LoadedSong, track: str) -> dict[str, Any]:
    """What is known of a track by its name, such as `stem-bass`; of a stem or a bus, where it is heard."""
    kind, _, name = track.partition("-")
    found: dict[str, Any] = {"id": track, "kind": kind, "name": name}
    if kind == "version":
        return found | {"timeline": _own_time(song, song.of(name))}
    if kind not in ("stem", "bus"):
        return found
    routing = song.routing
    return found | {
        "has_effects": bool(song.effects(name).effects),
        "is_direct": name in routing.feeds(MIX),
        "buses": [bus for bus in routing.buses if name in routing.feeds(bus)],
        "muted": _muted(song, name),
    }


def _muted(song: LoadedSong, name: str) -> list[list[int]]:
    """Where a stem or a bus is muted: the first frame of each span, and the one after its last."""
    points = [(frame, value) for frame, value, _ in song.routing.fader(name).mute.points]  # all are steps
    ends = [*(frame for frame, _ in points[1:]), song.timeline.frames]
    return [[frame, end] for (frame, value), end in zip(points, ends, strict=True) if value == 1]


def _own_time(song: LoadedSong, version: LoadedSong) -> dict[str, Any] | None:
    """The length and the sections of a version in s, if they are not those of the song."""
    timeline, rate = version.timeline, version.timeline.rate
    if timeline.to_dict() == song.timeline.to_dict():
        return None
    placed = zip(timeline.sections, version.section_titles, strict=True)
    return {
        "seconds": timeline.frames / rate,
        "sections": [
            {"name": title, "start": section.start_frame / rate, "end": section.end_frame / rate}
            for section, title in placed
        ],
    }


def _form(delivered: Artifact) -> dict[str, Any]:
    return {key: delivered.format[key] for key in _FORM if key in delivered.format}
