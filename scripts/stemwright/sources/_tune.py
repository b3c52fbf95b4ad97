"""Tuning: each note of a monophonic recording moved to the nearest pitch of a scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio.pitch_synchronous import with_shifted_pitch
from stemwright.audio.pitch_track import HOP_S, pitch_track, sung_notes
from stemwright.music.harmony.scale import Scale
from stemwright.music.harmony.section import Harmony
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import parse_key
from stemwright.validation.fields import Configurable, Field

_SONG, _CHROMATIC = "key", "chromatic"
_GLIDE = 5  # hops: the shift changes within 25 ms from one note to the next


def _parse_scale(text: object) -> object:
    if text in (_SONG, _CHROMATIC):
        return text
    try:
        return parse_key(text)
    except ValueError:
        raise ValueError(
            f"must be {_SONG} (that of each section), {_CHROMATIC}, or a key such as D minor (is {text!r})"
        ) from None


@dataclass(frozen=True)
class Tune(Configurable):
    """Correction of single notes, for one voice or monophonic instrument.

    The pitch is tracked every 5 ms, from 60 Hz to 1.5 kHz. A note is moved as a whole, so that vibrato stays. Formants
    stay, and what has no pitch keeps its samples.
    """

    to: Annotated[
        str,
        Field(
            "The allowed pitches: key (that of each section), chromatic, or those of a key such as D minor.",
            parse=_parse_scale,
        ),
    ] = _SONG
    strength: Annotated[float, Field("How much of the way a note is moved.", ge=0, le=1)] = 1.0

    @property
    def uses_key(self) -> bool:
        """Whether it depends on the key of each section."""
        return self.to == _SONG

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        """Find the sections that have no key, if it is to be followed."""
        spans = context.required_timeline().sections_or_all
        lacking = [
            s.name for s, harmony in zip(spans, context.harmony, strict=False) if not harmony.get("key")
        ]
        if self.uses_key and lacking:
            what = (
                f"section {lacking[0]} has no key, and neither has the song"
                if lacking[0]
                else "the song has no key"
            )
            yield ("to",), f"{what}: give it one, or write a key here, or {_CHROMATIC}"

    def apply(self, samples: np.ndarray, begin: int, context: RenderContext) -> np.ndarray:
        """Tune a clip.

        Parameters
        ----------
        samples : numpy.ndarray
            The clip, of shape (frames, channels).
        begin : int
            The frame of the song on which it begins.
        context : RenderContext
            With timeline and harmony, if it follows the song's key.

        Returns
        -------
        numpy.ndarray
            The clip, of the same shape.
        """
        track = pitch_track(samples.mean(axis=1), context.rate)
        shift = np.full(len(track), np.nan)
        for note in sung_notes(track):
            middle = begin + round((note.first + note.end) / 2 * HOP_S * context.rate)
            allowed = self._pitch_classes(middle, context)
            near = round(note.pitch) + np.arange(-6, 7)
            goal = min((int(n) for n in near if n % 12 in allowed), key=lambda n: abs(n - note.pitch))
            shift[note.first : note.end] = self.strength * (goal - note.pitch)
        known = np.flatnonzero(~np.isnan(shift))
        if not len(known):
            return samples
        steady = np.interp(np.arange(-_GLIDE, len(track) + _GLIDE), known, shift[known])
        smooth = np.convolve(steady, np.full(_GLIDE, 1 / _GLIDE), "same")[_GLIDE:-_GLIDE]
        return with_shifted_pitch(samples, context.rate, track, smooth)

    def _pitch_classes(self, frame: int, context: RenderContext) -> frozenset[int]:
        """The pitch classes that are allowed at a frame of the song."""
        if self.to == _CHROMATIC:
            return frozenset(range(12))
        key = self.to
        if self.uses_key:
            spans = context.required_timeline().sections_or_all
            begun = [n for n, span in enumerate(spans) if span.start_frame <= frame]
            key = Harmony.from_dict(context.harmony[begun[-1] if begun else 0]).key or _CHROMATIC
        return Scale.of(key).notes
