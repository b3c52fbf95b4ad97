"""How the pitch of a single note moves: bends, slides and vibrato, as controls of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stemwright.music.controls import Bend, Controls
from stemwright.music.lfo import rise

_HOP_S = 0.002
"""The pitch moves in steps of this length, each with the pitch of its middle."""

_BEND_AFTER_S, _BEND_S = 0.05, 0.16
_SLIDE_S = 0.08
_VIBRATO_HZ, _VIBRATO_CENTS = 5.5, 25.0
_VIBRATO_AFTER_S, _VIBRATO_FADE_S = 0.15, 0.25

_APART_S = 0.5
"""Notes at least this far apart may share a channel: the release of the first is over, or nearly, when it moves."""


@dataclass(frozen=True)
class Motion:
    """How the pitch of a note moves, in semitones: from `slide` (relative to its pitch) in 80 ms to its pitch, up by
    `bend` in 160 ms, 50 ms after it began, and to and fro by 25 cents (`vibrato`), 5.5 times a second.
    """

    slide: float = 0.0
    bend: float = 0.0
    vibrato: bool = False

    def at(self, t: np.ndarray) -> np.ndarray:
        """The deviation from its pitch in semitones, at times in s from its beginning."""
        found = self.slide * (1 - rise(t / _SLIDE_S))
        found = found + self.bend * rise(np.maximum(t - _BEND_AFTER_S, 0) / _BEND_S)
        if self.vibrato:
            since = np.maximum(t - _VIBRATO_AFTER_S, 0)
            depth = _VIBRATO_CENTS / 100 * rise(since / _VIBRATO_FADE_S)
            found = found + depth * np.sin(2 * np.pi * _VIBRATO_HZ * since)
        return found

    def bends(self, start: int, frames: int, rate: int) -> list[Bend]:
        """The changes of the pitch of a note.

        Parameters
        ----------
        start, frames : int
            The note's first frame in the song, and its length.
        rate : int
            Sample rate in Hz.

        Returns
        -------
        list of Bend
            Positions in frames of the song.
        """
        hop = max(1, round(_HOP_S * rate))
        places = np.arange(0, frames, hop)
        values = self.at((places + hop / 2) / rate)
        moves = np.flatnonzero(np.diff(values, prepend=np.nan) != 0)
        return [Bend(start + int(places[i]), float(values[i])) for i in moves]


class Channels:
    """The channels of notes that move by themselves, of which few are needed: a SoundFont has 240."""

    def __init__(self, rate: int):
        self._rate, self._apart = rate, round(_APART_S * rate)
        self._ends: list[int] = []
        self._bends: list[list[Bend]] = []

    def add(self, motion: Motion, start: int, frames: int) -> int:
        """Give a note a channel.

        Parameters
        ----------
        motion : Motion
            How its pitch moves.
        start, frames : int
            Its first frame in the song, in ascending order of calls, and its length.

        Returns
        -------
        int
            The number of the channel.
        """
        free = (n for n, end in enumerate(self._ends) if end + self._apart <= start)
        number = next(free, len(self._ends))
        if number == len(self._ends):
            self._ends.append(0)
            self._bends.append([])
        self._ends[number] = start + frames
        self._bends[number] += motion.bends(start, frames, self._rate)
        return number

    def controls(self) -> list[Controls]:
        """The controls of each channel, once all notes are added."""
        return [Controls(tuple(bends)) for bends in self._bends]


def with_vibrato(controls: Controls, rate: int, frames: int) -> Controls:
    """The controls of a channel with its vibrato as bends.

    Parameters
    ----------
    controls : Controls
        The controls, in frames.
    rate : int
        Sample rate in Hz.
    frames : int
        The length of the song.

    Returns
    -------
    Controls
    """
    if not controls.depths:
        return controls
    hop = max(1, round(_HOP_S * rate))
    starts = np.array([int(depth.at) for depth in controls.depths])
    depths = np.array([depth.semitones for depth in controls.depths])
    written = np.array([int(bend.at) for bend in controls.bends], dtype=int)
    semitones = np.array([0.0, *(bend.semitones for bend in controls.bends)])
    moving = [
        np.arange(start, end, hop)
        for start, end, depth in zip(starts, [*starts[1:], frames], depths, strict=True)
        if depth
    ]
    at = np.unique(np.concatenate([*moving, starts, written]))
    depth = np.concatenate([[0.0], depths])[np.searchsorted(starts, at, side="right")]
    turns = _VIBRATO_HZ * (at + hop / 2) / rate
    values = semitones[np.searchsorted(written, at, side="right")] + depth * np.sin(2 * np.pi * turns)
    bends = tuple(Bend(int(n), float(value)) for n, value in zip(at, values, strict=True))
    return replace(controls, bends=bends, depths=())
