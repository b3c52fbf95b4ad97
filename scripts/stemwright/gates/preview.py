"""Preview: what a page draws and plays of a track is the track."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from stemwright.audio import AudioFile, reblock
from stemwright.base.decibels import decibels
from stemwright.delivery.encoding import Sound, converted
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.gates._track import array_problem, highest_peak, read_chunks, read_drawn
from stemwright.mixing.faders import Faders, read_levels
from stemwright.mixing.sums import summed
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_BYTES_A_MINUTE, _BYTES = 600_000, 10_000  # of the audio of a track; of one that is shorter than a second
_TOO_QUIET_DBFS = -70.0  # RMS under which a codec may leave everything out
_LOUDER_DB = 6.0  # than what is too quiet to be compared, at most
_REMEDY = "another program wrote this file: delete it; the next run makes it again"
_STEP = 1 / 127  # of drawn peaks
_ADDED_DB = 3.0  # what the codec may add to wide noise: it was 2.3 dB
_LOWS = 8  # samples that are added up: below 1.5 kHz at 24 kHz


@dataclass(frozen=True)
class Preview(Gate):
    """What a page draws and plays of a strip or a whole is that sound: its length, its peak, its level and, by their
    correlation, its samples, in each chunk of 10 s. Its audio is no more than 0.6 MB a minute.

    Of a strip, it is compared with what the strip adds to what it feeds. A chunk under -70 dBFS is only to be as quiet.
    The level is the nearest to the expected one that explains what was found, since codecs add noise, or leave out.

    Of a chunk whose sides have more than twice the power of the middle, the level alone is judged: there, Vorbis keeps
    the power of high sounds, but not their phase.

    Source: our own. Of music, the correlation was at least 0.97; of white noise in stereo, 0.7. Remedy: delete the
    file; the next run makes it again.
    """

    example = "{max_level_db: 0.5}"

    stages = ("preview",)
    needs = "a song"

    max_level_db: Annotated[float, Field("How far the level of a chunk may be off.", "dB", ge=0.1, le=6)] = (
        1.0
    )
    min_correlation: Annotated[float, Field("The correlation that each chunk must have.", ge=0, le=1)] = 0.3

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`track`: its ID, and of a strip the faders through which it is heard."""
        way = {"faders": song.routing.way(artifact.stem).to_dict()} if artifact.stem else {}
        return {"track": {"id": artifact.name, **way}}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`heard`: what is played; `levels`: those that its faders found."""
        levels = {"levels": artifact.inputs["levels"]} if "levels" in artifact.inputs else {}
        return {"heard": artifact.inputs["audio"][-1:], **levels}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (path,) = subject.inputs["heard"]
        try:
            track = read_drawn(subject.path)
            with AudioFile(path) as file:
                checks = self._drawn(subject, track, file)
                if not all(check.status == "pass" for check in checks):
                    return checks
                return [*checks, *self._played(subject, track, file)]
        except (ValueError, LookupError, TypeError, ArithmeticError) as error:
            why = f"cannot be read as a track: {error}"
            return [Check("preview.format", self.failed(), reason=why, remedy=_REMEDY)]

    def _drawn(self, subject: Subject, track: Mapping[str, Any], file: AudioFile) -> list[Check]:
        audio = _audio_of(subject.path)
        found = f"{track['id']}: {track['frames']} frames at {track['rate']} Hz"
        limit = f"{subject.context['track']['id']}: {file.frames} frames at {file.rate} Hz"
        problem = next(filter(None, (array_problem(view, file.frames) for view in track["views"])), "")
        size = os.path.getsize(audio)
        most = round(_BYTES_A_MINUTE * file.frames / file.rate / 60) + _BYTES
        return [
            self._check("format", found == limit and not problem, found, "", f"= {limit}", problem),
            self._check("size", size <= most, size, "bytes of audio", f"<= {most:,}"),
        ]

    def _played(self, subject: Subject, track: Mapping[str, Any], file: AudioFile) -> Iterator[Check]:
        sound, peak = _expected(subject, file, track["audio"]["rate"])
        compared = _compare(track, read_chunks(_audio_of(subject.path), track["id"]), sound)
        offs = [chunk.off_db for chunk in compared]
        worst = max(offs, key=abs)
        yield self._check(
            "level", abs(worst) <= self.max_level_db, round(worst, 2), "dB", f"within ±{self.max_level_db:g}"
        )
        likeness = min(chunk.correlation for chunk in compared)
        yield self._check(
            "likeness",
            likeness >= self.min_correlation,
            round(likeness, 4),
            "",
            f">= {self.min_correlation:g}",
        )
        drawn = highest_peak(track["views"][-1])
        off = abs(drawn - min(peak[0], 1.0))
        yield self._check("peak", off <= _STEP, round(drawn, 3), "of full scale", f"= {min(peak[0], 1):.3f}")

    def _check(
        self, name: str, holds: bool, found: float | str, unit: str, limit: str, reason: str = ""
    ) -> Check:
        status = "pass" if holds else self.failed()
        return Check(f"preview.{name}", status, found, unit, limit, reason, _REMEDY)


def _audio_of(path: str) -> str:
    """The file with the audio of a track, beside the one with its drawings."""
    return f"{path.removesuffix('.js')}.audio.js"


def _expected(subject: Subject, file: AudioFile, rate: int) -> tuple[Sound, list[float]]:
    """What is to be heard, at the rate of the preview; and, once that was read, its highest peak before the faders."""
    levels = read_levels(subject.inputs.get("levels", ()))
    faders = Faders.from_dict(subject.context["track"].get("faders", {}), file.channels, levels)
    peak = [0.0]

    def read() -> Iterator[list[np.ndarray]]:
        for block in file.blocks():
            peak[0] = max(peak[0], float(block.max()), -float(block.min()))
            yield [block]

    sound = Sound(lambda: summed(read(), [faders]), file.rate, file.channels, file.frames)
    return converted(sound, rate, file.channels), peak


@dataclass(frozen=True)
class _Compared:
    """A chunk: how far its level is off in dB, and its correlation with what was expected."""

    off_db: float
    correlation: float


def _compare(
    track: Mapping[str, Any], chunks: Iterator[tuple[np.ndarray, int]], sound: Sound
) -> list[_Compared]:
    """Compare each chunk, but for its overlaps. Raises ValueError for one of another length, rate or number."""
    form = track["audio"]
    size, overlap = form["chunk_frames"], form["overlap_frames"]
    if form["frames"] != sound.frames or form["chunks"] != -(-sound.frames // size):
        raise ValueError(
            f"declares {form['chunks']} chunks of {form['frames']:,} frames, expected {sound.frames:,}"
        )
    found = []
    at = 0
    for number, expected in enumerate(reblock(sound.blocks(), size), 1):
        samples, rate = next(chunks, (np.zeros((0, 1)), 0))
        before = min(at, overlap)
        after = min(overlap, sound.frames - at - len(expected))
        if rate != form["rate"] or len(samples) != before + len(expected) + after:
            raise ValueError(
                f"chunk {number} decodes to {len(samples):,} frames at {rate:,} Hz, expected "
                f"{before + len(expected) + after:,} at {form['rate']:,}"
            )
        found.append(_compared(expected, samples[before : before + len(expected)]))
        at += len(expected)
    if next(chunks, None) is not None:
        raise ValueError(f"has more than {len(found)} chunks")
    return found


def _compared(expected: np.ndarray, samples: np.ndarray) -> _Compared:
    samples = np.broadcast_to(samples, expected.shape)  # a chunk is mono where both channels are equal
    power, product, its_power = _products(expected, samples)
    before, after = (decibels(math.sqrt(each / expected.size)) for each in (power, its_power))
    if before < _TOO_QUIET_DBFS:
        return _Compared(max(0.0, after - _TOO_QUIET_DBFS - _LOUDER_DB), 1.0)
    correlation = _correlation(power, product, its_power)
    if _is_wide(expected, power):
        off_db = after - before
        return _Compared(off_db - min(max(off_db, 0.0), _ADDED_DB), 1.0)
    if correlation <= 0:
        return _Compared(after - before, correlation)
    added = decibels(product / power)  # what is expected, and noise: least squares
    left_out = added - 2 * decibels(correlation)  # what is expected, without a part of it
    off_db = min(max(0.0, added), left_out)
    return _Compared(off_db, max(correlation, _correlation(*_products(_lows(expected), _lows(samples)))))


def _is_wide(samples: np.ndarray, power: float) -> bool:
    """Whether the sides have more than twice the power of the middle."""
    return samples.shape[1] == 2 and float(np.vdot(*samples.T)) < -power / 6


def _products(a: np.ndarray, b: np.ndarray) -> tuple[float, float, float]:
    return float(np.vdot(a, a)), float(np.vdot(a, b)), float(np.vdot(b, b))


def _correlation(power: float, product: float, its_power: float) -> float:
    return product / math.sqrt(power * its_power) if power and its_power else 0.0


def _lows(samples: np.ndarray) -> np.ndarray:
    """The low part of a sound: in the high one, Vorbis keeps the power of what is wide, but hardly its phase."""
    whole = len(samples) // _LOWS * _LOWS
    return samples[:whole].reshape(-1, _LOWS, samples.shape[1]).sum(axis=1)
