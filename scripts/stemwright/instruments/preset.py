"""Presets: instruments with all their keys, by name. Each is a YAML file in presets/, written as in a song."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated

import numpy as np

from stemwright import instruments
from stemwright.audio import Stream
from stemwright.instruments._base import Instrument, Note
from stemwright.music.render_context import RenderContext
from stemwright.validation import registry
from stemwright.validation.fields import Field
from stemwright.validation.merged import merge
from stemwright.validation.problems import did_you_mean

_FOLDER = Path(__file__).parent / "presets"
NAMES = tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def _name(text: object) -> str:
    if text not in NAMES:
        raise ValueError(f"must be the name of a preset (is {text!r}){did_you_mean(text, NAMES)}")
    return text


@dataclass(frozen=True)
class Preset(Instrument):
    """A ready-made instrument, by name. Its keys stand in its file in scripts/stemwright/instruments/presets; `change`
    sets some of them otherwise.
    """

    example = "{name: nylon, change: {decay_s: 2, brightness_hz: 900}}"

    name: Annotated[str, Field(f"Name of the preset: {', '.join(NAMES)}.", parse=_name)]

    change: Annotated[
        dict, Field("Keys of its instrument that are to be otherwise, as they are written there.")
    ] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.change:
            from stemwright.validation.messages import check_keys

            ((kind, keys),) = self._changed().items()
            try:
                check_keys(registry.load("stemwright.instruments", kind), kind, keys)
            except ValueError as error:
                raise ValueError(f"change.{error} ({self.name} is the instrument {kind})") from None

    def entry(self) -> dict:
        """The preset's instrument as a one-key map of all its keys: jobs depend on these, not on the name."""
        return self._instrument.entry()

    @property
    def glides(self) -> bool:
        return self._instrument.glides

    @property
    def mutes(self) -> bool:
        return self._instrument.mutes

    @property
    def sounds_below(self) -> bool:
        return self._instrument.sounds_below

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        return self._instrument.sound(note, rate, channels, seed)

    def play(self, notes: Sequence[Note], context: RenderContext) -> Stream:
        return self._instrument.play(notes, context)

    @cached_property
    def _instrument(self) -> Instrument:
        return instruments.make(self._changed())

    def _changed(self) -> dict:
        """The instrument with the keys that are written in its file, and the changes."""
        ((kind, keys),) = _written(self.name).items()
        return {kind: merge(keys, self.change)}


@cache
def _written(name: str) -> dict:
    """What stands in a preset's file. Raises InvalidFileError if that is not YAML."""
    from stemwright.validation import yaml

    return yaml.load(str(_FOLDER / f"{name}.yaml")).data
