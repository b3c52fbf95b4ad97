"""Differences of gain: constant, by channel, by bar, or drawn over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from stemwright.base.decibels import decibels
from stemwright.comparison.pair import Segments

_EXACT = 1e-5
"""The share of the difference's energy that a constant gain may leave besides rounding: a saturation leaves more."""

_EXACT_OF_LOSSY = 0.05
"""The same where a codec is lossy: Vorbis of quality 6 left 0.1 % of a tone's change by 3 dB."""

_MOVING = 0.15  # what a gain for each 20 ms may leave
_GONE, _PARTLY = 0.1, 0.2  # a gain at which a sound is gone, and how much of the difference may be that
_SILENT = 1e-9  # of the loudest segment
_SMOOTH = 6.0  # a fader travels no more than six times its range
_OSCILLATES = 0.6  # the share of one frequency in what moves it
_STEADY_DB = 0.02

Shape = Literal["level", "pan", "width", "polarity", "channels"]


@dataclass(frozen=True)
class Sums:
    """Products of some segments together: `xx`, `yx` of shape (channels, channels), and the energies.

    `rounding` is the energy that the formats may account for; `most` is the share that a constant gain may leave.
    """

    xx: np.ndarray
    yx: np.ndarray
    yy: float
    dd: float
    rounding: float
    most: float

    @classmethod
    def of(cls, segments: Segments, chosen: np.ndarray | slice = slice(None)) -> Sums:
        """The sums over chosen segments (a mask, or indices), or over all."""
        return cls(
            segments.xx[chosen].sum(axis=0),
            segments.yx[chosen].sum(axis=0),
            float(segments.yy[chosen].sum()),
            float(segments.difference[chosen].sum()),
            float(segments.yy[chosen].size) * segments.size * segments.step**2,
            _EXACT_OF_LOSSY if segments.is_lossy else _EXACT,
        )

    def left(self, matrix: np.ndarray) -> float:
        """The share of the difference's energy that is left if old goes through a matrix."""
        rest = self.yy - 2 * np.sum(matrix * self.yx) + np.sum((matrix @ self.xx) * matrix)
        return float(max(rest - self.rounding, 0.0) / max(self.dd, 1e-30))


@dataclass(frozen=True)
class Gain:
    """A gain from old to new, the simplest that holds: its matrix, what it is, and the share that it leaves."""

    matrix: np.ndarray
    shape: Shape
    left: float

    @property
    def db(self) -> float:
        """The change of level, in dB: of both channels together."""
        return decibels(float(np.sqrt(np.sum(self.matrix**2) / len(self.matrix))))

    @property
    def balance_db(self) -> float:
        """How much more the right channel gained than the left, in dB."""
        left, right = np.abs(np.diag(self.matrix))
        return (
            decibels(float(right)) - decibels(float(left))
            if left and right
            else float(np.sign(right - left)) * 99
        )

    @property
    def width_db(self) -> float:
        """How much more the side gained than the middle, in dB."""
        (a, b), (c, d) = self.matrix
        return decibels(abs(a + d - b - c)) - decibels(abs(a + d + b + c))


def constant(sums: Sums) -> Gain | None:
    """The simplest constant gain from old to new that leaves almost nothing; None if there is none."""
    power = float(np.trace(sums.xx))
    if power <= 0:
        return None
    one = np.eye(len(sums.xx))
    gain = float(np.trace(sums.yx)) / power
    found = [Gain(gain * one, "level" if gain > 0 else "polarity", sums.left(gain * one))]
    if len(one) == 2:
        diagonal = np.diag(np.diag(sums.yx) / np.maximum(np.diag(sums.xx), 1e-12 * power))
        is_inverted = np.diag(diagonal).min() < 0
        found.append(Gain(diagonal, "polarity" if is_inverted else "pan", sums.left(diagonal)))
        middle = np.array([[0.5, 0.5], [0.5, 0.5]])
        parts = [middle, one - middle]
        own = [float(np.sum(part * sums.yx) / max(np.sum(part * sums.xx), 1e-12 * power)) for part in parts]
        wide = own[0] * parts[0] + own[1] * parts[1]
        if min(own) > 0:
            found.append(Gain(wide, "width", sums.left(wide)))
        mixed = sums.yx @ np.linalg.pinv(sums.xx, rcond=1e-9)
        found.append(Gain(mixed, "channels", sums.left(mixed)))
    return next((each for each in found if each.left <= sums.most), None)


def holds(sums: Sums, gain: Gain) -> bool:
    """Whether a gain leaves almost nothing of these segments."""
    return sums.left(gain.matrix) <= sums.most


@dataclass(frozen=True)
class Moving:
    """A gain that moves.

    Attributes
    ----------
    kind : str
        `level` if it is smooth, `effect` if it oscillates, else `dynamics`.
    db : numpy.ndarray
        The gain of each segment in dB; NaN where there is no sound.
    left : float
        The share of the difference's energy that it leaves.
    """

    kind: Literal["level", "dynamics", "effect"]
    db: np.ndarray
    left: float


def moving(segments: Segments, chosen: np.ndarray, bar: int) -> Moving | None:
    """The gain that moves from segment to segment, if that is all that differs.

    Parameters
    ----------
    segments : Segments
        The products of old and new.
    chosen : numpy.ndarray
        A mask of the segments that are compared.
    bar : int
        The segments of a bar: what is gone for less, and comes back, was taken out, and no fader was moved.

    Returns
    -------
    Moving or None
    """
    old = segments.old
    heard = old > _SILENT * max(float(old.max()), 1e-30)
    sounding = chosen & heard
    total = float(segments.difference[chosen].sum())
    if not sounding.any() or not total:
        return None
    gains = _fitted(segments)
    left = left_of_moving(segments)
    if left > _MOVING:
        return None
    with np.errstate(divide="ignore"):
        db = np.where(sounding, 20 * np.log10(np.maximum(gains, 1e-6)), np.nan)
    kind = _behaviour(db[sounding], np.flatnonzero(sounding), old[sounding])
    is_gone = sounding & (gains < _GONE)
    if float(segments.difference[is_gone].sum()) > _PARTLY * total:
        comes_back = _comes_back(is_gone[heard], np.flatnonzero(heard), bar)
        if kind != "level" or comes_back:
            return None
    return Moving(kind, db, left)


def _fitted(segments: Segments) -> np.ndarray:
    """The gain of each segment that leaves least; 1 where there was silence."""
    through = np.trace(segments.yx, axis1=1, axis2=2)
    return np.divide(through, segments.old, out=np.ones_like(through), where=segments.old > 0)


def left_of_moving(segments: Segments) -> float:
    """The share of the difference's energy that a gain for each segment leaves."""
    through = np.trace(segments.yx, axis1=1, axis2=2)
    rest = np.maximum(segments.new - _fitted(segments) * through, 0)
    chosen = segments.differs
    return float(rest[chosen].sum()) / max(float(segments.difference[chosen].sum()), 1e-30)


def _comes_back(is_gone: np.ndarray, at: np.ndarray, bar: int) -> bool:
    """Whether what is gone (of sounds in the segments `at`) comes back within a bar, somewhere."""
    changes = np.diff(np.concatenate(([False], is_gone, [False])).astype(int))
    starts, ends = np.flatnonzero(changes == 1), np.flatnonzero(changes == -1)
    back = ends < len(at)
    return bool((at[ends[back]] - at[starts[back]] < bar).any())


def _behaviour(db: np.ndarray, at: np.ndarray, energy: np.ndarray) -> Literal["level", "dynamics", "effect"]:
    """What moves a gain (of the segments `at`): a hand, the sound, or an oscillator."""
    loud = energy > 1e-4 * energy.max()
    db = np.clip(db[loud], -60, 60)
    spread = float(np.ptp(db))
    travelled = float(np.abs(np.diff(db)).sum())
    if spread <= _STEADY_DB or travelled <= _SMOOTH * spread:
        return "level"
    evenly = np.interp(np.arange(at[loud][0], at[loud][-1] + 1), at[loud], db)
    power = np.abs(np.fft.rfft((evenly - evenly.mean()) * np.hanning(len(evenly)))) ** 2
    peak = int(np.argmax(power))
    share = power[max(0, peak - 2) : peak + 3].sum() / max(power.sum(), 1e-30)
    return "effect" if share >= _OSCILLATES else "dynamics"
