"""The sound files of a delivery: what each declares and holds, and streams of them of equal lengths and channels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stemwright.audio import BLOCK, AudioFile, Stream, as_channels, fit, open_many, reblock
from stemwright.base.errors import StemwrightError
from stemwright.gates import Check
from stemwright.inspection.finding import Finding

_TRUE_NAMES = {
    "WAV": ("wav", "wave", "bwf", "rf64"),
    "RF64": ("wav", "wave", "bwf", "rf64"),
    "BW64": ("wav", "wave", "bwf", "rf64"),
    "W64": ("w64",),
    "AIFF": ("aif", "aiff", "aifc"),
    "CAF": ("caf",),
    "FLAC": ("flac",),
    "OGG": ("ogg", "oga", "opus"),
    "MP3": ("mp3",),
    "AAC": ("aac",),
    "MP4": ("m4a", "mp4"),
}
ENDINGS = frozenset(ending for endings in _TRUE_NAMES.values() for ending in endings)
"""Endings of the names of sound files, in lower case."""


@dataclass(frozen=True)
class Sound:
    """A sound file: its `name` in the delivery, its `path`, and its format. `rate` in Hz, `frames` as decoded.

    `shown` is the path that a person can use, if `path` is only a temporary copy: after unpacking, or in the folder.
    """

    name: str
    path: str
    rate: int
    channels: int
    frames: int
    subtype: str
    format: str
    is_lossy: bool
    shown: str = ""

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.frames / self.rate

    @property
    def stem(self) -> str:
        """Its name without folders and ending."""
        return os.path.splitext(self.name.rpartition("/")[2])[0]


def is_sound(name: str) -> bool:
    """Whether a file's name says that it is sound."""
    return ending(name) in ENDINGS


def ending(name: str) -> str:
    """The ending of a file's name, in lower case and without the dot."""
    return os.path.splitext(name)[1][1:].lower()


def open_sounds(paths: Sequence[tuple[str, str]]) -> tuple[list[Sound], list[Finding]]:
    """Open every file, by (name, path).

    Returns
    -------
    sounds : list of Sound
        Those that can be read.
    findings : list of Finding
        `readable` for each that cannot, and `true_format` for each whose name says another format.
    """
    sounds, findings = [], []
    for name, path in paths:
        try:
            with AudioFile(path, lenient=True) as file:
                sound = Sound(
                    name,
                    path,
                    file.rate,
                    file.channels,
                    file.frames,
                    file.subtype,
                    file.container.format,
                    file.container.is_lossy,
                )
        except (StemwrightError, OSError) as error:
            reason = str(error).replace(path, name)
            remedy = "export it again"
            findings.append(
                Finding(Check("readable", "fail", "no", limit="yes", reason=reason, remedy=remedy), name)
            )
            continue
        sounds.append(sound)
        findings += _true_format(sound)
    return sounds, findings


def _true_format(sound: Sound) -> list[Finding]:
    expected = _TRUE_NAMES.get(sound.format, ())
    if not expected or ending(sound.name) in expected:
        return []
    remedy = f"rename it so that it ends in .{expected[0]}, or export it in the format that its name says"
    limit = f"a name that ends in .{' or .'.join(expected)}"
    return [Finding(Check("true_format", "fail", sound.format, limit=limit, remedy=remedy), sound.name)]


def padded_blocks(
    sounds: Sequence[Sound],
    frames: int,
    channels: int,
    size: int = BLOCK,
    changes: Mapping[int, Callable[[Stream], Stream]] | None = None,
) -> Iterator[list[np.ndarray]]:
    """Read files side by side, each with silence after its end.

    Parameters
    ----------
    sounds : sequence of Sound
        The files.
    frames, channels : int
        What each is padded to; a mono file is the same in both channels.
    size : int
        The frames of a block.
    changes : mapping of int to callable, optional
        By the place of a file in the list, what is done to its stream before that.

    Yields
    ------
    list of numpy.ndarray
        A block of each file, of shape (size, channels); the last may be shorter.
    """
    with open_many([sound.path for sound in sounds], lenient=True) as files:
        streams = []
        for index, file in enumerate(files):
            wide = as_channels(file.blocks(), channels)
            change = (changes or {}).get(index, lambda blocks: blocks)
            streams.append(reblock(fit(change(wide), frames, channels), size))
        for blocks in zip(*streams, strict=True):
            yield list(blocks)
