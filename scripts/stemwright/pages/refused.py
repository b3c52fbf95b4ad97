"""The page of a refused file: which check, where in the file, measured against limit, and what to do.

It is one file beside the ledger, `RESULTS/SONG/refused/STAGE/FILE.html`, there as long as the file is refused. What is
heard in it is lossless: a codec would smear a click.
"""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any
from urllib.parse import quote

import numpy as np
import soundfile as sf

from stemwright.audio import AudioFile
from stemwright.base.clock import clock
from stemwright.base.decibels import decibels
from stemwright.base.files import atomic_write, read_json
from stemwright.base.printable import printable
from stemwright.gates import Check, Verdict
from stemwright.pages.encoded import base64_text
from stemwright.pages.peaks import Peaks
from stemwright.pages.render import render
from stemwright.pages.words import amount, check_in_words, stage_name
from stemwright.records.paths import refused_page_of
from stemwright.validation import registry

_HEARD = 8
"""So many places can be played; more would make the page large. All are marked."""

_AROUND_S, _LONGEST_S = 1.5, 3.0
"""What is played before and after a place, and how much of a long one."""

_SEEN_S = 0.05
"""What is drawn sample by sample before and after a place; of one that is longer than both, nothing is."""

_LARGEST = 1_000.0


@dataclass(frozen=True)
class _Place:
    """Where something is: the check that found it, its first frame and its number of frames."""

    check: Check
    first: int
    frames: int


def write_refused_page(ledger: str, verdict: Verdict, time: Mapping[str, Any]) -> str:
    """Write the page of a refused file, atomically.

    Parameters
    ----------
    ledger : str
        The ledger of the file: the page lies beside it.
    verdict : Verdict
        What its gates have found.
    time : mapping
        `timeline`: the path of the song's timeline; `in_bars`: whether the song has a tempo. Empty for a file that is
        not in the song's time.

    Returns
    -------
    str
        The path of the page.

    Raises
    ------
    OSError
        If it cannot be written.
    AudioFileError
        If the file has changed since it was judged, and cannot be read any more.
    """
    page = refused_page_of(ledger)
    text = render("refused.html", _content(page, verdict, time))
    with atomic_write(page) as part:
        part.write_text(text, encoding="utf-8")
    return page


def _content(page: str, verdict: Verdict, time: Mapping[str, Any]) -> dict[str, Any]:
    """What the page says, as its template needs it."""
    subject, form = verdict.subject, verdict.format
    artifact = subject.path.removeprefix(subject.root)
    failed = [check for check in verdict.checks if check.status == "fail"]
    warned = [check for check in verdict.checks if check.status == "warn"]
    timeline = _Timeline(subject.root, time)
    rate = form["sample_rate"] if form else timeline.rate
    places = [_Place(check, *place) for check in (*failed, *warned) for place in check.places] if rate else []
    chosen = _chosen([*failed, *warned]) if rate else []
    told = [{**_told(each, rate, timeline), "number": number} for number, each in enumerate(chosen, 1)]
    sound = _sound(subject.path, form, chosen) if form else {"places": [{} for _ in chosen]}
    return {
        "artifact": artifact,
        "file": os.path.basename(artifact),
        "stage": stage_name(subject.kind or subject.stage),
        "link": quote(os.path.relpath(artifact, os.path.dirname(page))),
        "form": _in_words(form) if form else "",
        "causes": [_explained(check, told) for check in failed],
        "warnings": [_explained(check, told) for check in warned],
        "checks": [check_in_words(check.record()) for check in verdict.checks],
        "places": told,
        "marked": len(places),
        "is_audio": form is not None,
        "data": {
            "seconds": form["frames"] / rate if form else 0,
            "view": sound.get("view"),
            "marks": [[each.first / rate, each.frames / rate, each.check.status] for each in places],
            "places": [{**one, **more} for one, more in zip(told, sound["places"], strict=True)],
        },
    }


def _chosen(checks: Iterable[Check]) -> list[_Place]:
    """The places that can be played, in order of time: the first of each check, then the second of each, and so on."""
    rounds = zip_longest(*([_Place(check, *place) for place in check.places[:_HEARD]] for check in checks))
    chosen = [place for each in rounds for place in each if place]
    return sorted(chosen[:_HEARD], key=lambda place: (place.first, place.frames))


# In words


def _explained(check: Check, told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A check with what its gate is for, and where the file does not pass it."""
    gate = check.id.partition(".")[0]
    is_gate = gate in registry.kinds("stemwright.gates")
    about = (registry.load("stemwright.gates", gate).__doc__ or "").partition("\n\n")[0] if is_gate else ""
    return {
        **check_in_words(check.record()),
        "about": " ".join(about.replace("`", "").split()),
        "gate": gate if is_gate else "",
        "places": [each for each in told if each["check"] == check.id],
        "more": len(check.places),
    }


def _told(place: _Place, rate: int, timeline: _Timeline) -> dict[str, Any]:
    """A place in words: bar, beat and section, if there are such, and time."""
    seconds = place.first / rate
    length = place.frames / rate
    return {
        "check": place.check.id,
        "status": place.check.status,
        "where": timeline.describe(seconds) or f"at {clock(seconds, 3)}",
        "clock": clock(seconds, 3),
        "length": ""
        if place.frames < 2
        else amount(round(length, 2), "s")
        if length >= 1
        else amount(round(1000 * length, 2), "ms"),
        "frame": f"{place.first:,}",
        "at": seconds,
        "seconds": length,
    }


def _in_words(form: Mapping[str, Any]) -> str:
    channels = "mono" if form["channels"] == 1 else "stereo"
    length = clock(form["frames"] / form["sample_rate"], 3)
    return f"{length}, {form['sample_rate']:,} Hz, {channels}, {form['subtype']}"


class _Timeline:
    """The bars and sections of a song, from its `timeline.json`; none if a file is not in the song's time."""

    def __init__(self, root: str, time: Mapping[str, Any]):
        self._path, self._in_bars = root + time.get("timeline", ""), time.get("in_bars", False)

    @cached_property
    def _document(self) -> dict[str, Any]:
        try:
            return read_json(self._path) if os.path.isfile(self._path) else {}
        except ValueError:  # damaged, which is not what this page is about
            return {}

    @property
    def rate(self) -> int:
        """Its sample rate; 0 if there is none."""
        return self._document.get("sample_rate", 0)

    def describe(self, seconds: float) -> str:
        """A time as `bar 41, beat 3, chorus`; "" if nothing is known."""
        frame = round(seconds * self.rate)
        return ", ".join([*self._beat(frame), *self._section(frame)])

    def _beat(self, frame: int) -> Iterator[str]:
        beats = self._document.get("beats", ()) if self._in_bars else ()
        index = bisect_right(beats, frame, key=lambda beat: beat["frame"]) - 1
        if index < 0:
            return
        here, following = beats[index], beats[index + 1 : index + 2]
        end = following[0]["frame"] if following else self._document["frames"]
        part = (frame - here["frame"]) / max(1, end - here["frame"])
        if following or part < 1:
            yield f"bar {here['bar']}" if here["bar"] else "pick-up"
            yield f"beat {min(here['beat'] + part, here['beat'] + 0.99):.2f}".rstrip("0").rstrip(".")

    def _section(self, frame: int) -> Iterator[str]:
        for section in self._document.get("sections", ()):
            if section["start_frame"] <= frame < section["end_frame"]:
                yield printable(section["name"])


# Sound


class _Cut:
    """A part of a file, cut out while all of it is read."""

    def __init__(self, first: int, end: int, frames: int, channels: int):
        self.first, self.end = max(0, first), min(end, frames)
        self.samples = np.zeros((max(0, self.end - self.first), channels))

    def feed(self, at: int, block: np.ndarray) -> None:
        """Take what is in a block that begins at a frame."""
        start, end = max(self.first, at), min(self.end, at + len(block))
        if start < end:
            self.samples[start - self.first : end - self.first] = block[start - at : end - at]


def _sound(path: str, form: Mapping[str, Any], places: Sequence[_Place]) -> dict[str, Any]:
    """The waveform of a file, and of each place what is played and what is drawn sample by sample; read in one pass."""
    rate, frames, channels = form["sample_rate"], form["frames"], form["channels"]
    around, longest, seen = (round(seconds * rate) for seconds in (_AROUND_S, _LONGEST_S, _SEEN_S))

    def cut(place: _Place, side: int, most: int) -> _Cut:
        return _Cut(place.first - side, place.first + min(place.frames, most) + side, frames, channels)

    heard = [cut(place, around, longest) for place in places]
    drawn = [cut(place, seen, 2 * seen) for place in places]
    peaks = Peaks(frames)
    with AudioFile(path, lenient=True) as file:
        at = 0
        for block in file.blocks():
            block = np.clip(np.nan_to_num(block, nan=0.0), -_LARGEST, _LARGEST)
            peaks.feed(block)
            for part in (*heard, *drawn):
                part.feed(at, block)
            at += len(block)
    return {
        "view": peaks.data(),
        "places": [
            {"audio": _audio(sound, rate), "detail": _detail(detail, place, rate)}
            for place, sound, detail in zip(places, heard, drawn, strict=True)
        ],
    }


def _audio(cut: _Cut, rate: int) -> dict[str, Any]:
    """What is played, as FLAC; turned down if it exceeds full scale."""
    peak = float(np.abs(cut.samples).max(initial=0))
    file = io.BytesIO()
    sf.write(file, cut.samples / max(1.0, peak), rate, format="FLAC", subtype="PCM_16")
    return {
        "from": cut.first / rate,
        "flac": base64_text(file.getvalue()),
        "gain_db": round(-decibels(peak), 1) if peak > 1 else 0,
    }


def _detail(cut: _Cut, place: _Place, rate: int) -> dict[str, Any] | None:
    """The samples around a place, full scale their own peak; None for a place that is too long to be drawn so."""
    if place.frames > 2 * _SEEN_S * rate:
        return None
    peak = float(np.abs(cut.samples).max(initial=0)) or 1.0
    return {
        "from": cut.first / rate,
        "rate": rate,
        "channels": cut.samples.shape[1],
        "peak": peak,
        "samples": base64_text(np.rint(cut.samples / peak * 32_767).astype("<i2")),
    }
