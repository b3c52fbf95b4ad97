"""The base class of instruments, and the notes that they play."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from stemwright.audio import Stream
from stemwright.instruments.dsp.controlled import Course
from stemwright.instruments.dsp.overlap_add import overlap_add
from stemwright.instruments.dsp.sound_cache import SoundCache
from stemwright.music.component import Component
from stemwright.music.controls import Controls
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Configurable


@dataclass(frozen=True, order=True)
class Note:
    """A note: `frame` is its start in the song, `frames` the time for which it is held.

    `pitch` is a MIDI note number (69 is A4, 440 Hz; the fraction is cents / 100), `velocity` is above 0, at most 1.
    `glide_from` is the pitch at which a glide to this note begins, or None. `controls` are those of its channel, in
    frames of the song, or None; `written` is the frame on which they see it begin, `frame` before humanising. `place`
    tells it from equal notes: what differs from one to the next is drawn from it. `is_muted` is for instruments that
    mute.
    """

    frame: int
    frames: int
    pitch: float
    velocity: float
    glide_from: float | None = None
    controls: Controls | None = field(default=None, compare=False)
    written: int = field(default=0, compare=False)
    place: str = field(default="", compare=False)
    is_muted: bool = False

    @property
    def midi_velocity(self) -> int:
        """Its velocity from 1 to 127."""
        return max(1, round(self.velocity * 127))


class Instrument(Component):
    """Base of an instrument: a frozen dataclass of its keys."""

    @property
    def glides(self) -> bool:
        """Whether it makes slides itself, from `Note.glide_from`; for others they are bends."""
        return False

    @property
    def mutes(self) -> bool:
        """Whether it can damp a note with the palm (`Note.is_muted`); for others such a note is made short."""
        return False

    @property
    def sounds_below(self) -> bool:
        """Whether it has partials below its notes, such as those of a second oscillator an octave lower."""
        return False

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

    def rings(self, note: Note, rate: int) -> int | None:
        """For how many frames a note sounds at most; None if that is not known, or if its sound hangs on earlier ones.

        Then all notes are rendered, also where only a stretch of the song is heard.
        """
        return None

    def recordings(self) -> list[str]:
        """The audio files that it plays."""
        return []

    def as_kit(self, pieces: Mapping[str, int]) -> Instrument:
        """The instrument as a drum kit, which plays pieces at the MIDI keys in `pieces`."""
        return self

    def keys(self, files: Iterable[str]) -> frozenset[int]:
        """The MIDI keys at which it sounds as a drum kit. `files` are the roles of its files."""
        return frozenset(range(128))

    def varied(self, sound: np.ndarray, note: Note, rate: int, seed: str) -> np.ndarray:
        """What is heard of a sound at the place of its note: here, equal notes are equal.

        Parameters
        ----------
        sound : numpy.ndarray
            The sound, shape (frames, channels). It is not changed.
        note : Note
            The note.
        rate : int
            Sample rate in Hz.
        seed : str
            What random numbers are drawn from, with `note.place`.

        Returns
        -------
        numpy.ndarray
            Shape (frames, channels).
        """
        return sound

    def play(self, notes: Sequence[Note], context: RenderContext) -> Stream:
        """Play notes, in ascending order of frames: a stream of at most `context.frames` frames."""
        if context.heard is not None:
            notes = [note for note in notes if self._is_heard(note, context.heard[0], context.rate)]
        return overlap_add(self.sounds(notes, context), context)

    def _is_heard(self, note: Note, start: int, rate: int) -> bool:
        """Whether a note may sound from a frame of the song on. A pedal among its controls may hold it."""
        frames = self.rings(note, rate)
        return frames is None or note.controls is not None or note.frame + frames > start

    def sounds(self, notes: Sequence[Note], context: RenderContext) -> Iterator[tuple[int, np.ndarray]]:
        """The sound of each note, in their order, with its first frame: shape (frames, context.channels)."""
        # Equal notes are rendered once, and cached within a limit, so that memory does not grow with the song.
        kept = SoundCache()

        def plain(note: Note) -> np.ndarray:
            kind = (note.frames, note.pitch, note.velocity, note.glide_from, note.is_muted)
            make = partial(self.sound, note, context.rate, context.channels, context.seed)
            return kept.get(kind, make)

        for note in notes:
            sound = controlled(note, plain, context.rate)
            yield note.frame, self.varied(sound, note, context.rate, context.seed)


def controlled(note: Note, plain: Callable[[Note], np.ndarray], rate: int) -> np.ndarray:
    """Render a note with the controls of its channel.

    Parameters
    ----------
    note : Note
        The note.
    plain : callable
        Renders a note without them, at its pitch and for its length.
    rate : int
        Sample rate in Hz.

    Returns
    -------
    numpy.ndarray
        The sound, shape (frames, channels).
    """
    if note.controls is None:
        return plain(note)
    course = Course(note.controls, note.pitch, note.written, note.frames, rate)
    return course.apply(plain(replace(note, pitch=note.pitch + course.bend, frames=course.held)))
