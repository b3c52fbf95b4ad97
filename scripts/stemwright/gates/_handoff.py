"""Reading hand-off files back, independently of what wrote them: where bar lines and sections are, in seconds."""

from __future__ import annotations

import csv
import math
import re
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, pairwise
from xml.etree import ElementTree

from stemwright.base.errors import StemwrightError

_NEAR = 0.02  # quarters, 1 ms at the fastest tempo: a bar line this near to a time signature is that of the signature
_LARGEST = 50_000_000  # bytes that are read of a file, or of a member of a zip
_QUOTED = re.compile(r"""MARKER \d+ (\S+) (?:"([^"]*)"|'([^']*)'|`([^`]*)`) 1""")
_DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    ElementTree.ParseError,
    zipfile.BadZipFile,
    csv.Error,
    zlib.error,
)
"""What the readers below, ours and others', raise for bytes that are none of theirs."""


@dataclass(frozen=True)
class Tempo:
    """A tempo from a second and a quarter on, in quarter notes per minute, with its growth per second."""

    second: float
    quarter: float
    bpm: float
    growth: float = 0.0

    def quarters(self, seconds: float) -> float:
        """How many quarters its first seconds are."""
        return (self.bpm + self.growth * seconds / 2) * seconds / 60

    def seconds(self, quarters: float) -> float:
        """How long its first quarters are: the root of the quadratic equation, written so that growth may be 0."""
        return 120 * quarters / (self.bpm + math.sqrt(max(0.0, self.bpm**2 + 120 * self.growth * quarters)))


@dataclass(frozen=True)
class ReadBack:
    """What a file says: its bar lines in seconds, one more than there are, and its sections as (second, text).

    A pick-up begins with a bar line. What the file does not say is None.
    """

    bar_lines: Iterator[float] | None
    sections: Sequence[tuple[float, str]] | None


@dataclass(frozen=True)
class Music:
    """What a file of music says: tempi, time signatures as (quarter, quarters of a bar), sections as (second, text)."""

    tempi: Sequence[Tempo]
    meters: Sequence[tuple[float, float]]
    sections: Sequence[tuple[float, str]]

    def check(self) -> Music:
        """Itself. Raises ValueError for what no song can say."""
        if not self.tempi or not self.meters or self.tempi[0].second != 0 or self.meters[0][0] != 0:
            raise ValueError("it has no tempo or no meter at its start")
        if min(tempo.bpm for tempo in self.tempi) <= 0 or min(bar for _, bar in self.meters) <= 0:
            raise ValueError("it has a tempo or a meter of 0")
        for starts in ([tempo.second for tempo in self.tempi], [at for at, _ in self.meters]):
            if any(later <= at for at, later in pairwise(starts)):
                raise ValueError("its tempi or meters are not in order")
        return self

    def bar_lines(self) -> Iterator[float]:
        """Yield the bar lines in seconds, without end."""
        for (start, bar), (stop, _) in pairwise([*self.meters, (math.inf, 1.0)]):
            number = 0
            while (at := start + number * bar) < stop - _NEAR:
                yield seconds_at(self.tempi, at)
                number += 1


def read_back(path: str) -> ReadBack:
    """Read a file. Raises StemwrightError if it is damaged, or says what no song can."""
    try:
        return _READERS[path.rpartition(".")[2]](path)
    except _DAMAGED as error:
        raise StemwrightError(f"{path}: cannot be read back ({error})") from None


def seconds_at(tempi: Sequence[Tempo], quarter: float) -> float:
    """The time of a position."""
    tempo = tempi[bisect_right(tempi, quarter, key=lambda each: each.quarter) - 1]
    return tempo.second + tempo.seconds(quarter - tempo.quarter)


def _steps(points: Sequence[tuple[float, float]]) -> list[Tempo]:
    """Tempi that stay, from (quarter, quarter notes per minute)."""
    second, tempi = 0.0, list[Tempo]()
    for quarter, bpm in points:
        if tempi:
            second = tempi[-1].second + tempi[-1].seconds(quarter - tempi[-1].quarter)
        tempi.append(Tempo(second, quarter, bpm))
    return tempi


def _midi(path: str) -> Music:
    import mido
    from mido.midifiles.meta import KeySignatureError

    try:
        file = mido.MidiFile(path, charset="utf-8")
    except KeySignatureError as error:  # an Exception, and no more
        raise ValueError(str(error)) from None
    at, tempi, meters, markers = 0, [], [], []
    for message in file.tracks[0]:
        at += message.time
        quarter = at / file.ticks_per_beat
        if message.type == "set_tempo":
            tempi.append((quarter, 60_000_000 / message.tempo))
        elif message.type == "time_signature":
            meters.append((quarter, 4 * message.numerator / message.denominator))
        elif message.type == "marker":
            markers.append((quarter, message.text))
    steps = _steps(tempi)
    return Music(
        steps, meters, [(seconds_at(steps, quarter), text) for quarter, text in markers[:-1]]
    )  # the last is the end


def _rpp(path: str) -> Music:
    with open(path, encoding="utf-8") as file:
        text = file.read(_LARGEST)
    if not text.startswith("<REAPER_PROJECT") or not text.endswith("\n>\n"):
        raise ValueError("it is no whole REAPER project")
    points = [line.split() for line in re.findall(r"^ *PT (.*)$", text, re.MULTILINE)]
    tempi: list[Tempo] = []
    meters: list[tuple[float, float]] = []
    quarter = 0.0
    for index, (second, bpm, shape, *signature) in enumerate(points):
        growth, at = 0.0, float(second)
        if tempi:
            quarter = tempi[-1].quarter + tempi[-1].quarters(at - tempi[-1].second)
        if shape == "0":
            until, to = (float(value) for value in points[index + 1][:2])
            growth = (to - float(bpm)) / (until - at)
        tempi.append(Tempo(at, quarter, float(bpm), growth))
        if signature:
            meters.append((quarter, 4 * (int(signature[0]) & 0xFFFF) / (int(signature[0]) >> 16)))
    found = [_QUOTED.fullmatch(line) for line in re.findall(r"^  (MARKER .*)$", text, re.MULTILINE)]
    regions = [(float(m[1]), "".join(filter(None, m.groups()[1:]))) for m in found if m]
    return Music(tempi, meters, regions[::2])  # each has its start and its end


def _dawproject(path: str) -> Music:
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo("project.xml").file_size > _LARGEST:
            raise ValueError("it is too large")
        text = archive.read("project.xml")
    if b"<!DOCTYPE" in text:
        raise ValueError("it has a document type")
    found = ElementTree.fromstring(text).find("Arrangement")
    if found is None:
        raise ValueError("it has no arrangement")

    def number(point: ElementTree.Element, key: str) -> float:
        return float(point.attrib[key])

    tempi = _steps(
        [(number(p, "time"), number(p, "value")) for p in found.iterfind("TempoAutomation/RealPoint")]
    )
    meters = [
        (number(p, "time"), 4 * number(p, "numerator") / number(p, "denominator"))
        for p in found.iterfind("TimeSignatureAutomation/TimeSignaturePoint")
    ]
    markers = [
        (seconds_at(tempi, number(mark, "time")), mark.attrib["name"])
        for mark in found.iterfind("Markers/Marker")
    ]
    return Music(tempi, meters, markers[:-1])


def _read_music(reader: Callable[[str], Music]) -> Callable[[str], ReadBack]:
    def read(path: str) -> ReadBack:
        music = reader(path).check()
        return ReadBack(music.bar_lines(), music.sections)

    return read


def _labels(path: str) -> ReadBack:
    with open(path, encoding="utf-8", newline="") as file:
        *lines, rest = file.read(_LARGEST).split("\n")
    if rest:
        raise ValueError("its last line is not whole")
    labels = [(float(start), float(end), text) for start, end, text in (line.split("\t") for line in lines)]
    if labels != sorted(labels, key=lambda label: label[0]) or any(end < start for start, end, _ in labels):
        raise ValueError("its labels are not in order")
    return ReadBack(None, [(start, text) for start, end, text in labels if end > start])


def _table(path: str) -> ReadBack:
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    firsts = [float(next(bar)["seconds"]) for _, bar in groupby(rows, lambda row: int(row["bar"]))]
    return ReadBack(chain(firsts, [math.inf]), None)


_READERS: dict[str, Callable[[str], ReadBack]] = {
    "mid": _read_music(_midi),
    "rpp": _read_music(_rpp),
    "dawproject": _read_music(_dawproject),
    "txt": _labels,
    "csv": _table,
}
"""The reader of each format, by the ending of its files."""
