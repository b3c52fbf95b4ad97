"""What every instrument is, and what it is given to play."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from stemwright.audio import Stream
from stemwright.instruments.dsp.overlap_add import overlap_add
from stemwright.instruments.dsp.sound_cache import SoundCache
from stemwright.music.component import Component
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Configurable


@dataclass(frozen=True, order=True)
class Note:
    """A note: its first frame in the song, how many frames it is held, and how it is played.

    `pitch` is a MIDI note number (69 is A4, 440 Hz; fractions are cents / 100), `velocity` above 0 to 1.
    `glide_from` is the pitch that it slides from, for instruments that glide.
    """

    frame: int
    frames: int
    pitch: float
    velocity: float
    glide_from: float | None = None


class Instrument(Component):
    """Base of an instrument: a frozen dataclass of its keys."""

    def _nest(self, **kinds: type[Configurable]) -> None:
        """Make the keys that are keys and values themselves from plain data, as a job is given them."""
        for name, kind in kinds.items():
            value = getattr(self, name)
            if isinstance(value, dict):
                object.__setattr__(self, name, kind(**value))
            elif isinstance(value, list):
                object.__setattr__(self, name, [kind(**v) if isinstance(v, dict) else v for v in value])

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        """One note from its first sound to its last, float64, shape (frames, channels), full scale 1.0.

        It begins and ends in silence, so that it does not click, and hangs on nothing but what it is given
        (not on `note.frame`): equal notes are equal sounds. `seed` is what its noise is drawn by.
        """
        raise NotImplementedError

    def play(self, notes: Sequence[Note], context: RenderContext) -> Stream:
        """All notes, as a stream of the context's length at most. They come in order of their first frames."""
        return overlap_add(self._sounds(notes, context), context)

    def _sounds(self, notes: Sequence[Note], context: RenderContext) -> Iterator[tuple[int, np.ndarray]]:
        # Equal notes are rendered once, and kept while there is room: memory must not grow with the song.
        kept = SoundCache()
        for note in notes:
            kind = (note.frames, note.pitch, note.velocity, note.glide_from)
            make = partial(self.sound, note, context.rate, context.channels, context.seed)
            yield note.frame, kept.get(kind, make)
