"""A REAPER project of a delivery: its files as tracks, the tempo envelope, meters and regions.

The format is the text that REAPER saves: blocks of `<NAME … >`, and in each a line a property. Stems are at unity, and
add up to what the delivery says; master and mix beside them are muted. Items keep their place in seconds (BEAT 0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stemwright.music.tempo_envelope import TempoPoint, tempo_envelope
from stemwright.music.timeline import Timeline

_WHOLE_BARS, _PART_OF_A_BAR = 1, 5
"""A time signature that begins where a bar ends, or anywhere."""

_SOURCES = {
    "wav": "WAVE",
    "aiff": "WAVE",
    "flac": "FLAC",
    "mp3": "MP3",
    "ogg": "VORBIS",
    "opus": "OPUS",
    "m4a": "VIDEO",
}
"""What REAPER calls the readers of formats, by the ending of their files."""


def rpp_text(
    timeline: Timeline, regions: Sequence[str], tracks: Sequence[Mapping[str, Any]], seconds: float
) -> str:
    """The text of a project.

    Parameters
    ----------
    timeline
        The song's timeline.
    regions
        The text of the region of each section.
    tracks
        The `name` of each track, its `file` as seen from the project, whether it is `muted`, and its `pan`, -1 to 1.
    seconds
        The length of each file in s.

    Returns
    -------
    str
        The text.
    """
    points = tempo_envelope(timeline.tempo, timeline.end)
    signature = points[0].signature
    assert signature  # a song begins with one
    lines = [
        '<REAPER_PROJECT 0.1 "7.0" 0',
        "  PANLAW 1",  # 0 dB: what is panned to one side is as loud there as it was
        f"  PROJOFFS 0 {-1 if timeline.tempo.pickup else 0} 0",  # a pick-up is bar 0
        f"  SAMPLERATE {timeline.rate} 1 0",
        f"  TEMPO {_number(points[0].bpm)} {signature.numerator} {signature.denominator}",
        "  <TEMPOENVEX",
        "    ACT 1 -1",
        "    VIS 1 0 1",
        "    DEFSHAPE 1 -1 -1",
        *(f"    {line}" for line in _points(points, timeline)),
        "  >",
    ]
    for number, (section, text) in enumerate(zip(timeline.sections, regions, strict=True), 1):
        start, end = (_number(frame / timeline.rate) for frame in (section.start_frame, section.end_frame))
        lines += [f"  MARKER {number} {start} {quoted(text)} 1", f'  MARKER {number} {end} "" 1']
    for track in tracks:
        lines += [f"  {line}" for line in _track(track, seconds)]
    return "\n".join([*lines, ">", ""])


def _points(points: Sequence[TempoPoint], timeline: Timeline) -> Iterator[str]:
    """The lines of the tempo envelope."""
    pickup = float(timeline.tempo.seconds(timeline.tempo.pickup))
    for point in points:
        line = f"PT {_number(point.second)} {_number(point.bpm)} {0 if point.moves else 1}"
        if point.signature:
            meter = (point.signature.denominator << 16) + point.signature.numerator
            mode = _PART_OF_A_BAR if point.second == pickup else _WHOLE_BARS
            line += f" {meter} 0 {mode}"
        yield line


def _track(track: Mapping[str, Any], seconds: float) -> Iterator[str]:
    yield "<TRACK"
    yield f"  NAME {quoted(track['name'])}"
    yield "  BEAT 0"
    yield f"  VOLPAN 1 {track['pan']} -1 -1 1"
    yield f"  MUTESOLO {int(track['muted'])} 0 0"
    yield "  MAINSEND 1 0"
    yield "  <ITEM"
    yield "    POSITION 0"
    yield f"    LENGTH {_number(seconds)}"
    yield "    LOOP 0"
    yield "    FADEIN 0 0 0"
    yield "    FADEOUT 0 0 0"
    yield f"    NAME {quoted(track['name'])}"
    yield "    VOLPAN 1 0 1 -1"
    yield f"    <SOURCE {_SOURCES[track['file'].rpartition('.')[2]]}"
    yield f"      FILE {quoted(track['file'])}"
    yield "    >"
    yield "  >"
    yield ">"


def quoted(text: str) -> str:
    """A text in the quotes that it does not have itself; a backquote in a text that has all three becomes another."""
    for mark in "\"'`":
        if mark not in text:
            return f"{mark}{text}{mark}"
    return "`" + text.replace("`", "'") + "`"


def _number(value: float) -> str:
    return f"{value:.12f}".rstrip("0").rstrip(".")
