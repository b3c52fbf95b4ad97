"""A song that is valid: its document, and what was worked out from it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from stemwright.effects import Chain
from stemwright.mixing.faders import channel_gains
from stemwright.music.harmony.section import Harmony
from stemwright.music.timeline import Timeline
from stemwright.song.model import Song
from stemwright.sources import Source


@dataclass(frozen=True)
class Deliverable:
    """One delivered file: its role, the stem that it holds (empty for the master), its file name."""

    role: Literal["master", "stem"]
    stem: str
    file: str


@dataclass(frozen=True)
class LoadedSong:
    """A valid song.

    Attributes
    ----------
    name : str
        Its name.
    document : Song
        What the user wrote, with the house rules merged in.
    timeline : Timeline
        Its timeline.
    harmony : list of Harmony
        The harmony of each span of the timeline.
    deliverables : sequence of Deliverable
        The files that are delivered, in the order of the archive: the master first.
    instruments : dict
        The instruments that each stem plays, as the song names them.
    """

    name: str
    document: Song
    timeline: Timeline
    harmony: list[Harmony]
    deliverables: Sequence[Deliverable]
    instruments: dict[str, list[str]]

    @cached_property
    def stems(self) -> list[str]:
        """The names of its stems, in the order in which they are mixed."""
        return sorted(self.document.stems)

    @property
    def reference_file(self) -> str:
        """The path of its reference; empty if it has none."""
        reference = self.document.reference
        return os.path.expanduser(reference.file) if reference else ""

    @property
    def target(self) -> dict:
        """The loudness target of its master as plain data; empty if it has none."""
        target = self.document.master.target
        return target.limits() if target else {}

    def source(self, stem: str) -> Source:
        """The source of a stem."""
        entry = self.document.stems[stem].source
        (kind,) = entry.model_fields_set
        return getattr(entry, kind)

    def effects(self, stem: str) -> Chain:
        """The effects of a stem."""
        return _chain(self.document.stems[stem].effects)

    @property
    def master_effects(self) -> Chain:
        """The effects of the master."""
        return _chain(self.document.master.effects)

    def fader(self, stem: str) -> dict[str, float]:
        """The fader in dB and the pan of a stem."""
        keys = self.document.stems[stem]
        return {"gain_db": keys.gain_db, "pan": keys.pan}

    def gains(self, stem: str) -> list[float]:
        """The factor of each channel for the fader and the pan of a stem."""
        return channel_gains(**self.fader(stem), channels=self.document.session.channels)


def _chain(entries: Sequence) -> Chain:
    return Chain([getattr(entry, kind) for entry in entries for kind in entry.model_fields_set])
