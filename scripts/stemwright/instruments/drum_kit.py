"""Our own drum kit as an instrument, which plays General MIDI's percussion keys."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.base.errors import StemwrightError
from stemwright.instruments._base import Instrument, Note
from stemwright.instruments.dsp import drum_kit
from stemwright.instruments.dsp.balance import balance
from stemwright.instruments.dsp.chokes import choke, choke_frames
from stemwright.instruments.dsp.drum_room import add_room
from stemwright.instruments.dsp.overlap_add import overlap_add
from stemwright.instruments.dsp.sound_cache import SoundCache
from stemwright.music.percussion import GENERAL_MIDI
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_PIECES = {GENERAL_MIDI[piece]: piece for piece in drum_kit.PIECES}
_HATS = frozenset(GENERAL_MIDI[piece] for piece in ("hat", "pedal_hat", "open_hat"))
"""The keys that choke each other. (The source `drums` has its own groups.)"""

_BRIGHTNESSES = 12
"""How many timbres the velocities share: each is rendered once, and brought to its hit's level."""


@dataclass(frozen=True)
class DrumKit(Instrument):
    """A synthesised drum kit, that of the source `drums` unless it names another. Each piece has several takes, which
    sound different and of which none is played twice in a row; its place in the stereo image; and the sound of a room.
    """

    example = "{variation: 0.5, room: 0.4}"

    variation: Annotated[
        float, Field("How far hits of a piece differ in timbre: 0, none is different; 1, much.", ge=0, le=1)
    ] = 0.5
    room: Annotated[
        float,
        Field(
            "Level of the room, which is heard by overheads: 0, none; 1, as from a metre away.", ge=0, le=1
        ),
    ] = 0.45

    def keys(self, files: Iterable[str]) -> frozenset[int]:
        return frozenset(_PIECES)

    def play(self, notes: Sequence[Note], context: RenderContext) -> Stream:
        keys = [round(note.pitch) for note in notes]
        others = [_HATS - {key} if key in _HATS else () for key in keys]
        hits = zip(notes, keys, others, strict=True)
        ends = choke_frames([(note.frame, (key,), choked_by) for note, key, choked_by in hits])
        sounds = zip(self.sounds(notes, context), ends, strict=True)
        choked = ((frame, choke(sound, frame, end, context.rate)) for (frame, sound), end in sounds)
        return overlap_add(choked, context)

    def sounds(self, notes: Sequence[Note], context: RenderContext) -> Iterator[tuple[int, np.ndarray]]:
        cache, played = SoundCache(), Counter[str]()
        last: dict[str, int] = {}
        for note in notes:
            piece = _PIECES.get(round(note.pitch))
            if piece is None:
                has = ", ".join(f"{key} {name}" for key, name in sorted(_PIECES.items()))
                raise StemwrightError(f"the drum kit has no MIDI key {note.pitch:g}; it has {has}")
            if self.variation:
                played[piece] += 1
                dice = random.Random(f"{context.seed}/{piece}/{played[piece]}")
                last[piece] = dice.choice([n for n in range(drum_kit.TAKES) if n != last.get(piece)])
            step = max(1, round(note.velocity * _BRIGHTNESSES))
            kind = piece, last.get(piece, 0), step
            sound = cache.get(kind, partial(self._hit, *kind, context))
            yield note.frame, sound * (note.velocity * _BRIGHTNESSES / step) ** 2

    def _hit(self, piece: str, take: int, step: int, context: RenderContext) -> np.ndarray:
        """A hit of the velocity `step` / _BRIGHTNESSES, shape (frames, context.channels)."""
        sound = drum_kit.hit(piece, context.rate, step / _BRIGHTNESSES, take, self.variation)
        close = balance(drum_kit.PIECES[piece].pan, context.channels)
        return add_room(sound, close, piece, context.rate, self.room)
