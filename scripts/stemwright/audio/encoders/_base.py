"""The base class of encoders, and what one is told about the file that it is to write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np


@dataclass(frozen=True)
class Form:
    """The format of one file.

    Attributes
    ----------
    rate : int
        Its sample rate in Hz.
    channels : int
        Its number of channels.
    frames : int
        Its length.
    subtype : str
        Its sample format; "" if it is lossy.
    bitrate_kbps : int, optional
        The bit rate of a lossy file of constant (or, where the codec has no such, average) bit rate.
    quality : float, optional
        The quality of a lossy file of variable bit rate, from 0 to 10, the best.
    seed : int
        The seed of the dither.
    """

    rate: int
    channels: int
    frames: int
    subtype: str = ""
    bitrate_kbps: int | None = None
    quality: float | None = None
    seed: int = 0


class Encoder:
    """Base of a format. Its class attributes say what it can hold.

    Attributes
    ----------
    ending : str
        The ending of its files.
    kind : str
        The format as libsndfile, or our own reader, names it in what was written.
    subtypes : tuple of str
        The sample formats that it can hold; none if it is lossy.
    codec : str
        What readers name as its sample format if that is none of `subtypes`.
    rates : tuple of int
        The sample rates in Hz that it can have; empty if it can have any.
    is_constant : bool
        Whether `bitrate_kbps` is that of every frame, not what the encoder aims at.
    has_quality : bool
        Whether it has a variable bit rate, chosen by `quality`.
    """

    ending: ClassVar[str]
    kind: ClassVar[str]
    subtypes: ClassVar[tuple[str, ...]] = ()
    codec: ClassVar[str] = ""
    rates: ClassVar[tuple[int, ...]] = ()
    is_constant: ClassVar[bool] = False
    has_quality: ClassVar[bool] = False

    @classmethod
    def is_lossy(cls) -> bool:
        """Whether what is decoded differs from what was written by more than rounding."""
        return not cls.subtypes

    @classmethod
    def write(cls, path: str, part: Path, blocks: Iterable[np.ndarray], form: Form) -> None:
        """Write a stream to a file that has no name yet: the same bytes for the same samples, from any blocks.

        Parameters
        ----------
        path : str
            The file as messages name it.
        part : Path
            The file that is written.
        blocks : iterable of numpy.ndarray
            The stream, float64 of shape (frames, channels).
        form : Form
            Its format.

        Raises
        ------
        StemwrightError
            If a sample is not finite, the stream is not as long as said, or it cannot be written.
        """
        raise NotImplementedError

    @classmethod
    def bitrate(cls, path: str) -> int:
        """The constant bit rate of a file in kbit/s; 0 if it varies."""
        return 0

    @classmethod
    def lacks(cls) -> str:
        """What is needed to write it and is not installed here, with the remedy; "" if nothing is."""
        return ""

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Versions of the programs that write it, by name. Those of Python packages are known from its module."""
        return {}

    @classmethod
    def bitrates(cls, rate: int, channels: int) -> Sequence[int]:
        """The bit rates in kbit/s that can be asked for at a sample rate in Hz; none if it has no such choice."""
        return ()
