"""Seam: a loop can follow itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from stemwright.audio import AudioFile
from stemwright.gates._base import Check, Gate, Subject
from stemwright.measure.clicks import Clicks
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong

_STEP_S, _BESIDE, _NEAR = 0.005, 10, 6  # steps: on each side, and of the seam
_FLOOR_DBFS, _USUAL_DB = -60.0, 6.0
_NEAR_S = 0.3  # what is listened to before and after the seam
_SEAM_S = 0.005


@dataclass(frozen=True)
class Seam(Gate):
    """A loop that is repeated has no click and no drop where its end meets its start.

    Its last and first 0.3 s are joined, and judged as by the gate `click` within 5 ms of the seam. A drop is where the
    level of 10 ms, within 25 ms of the seam, is under that of both the 50 ms before and after. Rests between notes are
    drops, too: so the seam fails only if its drop is 6 dB deeper than all others in the loop.

    Source: our own; a codec that adds silence at its ends makes a drop of 20 dB and more. Remedy: deliver the loop in a
    format without a delay (WAV, FLAC, Ogg), or loop another passage.
    """

    example = "{drop_db: 12}"

    stages = ("mix", "master", "delivered")
    needs = "a loop"

    over_db: Annotated[
        float, Field("The least level of a click over the floor of the residual.", "dB", ge=10, le=120)
    ] = 30.0
    drop_db: Annotated[float, Field("The greatest drop in level at the seam.", "dB", ge=3, le=60)] = 9.0

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Files of a loop."""
        return super().applies(song, artifact) and bool(song.cut and song.cut.is_loop)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        with AudioFile(subject.path) as file:
            near = min(round(_NEAR_S * file.rate), file.frames)
            clicks = Clicks(self.over_db)
            clicks.start(file.rate, file.channels)
            for block in (*file.blocks(file.frames - near, near), *file.blocks(0, near)):
                clicks.feed(block)
            powers = _powers(file.blocks(), file.frames, max(1, round(file.frames / (_STEP_S * file.rate))))
            ends = [(file.frames - 1, 1), (0, 1)]
        found = [over for at, over in clicks.found if abs(at - near / clicks.rate) <= _SEAM_S]
        if not clicks.finite or not np.isfinite(powers).all():
            return [self.not_finite("seam.click", "clicks"), self.not_finite("seam.drop", "dB")]
        remedy = "loop another passage, or take out what moves at another pace (an LFO, a sample)"
        if subject.format.get("container") in ("MP3", "OPUS", "AAC"):
            remedy = "deliver it as WAV, FLAC or OGG: this codec begins anew at the start of the file"
        limit = f"= 0 over {self.over_db:g} dB"
        return [
            Check(
                "seam.click",
                self.failed() if found else "pass",
                len(found),
                "clicks",
                limit,
                "",
                remedy,
                ends,
            ),
            replace(self._drop(powers), places=ends),
        ]

    def _drop(self, powers: np.ndarray) -> Check:
        limit = f"<= {self.drop_db:g}, or {_USUAL_DB:g} over the others in it"
        if len(powers) < 4 * _BESIDE:
            return Check("seam.drop", "skip", reason="the loop is shorter than 0.2 s")
        drops = _drops(powers)
        seam, others = max(drops[:_NEAR].max(), drops[1 - _NEAR :].max()), drops[_NEAR : 1 - _NEAR].max()
        fails = seam > self.drop_db and seam > others + _USUAL_DB
        reason = f"the deepest drop elsewhere is {others:.1f} dB" if fails else ""
        remedy = "deliver it as WAV, FLAC or Ogg, whose ends meet, or loop another passage"
        status = self.failed() if fails else "pass"
        return Check("seam.drop", status, round(float(seam), 1), "dB", limit, reason, remedy)


def _powers(blocks: Iterable[np.ndarray], frames: int, steps: int) -> np.ndarray:
    """The mean power of each of some equal steps of a file, shape (steps,)."""
    total, at = np.zeros(steps), 0
    for block in blocks:
        step = (np.arange(at, at + len(block)) * steps) // frames
        total += np.bincount(step, (block**2).mean(axis=1), steps)
        at += len(block)
    return total * steps / frames


def _drops(powers: np.ndarray) -> np.ndarray:
    """How far in dB 10 ms at each border of two steps are under the 50 ms before and after, in a circle; the first is
    the seam. None where one of these is silent.
    """
    means = np.convolve(np.concatenate((powers, powers[: _BESIDE - 1])), np.ones(_BESIDE) / _BESIDE, "valid")
    beside = np.minimum(np.roll(means, _BESIDE + 1), np.roll(means, -1))
    here = np.maximum((powers + np.roll(powers, 1)) / 2, 1e-20)
    return np.where(beside < 10 ** (_FLOOR_DBFS / 10), 0.0, 10 * np.log10(np.maximum(beside, 1e-20) / here))
