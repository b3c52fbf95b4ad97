"""The gain laws of the mixer: faders, pans, mutes, and the path of a signal through several of them.

One object, `Faders`, says how a signal comes into a bus or the mix. The mix, the delivered stems and the null test all
use it, so that they cannot mean different things by one song.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any

import numpy as np

from stemwright.base.decibels import amplitude
from stemwright.base.files import read_json
from stemwright.music.curve import Curve
from stemwright.validation.fields import Field

Pan = Annotated[
    float, Field("From -1 (left) to 1 (right); a balance control, 0 dB in the centre.", ge=-1, le=1)
]
"""The type of a pan key."""

STILL = Curve.of(0.0)
"""A curve that stays at 0."""

NO_LEVELS: Mapping[str, float] = MappingProxyType({})
"""The found levels of a path without any."""

_LEVEL = "level"

PAN_LAWS = ("balance", "-3 dB", "-4.5 dB", "-6 dB")
"""Pan laws by name; those in decibels say the level of each side in the centre."""


def pan_problem(pan: float, channels: int) -> str:
    """The message for a pan that a song with this number of channels cannot have, or ""."""
    return f"must be 0 in a mono song (is {pan:g})" if pan and channels == 1 else ""


def pan_gains(pan: np.ndarray | float, law: str = "balance") -> tuple[np.ndarray, np.ndarray]:
    """The amplitude factors of left and right for a pan.

    `balance` has a cosine taper: both sides have 0 dB at the centre, so that a centred stem passes unchanged, and the
    opposite side fades to silence. The others fade both sides: `-3 dB` by sine and cosine (constant power), `-6 dB`
    linearly (constant sum), `-4.5 dB` by the geometric mean of these two.

    Parameters
    ----------
    pan : numpy.ndarray or float
        From -1 (left) to 1 (right).
    law : str
        One of `PAN_LAWS`.

    Returns
    -------
    left, right : numpy.ndarray
        Factors of the shape of `pan`.
    """
    pan = np.asarray(pan, dtype=float)
    if law == "balance":
        far = np.where(np.abs(pan) < 1, np.cos(np.abs(pan) * (np.pi / 2)), 0.0)
        return np.where(pan > 0, far, 1.0), np.where(pan > 0, 1.0, far)
    linear = (1 - pan) / 2, (1 + pan) / 2
    # cos 90° is not quite 0 in floating point.
    power = tuple(np.where(side > 0, np.sin(side * (np.pi / 2)), 0.0) for side in linear)
    if law == "-3 dB":
        return power[0], power[1]
    if law == "-6 dB":
        return linear
    return np.sqrt(linear[0] * power[0]), np.sqrt(linear[1] * power[1])


def channel_gains(gain_db: float, pan: float, channels: int, law: str = "balance") -> list[float]:
    """The gain of each channel for a fader and a pan that stay where they are.

    Parameters
    ----------
    gain_db
        The fader, in dB.
    pan
        From -1 (left) to 1 (right); ignored in mono.
    channels
        1 or 2.
    law
        The pan law, see `pan_gains`.

    Returns
    -------
    list of float
        One amplitude factor per channel.
    """
    gain = amplitude(gain_db)
    return [gain] if channels == 1 else [gain * float(side) for side in pan_gains(pan, law)]


@dataclass(frozen=True)
class Fader:
    """One fader with its pan and its mute, as they move through the song.

    Attributes
    ----------
    gain_db : Curve
        In dB.
    pan : Curve
        From -1 (left) to 1 (right).
    law : str
        The pan law, see `pan_gains`.
    mute : Curve
        From 0 to 1, where it is muted.
    level : str
        The stem or bus whose `gain_db` is found when the song is built, and is not known yet; else empty.
    """

    gain_db: Curve = STILL
    pan: Curve = STILL
    law: str = "balance"
    mute: Curve = STILL
    level: str = ""

    @property
    def is_constant(self) -> bool:
        """Whether it stays where it is."""
        return None not in (self.gain_db.constant, self.pan.constant, self.mute.constant)

    def gains(self, start: int, frames: int, channels: int) -> np.ndarray:
        """The amplitude factors of some frames.

        Parameters
        ----------
        start, frames : int
            The first frame, and how many.
        channels : int
            1 or 2.

        Returns
        -------
        numpy.ndarray
            Shape (1, channels) if it is constant, otherwise (frames, channels).
        """
        gain_db, pan, mute = (
            np.array([curve.constant]) if curve.constant is not None else curve.values(start, frames)
            for curve in (self.gain_db, self.pan, self.mute)
        )
        gain = amplitude(gain_db) * (1.0 - mute)
        sides = [np.ones(1)] if channels == 1 else pan_gains(pan, self.law)
        return np.stack(np.broadcast_arrays(*(gain * side for side in sides)), axis=1)

    def to_dict(self) -> dict[str, Any]:
        """As plain data: `gain_db` and `pan`, numbers where they stay, and of the rest what is not at its default."""
        gain_db = {_LEVEL: self.level} if self.level else _plain(self.gain_db)
        plain: dict[str, Any] = {"gain_db": gain_db, "pan": _plain(self.pan)}
        if self.law != "balance":
            plain["law"] = self.law
        if self.mute.constant != 0:
            plain["mute"] = _plain(self.mute)
        return plain

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], levels: Mapping[str, float] = NO_LEVELS) -> Fader:
        """The fader that `to_dict` described, with the gain in dB that was found, if it is one of `levels`."""
        found = data.get("gain_db")
        if isinstance(found, dict) and _LEVEL in found:
            data = {**data, "gain_db": levels[found[_LEVEL]]}
        gain_db, pan, mute = (_curve(data.get(key, 0.0)) for key in ("gain_db", "pan", "mute"))
        return cls(gain_db, pan, data.get("law", "balance"), mute)


def _plain(curve: Curve) -> float | dict[str, Any]:
    return curve.to_dict() if curve.constant is None else curve.constant


def _curve(plain: float | dict[str, Any]) -> Curve:
    return Curve.from_dict(plain) if isinstance(plain, dict) else Curve.of(plain)


_PLACES = ("fader", "send")


class Faders:
    """A path through faders, one after the other.

    Parameters
    ----------
    faders : sequence of Fader
        Those that the signal passes: a fader, and perhaps a send after it; none for a path at unity gain.
    channels : int
        1 or 2.
    """

    def __init__(self, faders: Iterable[Fader], channels: int):
        self.faders = tuple(faders)
        self.channels = channels

    @classmethod
    def from_dict(
        cls, data: Mapping[str, Mapping[str, Any]], channels: int, levels: Mapping[str, float] = NO_LEVELS
    ) -> Faders:
        """Make a path from its plain data.

        Parameters
        ----------
        data : mapping
            As `to_dict` gives it.
        channels : int
            1 or 2.
        levels : mapping of str to float
            The gains in dB that were found, by stem or bus.

        Returns
        -------
        Faders
        """
        return cls((Fader.from_dict(data[place], levels) for place in _PLACES if place in data), channels)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Its faders as plain data: `fader`, and after it `send`."""
        return {
            place: fader.to_dict()
            for place, fader in zip(_PLACES[: len(self.faders)], self.faders, strict=True)
        }

    @property
    def levels(self) -> list[str]:
        """The stems and buses whose found levels it needs."""
        return sorted({fader.level for fader in self.faders if fader.level})

    @cached_property
    def is_constant(self) -> bool:
        """Whether its gains are the same in every frame."""
        return all(fader.is_constant for fader in self.faders)

    def gains(self, start: int, frames: int) -> np.ndarray:
        """The amplitude factors of `frames` frames from `start` on, of shape (1, channels) or (frames, channels)."""
        return self._constant if self.is_constant else self._product(start, frames)

    @cached_property
    def _constant(self) -> np.ndarray:
        return self._product(0, 1)

    def _product(self, start: int, frames: int) -> np.ndarray:
        total = np.ones((1, self.channels))
        for fader in self.faders:
            total = total * fader.gains(start, frames, self.channels)
        return total


def only_mutes(fader: Fader) -> Fader:
    """What of a fader a pre-fader send passes: it is muted with its stem, but has neither its level nor its pan."""
    return Fader(mute=fader.mute)


def read_levels(paths: Iterable[str]) -> dict[str, float]:
    """The gains in dB that were found, by stem or bus, from the files of stage `level`."""
    found = (read_json(path) for path in paths)
    return {entry["stem"]: float(entry["gain_db"]) for entry in found}


def read_paths(
    paths: Mapping[str, Mapping[str, Mapping[str, Any]]], channels: int, level_files: Iterable[str]
) -> dict[str, Faders]:
    """Make paths through faders from their plain data.

    Parameters
    ----------
    paths : mapping of str to mapping
        Each as `Faders.to_dict` gives it, by the stem or bus that it comes from.
    channels : int
        1 or 2.
    level_files : iterable of str
        The files of the found levels that they go through.

    Returns
    -------
    dict of str to Faders
    """
    levels = read_levels(level_files)
    return {name: Faders.from_dict(path, channels, levels) for name, path in paths.items()}
