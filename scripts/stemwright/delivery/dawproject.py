"""A DAWproject of a delivery (github.com/bitwig/dawproject, version 1.0): a zip of two XML documents.

Its lanes of tempo and meter are in quarter notes and have steps, as MIDI files do (`midi_tempo`): what a line between
two points of a tempo means is left to the host. Stems are clips in seconds that refer to the delivered files; each goes
to the master channel at unity, and a master or mix beside them is muted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from stemwright.music.midi_file import TICKS
from stemwright.music.midi_tempo import signatures, tempo_steps
from stemwright.music.timeline import Timeline

PROJECT, METADATA = "project.xml", "metadata.xml"


def dawproject(
    timeline: Timeline, markers: Sequence[tuple[Fraction, str]], params: Mapping[str, Any]
) -> list[tuple[str, bytes]]:
    """The members of the zip.

    Parameters
    ----------
    timeline
        The song's timeline.
    markers
        Markers, each with its position in quarters.
    params
        `title`, `artist`, `channels`, `sample_rate` in Hz and `seconds` of the files, and `tracks`, each with its
        `name`, its `file` as seen from the project, whether it is `muted`, and its `pan`, -1 to 1.

    Returns
    -------
    list of (str, bytes)
        Name and content of each.
    """
    project = Element("Project", version="1.0")
    SubElement(project, "Application", name="Stemwright", version="1.0")
    steps = [
        (Fraction(tick, TICKS), 60_000_000 / found)
        for tick, found in tempo_steps(timeline.tempo, timeline.end, TICKS)
    ]
    meters = list(signatures(timeline.tempo))
    transport = SubElement(project, "Transport")
    SubElement(transport, "Tempo", id="tempo", unit="bpm", value=repr(steps[0][1]))
    SubElement(transport, "TimeSignature", {"id": "meter", **_meter(meters[0][1])})
    structure, arrangement = SubElement(project, "Structure"), Element("Arrangement", id="arrangement")
    lanes = SubElement(arrangement, "Lanes", timeUnit="seconds", id="lanes")
    for number, track in enumerate(params["tracks"]):
        _add_track(structure, f"track{number}", track, params["channels"])
        _add_clip(lanes, f"track{number}", track, params)
    master = SubElement(structure, "Track", contentType="audio", id="mainTrack", loaded="true", name="Main")
    _add_channel(master, "main", {"muted": False, "pan": 0}, params["channels"], role="master")
    project.append(arrangement)
    marks = SubElement(arrangement, "Markers", timeUnit="beats", id="markers")
    for at, text in markers:
        SubElement(marks, "Marker", time=repr(float(at)), name=text)
    tempi = SubElement(arrangement, "TempoAutomation", timeUnit="beats", unit="bpm", id="tempi")
    SubElement(tempi, "Target", parameter="tempo")
    for at, bpm in steps:
        SubElement(tempi, "RealPoint", time=repr(float(at)), value=repr(bpm), interpolation="hold")
    changes = SubElement(arrangement, "TimeSignatureAutomation", timeUnit="beats", id="meters")
    SubElement(changes, "Target", parameter="meter")
    for at, signature in meters:
        SubElement(changes, "TimeSignaturePoint", {"time": repr(float(at)), **_meter(signature)})
    metadata = Element("MetaData")
    for tag in ("Title", "Artist"):
        if text := params[tag.lower()]:
            SubElement(metadata, tag).text = text
    return [(PROJECT, _text(project)), (METADATA, _text(metadata))]


def _meter(signature: Any) -> dict[str, str]:
    return {"numerator": str(signature.numerator), "denominator": str(signature.denominator)}


def _add_track(structure: Element, name: str, track: Mapping[str, Any], channels: int) -> None:
    element = SubElement(structure, "Track", contentType="audio", id=name, loaded="true", name=track["name"])
    _add_channel(element, f"{name}Channel", track, channels, role="regular", destination="main")


def _add_channel(element: Element, name: str, track: Mapping[str, Any], channels: int, **more: str) -> None:
    keys = {"audioChannels": str(channels), "id": name, "solo": "false", **more}
    channel = SubElement(element, "Channel", keys)
    SubElement(channel, "Mute", value=str(track["muted"]).lower(), id=f"{name}Mute")
    pan = repr(0.5 + track["pan"] / 2)
    SubElement(channel, "Pan", unit="normalized", min="0", max="1", value=pan, id=f"{name}Pan")
    SubElement(channel, "Volume", unit="linear", min="0", max="2", value="1", id=f"{name}Volume")


def _add_clip(lanes: Element, name: str, track: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    seconds = repr(params["seconds"])
    clips = SubElement(SubElement(lanes, "Lanes", track=name, id=f"{name}Lanes"), "Clips", id=f"{name}Clips")
    clip = SubElement(
        clips,
        "Clip",
        time="0",
        duration=seconds,
        playStart="0",
        contentTimeUnit="seconds",
        name=track["name"],
    )
    audio = SubElement(
        clip,
        "Audio",
        duration=seconds,
        channels=str(params["channels"]),
        sampleRate=str(params["sample_rate"]),
        id=f"{name}Audio",
    )
    SubElement(audio, "File", path=track["file"], external="true")


def _text(document: Element) -> bytes:
    indent(document)
    return tostring(document, "UTF-8", xml_declaration=True) + b"\n"
