"""The recordings in a folder: which can be played, what each is, and what is left out, with the reason."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stemwright.audio import AudioFile, as_channels, resample, resampled_frames, write_audio
from stemwright.base.decibels import amplitude, decibels
from stemwright.base.errors import StemwrightError
from stemwright.base.printable import printable
from stemwright.inspection.consistency import judge_copies
from stemwright.inspection.roles import find_roles
from stemwright.inspection.sounds import Sound, open_sounds
from stemwright.inspection.unpacking import open_delivery
from stemwright.measure.levels import Levels
from stemwright.measure.loudness import Loudness
from stemwright.validation.names import find_control, fold, in_ascii, is_device

_SILENT = amplitude(-90.0)  # as for the gate of silence
_LONGEST_NAME = 60
_TAKEN = {"mix", "none", "master"}  # words that outputs and deliveries use


@dataclass(frozen=True)
class Take:
    """A recording: what it is, its integrated loudness in LUFS (None if it has none), and its sample peak in dBFS."""

    sound: Sound
    integrated: float | None
    peak: float


@dataclass
class Recordings:
    """What is in a folder.

    Attributes
    ----------
    stems : dict of str to Take
        What a song plays, by the name of its stem.
    mix, master : Take or None
        The sum of the stems, before and after mastering.
    left_out : list of (str, str)
        The other files by name, and why they are left out.
    """

    stems: dict[str, Take] = field(default_factory=dict)
    mix: Take | None = None
    master: Take | None = None
    left_out: list[tuple[str, str]] = field(default_factory=list)

    @property
    def whole(self) -> Take | None:
        """What the stems should add up to."""
        return self.mix or self.master


def read_folder(folder: str) -> Recordings:
    """Read every recording in a folder and in those below it.

    Raises StemwrightError if there is nothing in it that a song could play.
    """
    found, takes = Recordings(), dict[str, Take]()
    with open_delivery(folder) as contents:
        named = [(name, path) for name, path in contents.sounds if not find_control(path)]
        wrong = {name for name, _ in contents.sounds} - {name for name, _ in named}
        found.left_out += [
            (name, "has a control character in its name, or one that is not UTF-8: rename it")
            for name in sorted(wrong)
        ]
        sounds, findings = open_sounds(named)
    others = [(name, "is no sound file by its name") for name in contents.others]
    found.left_out += [
        (f.file, _without_name(f.check.reason, f.file)) for f in findings if f.check.id == "readable"
    ]
    for sound in sounds:
        try:
            take = _listen(sound)
        except (StemwrightError, OSError) as error:
            found.left_out.append((sound.name, _without_name(str(error), sound.path)))
            continue
        if take.peak <= decibels(_SILENT):
            found.left_out.append((sound.name, "is silent"))
        else:
            takes[sound.name] = take
    found.left_out += others
    if not takes:
        why = "; ".join(f"{printable(name)} {reason}" for name, reason in found.left_out[:3])
        raise StemwrightError(
            f"audio: {printable(folder)}: has no recording that a song could play"
            + (f" ({why})" if why else "")
        )
    _sort(found, takes)
    return found


def _without_name(reason: str, name: str) -> str:
    """A reason that begins with the name of its file, without that."""
    return reason.removeprefix(f"{name}: ").removeprefix(f"{printable(name)}: ")


def _listen(sound: Sound) -> Take:
    """Decode a file as a song would. Raises StemwrightError if a song would refuse it."""
    levels, loudness = Levels(), Loudness()
    with AudioFile(sound.path) as file:
        for meter in (levels, loudness):
            meter.start(file.rate, file.channels)
        for block in file.finite_blocks():
            levels.feed(block)
            loudness.feed(block)
    return Take(sound, loudness.integrated, decibels(levels.peak))


def _sort(found: Recordings, takes: dict[str, Take]) -> None:
    """Find what each take is: by names, by what sums, and by copies."""
    roles = find_roles([take.sound for take in takes.values()], {})
    if not roles.stems:  # a mix alone is played as it is
        first = roles.mix or roles.master or [*roles.versions, *roles.extras][0]
        roles.stems = [first]
        roles.mix = None if first is roles.mix else roles.mix
        roles.master = None if first is roles.master else roles.master
        roles.versions, roles.extras = (
            [s for s in each if s is not first] for each in (roles.versions, roles.extras)
        )
    found.mix = takes[roles.mix.name] if roles.mix else None
    found.master = takes[roles.master.name] if roles.master else None
    found.left_out += [(sound.name, "is another version of the whole") for sound in roles.versions]
    found.left_out += [
        (sound.name, "is a click, a guide, or a copy in another format") for sound in roles.extras
    ]
    twice = dict((second, first) for first, second in judge_copies(roles.stems)[1])
    found.left_out += [(name, f"has the same sound as {first}") for name, first in twice.items()]
    stems = [sound for sound in roles.stems if sound.name not in twice]
    found.stems = dict(
        zip(stem_names([sound.stem for sound in stems]), (takes[s.name] for s in stems), strict=True)
    )


def stem_names(files: Sequence[str]) -> list[str]:
    """Names of stems, made of those of files: without the words that all of them have, in ASCII, and unique."""
    words = [re.findall(r"[A-Za-z0-9]+", in_ascii(file)) for file in files]
    for end in (0, -1):
        while (
            len(files) > 1
            and all(len(each) > 1 for each in words)
            and len({fold(each[end]) for each in words}) == 1
        ):
            words = [each[1:] if end == 0 else each[:-1] for each in words]
    names: list[str] = []
    taken = set(_TAKEN)
    for each in words:
        name = "_".join(each)[:_LONGEST_NAME].rstrip("_") or "stem"
        name = f"stem_{name}" if is_device(name) or fold(name) in _TAKEN else name
        unique, number = name, 1
        while fold(unique) in taken:
            number += 1
            unique = f"{name}_{number}"
        taken.add(fold(unique))
        names.append(unique)
    return names


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder for sound that is needed for a measurement only."""
    with tempfile.TemporaryDirectory(prefix="stemwright-") as folder:
        yield Path(folder)


def conformed(sound: Sound, rate: int, channels: int, copy: Path) -> str:
    """The path of a recording at a rate and with so many channels: its own, or that of a copy which is written.

    Parameters
    ----------
    sound : Sound
        The recording.
    rate, channels : int
        The sample rate in Hz, and the channels.
    copy : Path
        Where a copy may be written.

    Returns
    -------
    str
    """
    if (sound.rate, sound.channels) == (rate, channels):
        return sound.path
    with AudioFile(sound.path) as file:
        blocks = as_channels(file.blocks(), channels)
        frames = resampled_frames(sound.frames, sound.rate, rate)
        same = resample(blocks, sound.frames, channels, sound.rate, rate)
        write_audio(copy, same, rate=rate, channels=channels, frames=frames)
    return str(copy)
