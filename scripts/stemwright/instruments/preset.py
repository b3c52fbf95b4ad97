"""Presets: instruments with all their keys, by name. Each is a YAML file in presets/, written as in a song."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np

from stemwright import instruments
from stemwright.audio import Stream
from stemwright.instruments._base import Instrument, Note
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field
from stemwright.validation.problems import did_you_mean

_FOLDER = Path(__file__).parent / "presets"
NAMES = tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def _name(text: object) -> str:
    if text not in NAMES:
        raise ValueError(f"must be the name of a preset (is {text!r}){did_you_mean(text, NAMES)}")
    return text


@dataclass(frozen=True)
class Preset(Instrument):
    """A ready-made instrument, by name. To change it, copy the keys from its file in
    scripts/stemwright/instruments/presets into the song.
    """

    example = "{name: dx-piano}"

    name: Annotated[str, Field(f"Name of the preset: {', '.join(NAMES)}.", parse=_name)]

    def entry(self) -> dict:
        """The preset's instrument as a one-key map of all its keys: jobs depend on these, not on the name."""
        return _instrument(self.name).entry()

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        return _instrument(self.name).sound(note, rate, channels, seed)

    def play(self, notes: Sequence[Note], context: RenderContext) -> Stream:
        return _instrument(self.name).play(notes, context)


@cache
def _instrument(name: str) -> Instrument:
    """The instrument of a preset's file. Raises InvalidFileError if that is not YAML."""
    from stemwright.validation import yaml

    return instruments.make(yaml.load(str(_FOLDER / f"{name}.yaml")).data)
