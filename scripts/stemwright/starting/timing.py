"""The tempo and the key of recordings as a new song has them: only what is certain, and a remark on the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial, reduce
from pathlib import Path

import numpy as np

from stemwright.audio import Stream, resample, resampled_frames, write_audio
from stemwright.inspection.sounds import Sound, padded_blocks
from stemwright.measure.recording import METERS, Recording, examine
from stemwright.starting.folder import Take

_SURE = 0.6  # the share of the evidence from which on a tempo is taken
_NEAR_S = 0.015  # how far beats may be from the grid: the attack of an onset, or the padding of a codec
_DRIFT_S = 0.015  # how far a round tempo may drift from the one that was measured, from beginning to end
_FEWEST_BEATS = 16


@dataclass
class Timing:
    """`bpm`, `meter` and `key` as YAML, "" where they are not certain, and remarks for comments."""

    bpm: str = ""
    meter: str = ""
    key: str = ""
    remarks: list[str] = field(default_factory=list)


def time_of(found: Recording) -> Timing:
    """The tempo of a recording that begins with the song, if its bar lines can be those of the song; and its key."""
    timing = Timing()
    beats = found.beats
    if not found.tempi or beats is None:
        timing.remarks.append("no steady tempo was found: without bpm, all is in seconds")
    else:
        first = found.tempi[0]
        if not beats.is_steady or first.share < _SURE or found.seconds * beats.bpm / 60 < _FEWEST_BEATS:
            others = " or ".join(f"{fold.bpm:.2f} ({fold.share:.0%})" for fold in found.tempi[:3])
            why = "" if beats.is_steady else ", and it is not steady"
            timing.remarks.append(
                f"its tempo may be {others}{why}: too uncertain to count bars by; if you know it, add bpm"
            )
        else:
            _on_the_grid(timing, found)
    if found.key and not found.no_key:
        timing.key = found.key
    else:
        maybe = f"it may be {found.key}, but that is doubtful" if found.key else "no key was found"
        timing.remarks.append(f"{maybe}: {found.no_key}")
    return timing


def _on_the_grid(timing: Timing, found: Recording) -> None:
    beats = found.beats
    assert beats is not None
    bpm = _round_tempo(beats.bpm, found.seconds)
    beat = 60 / float(Fraction(bpm))
    bar = beats.quarters * beat
    meter = METERS[beats.quarters]
    beat_off = beats.first_beat - round(beats.first_beat / beat) * beat
    bar_off = beats.downbeat - round(beats.downbeat / bar) * bar
    if abs(beat_off) > _NEAR_S:
        start = beats.downbeat % bar
        timing.remarks.append(
            f"its tempo is {bpm} BPM, but its beats are not where the files begin, so there is no bpm. To count bars, "
            f"move all stems by `at: {bar - start:.4f} s` (or `start: {start:.4f} s`, which cuts), and add `bpm: {bpm}`"
            + ("" if meter == "4/4" else f" and `meter: {meter}`")
        )
        return
    timing.bpm = bpm
    if abs(bar_off) > _NEAR_S:
        beats_late = round((beats.downbeat % bar) / beat)
        timing.remarks.append(
            f"bar 1 begins with the files, as in exports of most programs; what sounds like the first bar line "
            f"({beats.sureness:.0%}) is {beats_late} beat{'s' if beats_late > 1 else ''} later"
        )
    elif meter != "4/4":
        timing.meter = meter


def _round_tempo(bpm: float, seconds: float) -> str:
    """A tempo as people write it, if that does not drift from the one that was measured."""
    for digits in (0, 1, 2):
        near = round(bpm, digits)
        if abs(near / bpm - 1) * seconds <= _DRIFT_S:
            break
    else:
        near = round(bpm, 4)
    return f"{near:.4f}".rstrip("0").rstrip(".")


def examine_sum(stems: Mapping[str, Take], rate: int, copy: Path) -> Recording:
    """Measure the sum of stems.

    Parameters
    ----------
    stems : mapping of str to Take
        The stems.
    rate : int
        The sample rate of the sum, in Hz.
    copy : Path
        Where the sum may be written: mono, as it is needed for nothing else.

    Returns
    -------
    Recording
    """
    sounds = [take.sound for take in stems.values()]
    if len(sounds) == 1:
        return examine(sounds[0].path)
    frames = max(resampled_frames(sound.frames, sound.rate, rate) for sound in sounds)
    changes = {n: partial(_at_rate, rate, sound) for n, sound in enumerate(sounds)}
    total = (
        reduce(np.add, blocks) / len(sounds) for blocks in padded_blocks(sounds, frames, 1, changes=changes)
    )
    write_audio(copy, total, rate=rate, channels=1, frames=frames)
    return examine(str(copy))


def _at_rate(rate: int, sound: Sound, blocks: Stream) -> Stream:
    return resample(blocks, sound.frames, 1, sound.rate, rate)
