"""A recording in figures: format, levels, tempo, first beat, bar line and key, and the YAML of a song made to it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from stemwright.audio import AudioFile
from stemwright.base.printable import printable
from stemwright.measure import measure
from stemwright.measure.beats import Beats, Fold, find_beats, rank_tempi
from stemwright.measure.chroma import Chroma, key_correlation, ranked_keys, why_no_key
from stemwright.measure.imports import FlatTops, WordLength
from stemwright.measure.levels import Finite, Levels
from stemwright.measure.loudness import Loudness
from stemwright.measure.onsets import ACCURACY_S, Onsets
from stemwright.measure.rms import Rms
from stemwright.measure.spectrum import Spectrum
from stemwright.measure.stereo import Stereo
from stemwright.measure.true_peak import TruePeak
from stemwright.validation.yaml import quoted

_WALL_DB, _WALL_HZ, _NYQUIST = 20.0, 19_000.0, 0.45  # as in the gate of bandwidth
METERS = {4.0: "4/4", 3.0: "3/4", 5.0: "5/4", 3.5: "7/8", 2.0: "2/4"}
"""Time signatures by the quarters of a bar."""

_SHOWN = 0.05  # of the evidence: less probable tempi are not shown
_ONE_SHOT_S = 4.0  # what is shorter and has no tempo is no song
_FEWEST_NOTES = 3  # of what may have a key, if a doubtful one
_FEWEST, _LOOP_BPM = 4, 70.0  # onsets of a loop, and the slowest tempo that it is taken to have


@dataclass(frozen=True)
class Recording:
    """What is known of a recording. What does not apply, or cannot be measured, is None.

    Attributes
    ----------
    file : str
        Its path.
    format, sample_format : str
        Format (with its codec) and sample format, as declared.
    sample_rate, channels, frames : int
        The sample rate in Hz, the channels and the length.
    bits : int or None
        How many bits the samples need; None if 32 are not enough.
    remarks : list of str
        What is wrong with it: damage, a lossy history, clipping, two channels that are one.
    integrated, true_peak, sample_peak, noise_floor : float or None
        In LUFS, dBTP, dBFS and dBFS.
    onsets : int
        How many onsets were found.
    tempi : list of Fold
        The folds of its tempo, the most probable first; empty if it has none.
    beats : Beats or None
        Its beats at the first of them.
    key, key_correlation : str or None, float or None
        Its key, and how well the profile of the key correlates with the sound.
    next_key : str or None
        The next best key that has not the same scale.
    no_key : str
        Why it has no key, or why this one is doubtful.
    """

    file: str
    format: str
    sample_format: str
    sample_rate: int
    channels: int
    frames: int
    bits: int | None
    remarks: list[str]
    integrated: float | None
    true_peak: float | None
    sample_peak: float | None
    noise_floor: float | None
    onsets: int
    tempi: list[Fold]
    beats: Beats | None
    key: str | None
    key_correlation: float | None
    next_key: str | None
    no_key: str

    @property
    def seconds(self) -> float:
        """The length in s."""
        return self.frames / self.sample_rate

    def record(self) -> dict:
        """All of it as plain data for JSON; `yaml` is the text that aligns a song with it."""
        return {**asdict(self), "seconds": self.seconds, "yaml": self.yaml()}

    def yaml(self) -> str:
        """The keys of a song that is made to this recording, from `Beats.bar_1` on.

        "" for a one-shot, and for what songs refuse: silence, and samples that are not finite.
        """
        if self.integrated is None or (not self.beats and self.seconds < _ONE_SHOT_S):
            return ""
        where = [f"file: {quoted(self.file)}"]
        lines, why = [], ""
        if self.beats:
            meter = METERS[self.beats.quarters]
            lines.append(f"bpm: {_number(self.beats.bpm)}")
            lines += [f"meter: {meter}"] if meter != "4/4" else []
            at = _from_start(self.beats.bar_1)
            if at:
                where.append(f"start: {_number(at, 4)} s" if at > 0 else f"at: {_number(-at, 4)} s")
            why = " # it begins within bar 1: its first bar line is that of bar 2" if at < 0 else ""
        lines += [f"key: {self.key}"] if self.key else []
        lines.append(f"length: reference{self._bars()}")
        return "\n".join([*lines, f"reference: {{{', '.join(where)}}}{why}"]) + "\n"

    def _bars(self) -> str:
        if not self.beats:
            return ""
        bars = (self.seconds - _from_start(self.beats.bar_1)) * self.beats.bpm / 60 / self.beats.quarters
        return f" # {bars:.2f} bars"

    def text(self) -> str:
        """All of it as lines for a person, fit for a terminal."""
        lines = [f"{printable(self.file)}:"]
        lines += [f"  {name:<11} {what}" for name, what in self._lines()]
        if keys := self.yaml():
            lines += [
                "",
                "  To make a song to it:",
                "",
                *(f"  {printable(line)}" for line in keys.splitlines()),
            ]
        return "\n".join(lines) + "\n"

    def _lines(self) -> Iterator[tuple[str, str]]:
        channels = "mono" if self.channels == 1 else "stereo"
        holds = f", of which {self.bits} are used" if self._has_idle_bits else ""
        form = (
            self.format
            if self.sample_format in self.format.upper()
            else f"{self.format}, {self.sample_format}"
        )
        yield "format", f"{form}{holds}; {self.sample_rate:,} Hz, {channels}"
        yield "length", f"{self.seconds:.3f} s ({self.frames:,} frames)"
        levels = [
            f"{level:.1f} {unit}"
            for level, unit in (
                (self.integrated, "LUFS integrated"),
                (self.true_peak, "dBTP true peak"),
                (self.sample_peak, "dBFS sample peak"),
                (self.noise_floor, "dBFS noise floor"),
            )
            if level is not None
        ]
        yield "level", ", ".join(levels) or "silence"
        if not self.beats:
            onsets = f"{self.onsets} onset" + ("" if self.onsets == 1 else "s")
            yield "tempo", f"none: {onsets}, too few or without a steady pulse{self._as_loop()}"
        else:
            steady = "steady" if self.beats.is_steady else "at its beginning: it is not steady"
            yield (
                "tempo",
                f"{_number(self.beats.bpm)} BPM ({_percent(self.tempi[0].share)}), {steady}{self._folds()}",
            )
            yield "first beat", _place(self.beats.first_beat)
            sure = _percent(self.beats.sureness)
            pickup = f"; {self.beats.pickup:.3f} s of pick-up before it" if self.beats.has_pickup else ""
            yield (
                "bar line",
                f"{_place(self.beats.downbeat)} ({sure}), of {METERS[self.beats.quarters]}{pickup}",
            )
        if self.key is None:
            yield "key", f"none: {self.no_key}"
        else:
            doubt = f"; doubtful: {self.no_key}" if self.no_key else ""
            yield "key", f"{self.key} (r {self.key_correlation:.2f}; next: {self.next_key}{doubt})"
        for remark in self.remarks:
            yield "remark", remark

    def _as_loop(self) -> str:
        """The tempo of a short file if its length is 2, 4, 8, … beats, at 70 to 140 BPM."""
        beats = 2 ** math.ceil(math.log2(_LOOP_BPM / 60 * self.seconds))
        if self.onsets < _FEWEST or not 2 <= beats <= 64:
            return ""
        return f"; if it is a loop of {beats} beats: {_number(60 * beats / self.seconds, 2)} BPM"

    @property
    def _has_idle_bits(self) -> bool:
        declared = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 25, "DOUBLE": 33}
        return (
            self.bits is not None
            and bool(self.sample_peak)
            and self.bits < declared.get(self.sample_format, 0)
        )

    def _folds(self) -> str:
        first = self.tempi[0].bpm
        others = [fold for n, fold in enumerate(self.tempi[1:], 1) if n == 1 or fold.share >= _SHOWN]
        said = ", ".join(f"{_number(f.bpm, 2)} ({_fold(f.bpm / first)}, {_percent(f.share)})" for f in others)
        return f"; or {said}" if said else ""


def examine(path: str) -> Recording:
    """Measure a recording.

    Raises AudioFileError if it is not audio, or cannot be decoded.
    """
    with AudioFile(path, lenient=True) as file:
        is_8_bit = file.subtype in ("PCM_U8", "PCM_S8")
    onsets, chroma, loudness, true_peak, levels, rms = (
        Onsets(),
        Chroma(),
        Loudness(),
        TruePeak(),
        Levels(),
        Rms(),
    )
    spectrum, bits, tops, finite, stereo = (
        Spectrum(),
        WordLength(),
        FlatTops(2.0 ** -(7 if is_8_bit else 15)),
        Finite(),
        Stereo(),
    )
    file = measure(
        path, [onsets, chroma, loudness, true_peak, levels, rms, spectrum, bits, tops, finite, stereo]
    )
    remarks = []
    if file.container.problem:
        remarks.append(f"damaged: {printable(file.container.problem)}")
    if finite.bad:
        remarks.append(f"samples that are not finite: {finite.bad:,}; it cannot be measured; export it again")
    if file.container.is_lossy:
        remarks.append(f"lossy ({file.container.kind}): get the original recording if there is one")
    elif finite.bad == 0 and (wall := _wall(spectrum)):
        remarks.append(
            f"its spectrum ends in a wall at {wall:,.0f} Hz: it was encoded with a lossy codec, or had a lower "
            "sample rate"
        )
    if is_8_bit or (bits.is_8_bit and not file.container.is_lossy):
        remarks.append("its samples have 8 bits")
    if tops.runs and not file.container.is_lossy and (is_8_bit or not bits.is_8_bit):
        remarks.append(f"clipped: {tops.runs:,} flat tops")
    left, right, both = stereo.total
    if file.channels == 2 and left == right == both > 0:
        remarks.append("both channels are equal: it is mono")
    known: dict[str, Any] = {"tempi": [], "beats": None}
    if not finite.bad:
        tempi = rank_tempi(onsets.seconds, onsets.strengths, onsets.colours)
        beats = find_beats(onsets.seconds, onsets.colours, tempi[0].bpm) if tempi else None
        known = {"tempi": tempi if beats else [], "beats": beats}
    return Recording(
        file=path,
        format=file.container.kind,
        sample_format=file.subtype,
        sample_rate=file.rate,
        channels=file.channels,
        frames=levels.frames,
        bits=None if file.container.is_lossy else bits.bits,
        remarks=remarks,
        integrated=_level(loudness.integrated),
        true_peak=_level(true_peak.true_peak),
        sample_peak=_level(20 * math.log10(levels.peak)) if levels.peak else None,
        noise_floor=_level(rms.noise_floor),
        onsets=0 if finite.bad else len(onsets.seconds),
        **known,
        **_key(levels.frames / file.rate, chroma, bool(finite.bad)),
    )


def _key(seconds: float, chroma: Chroma, is_broken: bool) -> dict[str, Any]:
    windows = seconds, chroma.chroma, chroma.partials
    no_key = "a sample is not finite" if is_broken else why_no_key(*windows, notes=_FEWEST_NOTES)
    if no_key:
        return {"key": None, "key_correlation": None, "next_key": None, "no_key": no_key}
    total = chroma.chroma.sum(axis=0)
    key, *others = ranked_keys(total)
    return {
        "key": key,
        "key_correlation": key_correlation(total, key),
        "next_key": others[0],
        "no_key": why_no_key(*windows),
    }


def _wall(spectrum: Spectrum) -> float | None:
    wall = spectrum.brickwall_hz(_WALL_DB) if spectrum.windows else None
    return wall if wall is not None and wall < min(_WALL_HZ, _NYQUIST * spectrum.rate) else None


def _level(level: float | None) -> float | None:
    return None if level is None or not math.isfinite(level) else round(level, 2)


def _percent(share: float) -> str:
    return f"{round(100 * share)} %"


def _number(value: float, digits: int = 3) -> str:
    """A number with so many decimals at most."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


def _from_start(at: float) -> float:
    """A time in s, 0 for one that cannot be told from the start of the file."""
    return 0.0 if abs(at) < ACCURACY_S else at


def _place(at: float) -> str:
    return f"{at:.4f} s" if _from_start(at) else "0 s"


def _fold(ratio: float) -> str:
    names = {
        2: "x2",
        1 / 2: "x1/2",
        3 / 2: "x3/2",
        2 / 3: "x2/3",
        3 / 4: "x3/4",
        4 / 3: "x4/3",
        3: "x3",
        1 / 3: "x1/3",
        4: "x4",
        1 / 4: "x1/4",
        9 / 8: "x9/8",
        8 / 9: "x8/9",
    }
    near = min(names, key=lambda factor: abs(np.log(ratio / factor)))
    return names[near] if abs(ratio / near - 1) < 0.02 else f"x{ratio:.2f}"
