"""The faders with which the stems of a folder add up to a given mix."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from stemwright.base.decibels import decibels
from stemwright.inspection.sounds import Sound
from stemwright.inspection.sums import judge_sum
from stemwright.measure.fit import Contribution, Solution, solve
from stemwright.mixing.faders import channel_gains
from stemwright.mixing.levels import HIGHEST_DB, LOWEST_DB
from stemwright.starting.folder import conformed

_HOLDS_DB = -20.0  # what may be left of the mix: a codec, or a compressor of the whole, leaves as much
_EXACT_DB = -100.0  # what is as good as nothing
_NEARLY_DB = 1.0  # simpler faders are taken if they leave so little more
_UNHEARD = 1e-6  # a share of the mix's power that counts as none: -60 dB
_EVEN = 1 - 1e-4  # the ratio of two sides that are equal


@dataclass(frozen=True)
class Fader:
    """How a stem is in the mix: gain in dB, pan by the law `balance`, polarity, and by how many frames it is later."""

    gain_db: float = 0.0
    pan: float = 0.0
    inverted: bool = False
    muted: bool = False
    late: int = 0


@dataclass(frozen=True)
class Balance:
    """Faders by the name of the stem, and what their sum leaves of the mix, in dB relative to it.

    `unity_db` is what the stems leave at 0 dB. Where no faders fit, all are at 0 dB, `nearest` are
    those that leave least, `left_db`, and `reasons` say what is wrong, as far as it can be found.
    """

    faders: Mapping[str, Fader]
    left_db: float
    unity_db: float
    reasons: tuple[str, ...] = ()
    nearest: Mapping[str, Fader] = field(default_factory=dict)


def find_balance(whole: Sound, stems: Mapping[str, Sound], channels: int, folder: Path) -> Balance:
    """Find the faders with which stems add up to a mix.

    Parameters
    ----------
    whole : Sound
        The mix.
    stems : mapping of str to Sound
        Its parts, by name.
    channels : int
        Those of the song.
    folder : Path
        For temporary copies.

    Returns
    -------
    Balance
    """
    paths = {
        name: conformed(sound, whole.rate, channels, folder / f"{n}.wav")
        for n, (name, sound) in enumerate(stems.items())
    }
    unity = np.ones((1, channels))
    parts = [Contribution(path, lambda start, frames: unity) for path in paths.values()]
    solution = solve(conformed(whole, whole.rate, channels, folder / "whole.wav"), parts)
    power = float(solution.products[:, 0, 0].sum())

    def level(left: float) -> float:
        return 10 * math.log10(left / power) if left > 0 else -math.inf

    best = level(solution.left)
    for candidate in _candidates(solution, channels):
        faders = dict(zip(stems, candidate, strict=True))
        gains = np.array([_gains(fader, channels) for fader in candidate]).T
        left = level(solution.power_left(gains))
        if left <= max(best + _NEARLY_DB, _EXACT_DB):
            break
    before = level(solution.before)
    if left <= _HOLDS_DB:
        return Balance(faders, left, before)
    found = judge_sum(whole, list(stems.values()), "mix")
    reasons = tuple(
        f"{each.file}: {each.check.reason}" for each in found if each.file and each.check.status != "pass"
    )
    return Balance(dict.fromkeys(stems, Fader()), left, before, reasons, faders)


def _candidates(solution: Solution, channels: int) -> Iterator[list[Fader]]:
    """Faders of all stems, the simplest first: at 0 dB, without pan and to 0.01 dB, without pan, with pan."""
    alike = solution.in_all_channels()
    lags = solution.lags
    yield [Fader(late=late) for late in lags]
    for factors, digits in ((alike, 2), (alike, 4), (solution.factors, 4)):
        yield [_fader(solution, factors, index, digits, lags[index]) for index in range(len(lags))]


def _fader(solution: Solution, factors: np.ndarray, index: int, digits: int, late: int) -> Fader:
    powers = solution.products[:, index + 1, index + 1]
    gains = factors[:, index]
    if float(gains**2 @ powers) <= _UNHEARD * float(solution.products[:, 0, 0].sum()):
        return Fader(muted=True)
    if not powers.all():  # of a side that is silent, nothing is known
        gains = np.full(len(gains), gains[np.argmax(powers)])
    largest = gains[np.argmax(np.abs(gains))]
    sides = np.maximum(gains / largest, 0.0)
    ratio = float(sides.min())
    pan = 0.0 if ratio > _EVEN else math.copysign(2 / math.pi * math.acos(ratio), sides[-1] - sides[0])
    gain_db = min(max(decibels(abs(float(largest))), LOWEST_DB), HIGHEST_DB)
    return Fader(round(gain_db, digits) + 0.0, round(pan, 5), bool(largest < 0), False, late)


def _gains(fader: Fader, channels: int) -> list[float]:
    """The factor of each channel."""
    sign = 0.0 if fader.muted else -1.0 if fader.inverted else 1.0
    return [sign * gain for gain in channel_gains(fader.gain_db, fader.pan, channels)]
