"""The base class of instruments, and the notes that they play."""

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
    """A note: `frame` is its start in the song, `frames` the time for which it is held.

    `pitch` is a MIDI note number (69 is A4, 440 Hz; the fraction is cents / 100), `velocity` is above 0, at most 1.
    `glide_from` is the pitch at which a glide to this note begins, or None.
    """

    frame: int
    frames: int
    pitch: float
    velocity: float
    glide_from: float | None = None


class Instrument(Component):
    """Base of an instrument: a frozen dataclass of its keys."""

    def _nest(self, **kinds: type[Configurable]) -> None:
        """Convert nested keys from plain data, the form that jobs get, to their dataclasses. For `__post_init__`."""
        for name, kind in kinds.items():
            value = getattr(self, name)
            if isinstance(value, dict):
                object.__setattr__(self, name, kind(**value))
            elif isinstance(value, list):
                object.__setattr__(self, name, [kind(**v) if isinstance(v, dict) else v for v in value])

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        """Render one note, including its release.

        Parameters
        ----------
        note : Note
            The note. The sound does not depend on `note.frame`: equal notes have equal sounds.
        rate : int
            Sample rate in Hz.
        channels : int
            1 or 2.
        seed : str
            The seed of random noise.

        Returns
        -------
        numpy.ndarray
            float64, shape (frames, channels), full scale 1.0. It begins and ends at zero, so that it does not click.
        """
        raise NotImplementedError

    def play(self, notes: Sequence[Note], context: RenderContext) -> Stream:
        """Play notes, in ascending order of frames: a stream of at most `context.frames` frames."""
        return overlap_add(self._sounds(notes, context), context)

    def _sounds(self, notes: Sequence[Note], context: RenderContext) -> Iterator[tuple[int, np.ndarray]]:
        # Equal notes are rendered once, and cached within a limit, so that memory does not grow with the song.
        kept = SoundCache()
        for note in notes:
            kind = (note.frames, note.pitch, note.velocity, note.glide_from)
            make = partial(self.sound, note, context.rate, context.channels, context.seed)
            yield note.frame, kept.get(kind, make)
