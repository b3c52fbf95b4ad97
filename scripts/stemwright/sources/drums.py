"""Drum patterns played on a kit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Annotated, Any

import numpy as np

from stemwright import instruments
from stemwright.audio import Stream
from stemwright.base.decibels import amplitude, decibels
from stemwright.instruments import Instrument, Note, overlap_add
from stemwright.instruments.dsp import drum_kit
from stemwright.instruments.dsp.chokes import choke, choke_frames
from stemwright.music.component import below, role
from stemwright.music.curve import Curve
from stemwright.music.parts._base import GHOST, Event, parse_step
from stemwright.music.percussion import GENERAL_MIDI
from stemwright.music.pitch import parse_note
from stemwright.music.played import PlayedNote
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Section, round_half_up
from stemwright.sources._base import Source
from stemwright.sources._drum_patterns import Fill, Pattern, Piece, graces, parse_steps, played_at, strokes
from stemwright.sources._feel import OTHER_SECTIONS, Feel
from stemwright.sources._rhythm_doubts import rhythm_doubts
from stemwright.validation import registry
from stemwright.validation.choice import Choice
from stemwright.validation.fields import Field

_RINGS_S = 10
"""For how long a hit is held at most."""

_OTHER_LEVEL_DB = -15.0
"""The level of a piece that our own kit lacks, as gates take it to be."""

_FINEST = 96
"""Strokes are on multiples of some part of a quarter note down to this one, but for grace notes."""

_WRITTEN = Fraction(1, 8)
"""How long a hit is as a written note, in quarter notes."""

Hit = tuple[int, str, float]
"""(frame, piece, velocity); the velocity is above 0 to 1, in steps of 1/127."""


def _parse_key(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 127:
        return value
    if isinstance(value, str):
        return parse_note(value)
    raise ValueError(f"must be a MIDI key, 0 to 127, or a note such as C2 (is {value!r})")


def _hats() -> list[list[str]]:
    return [["hat", "pedal_hat", "open_hat"]]


@dataclass(frozen=True)
class Drums(Feel):
    """A drum kit that plays step patterns, repeated to fill each section.
    Our own kit has kick, snare, rim, clap, hat, pedal_hat, open_hat, tom_low, tom_mid, tom_high, shaker, cowbell, ride
    and crash. A sampled kit may have more: it is a `soundfont` (its General MIDI drums), an `sfz`, or a `sampler`: a
    folder of hits, whose file names say the piece (`kick_1.wav`, `snare_v2.wav`) or its MIDI key as a note.
    Signs of patterns: x hit, X accent, o ghost, 1 to 9 velocity, - rest; f flam, d drag (two grace notes before the
    hit), r roll (thirty-seconds until the next step); F, D and R are accented.
    """

    example = """
    patterns:
      "*": {kick: x---x---x---x---, snare: ----X-------f-o-}
      bridge: {snare: rrrrrrrrrrrrrrrr}
    fills: {"*": {every: 4, patterns: {snare: x-xxX-XX, tom_low: ------x-}}}
    dynamics: [{at: bridge, value: 0.3}, {at: bridge + 4 bars, value: 1}]
    kit: {drum_kit: {room: 0.5}}
    swing: 0.56
    levels_db: {snare: -3}"""

    patterns: Annotated[
        dict[str, dict[Piece, Pattern]],
        Field("The patterns of each section, by section name; * is every section not named.", min_length=1),
    ]
    kit: Annotated[
        dict,
        Choice("stemwright.instruments", only=("drum_kit", "sampler", "sfz", "soundfont")),
        Field("The kit: one kind of instrument and its keys."),
    ] = field(default_factory=lambda: {"drum_kit": {}})
    map: Annotated[
        dict[
            Piece,
            Annotated[
                Any, Field("A MIDI key or note (C2 is 36).", parse=_parse_key, types=("integer", "string"))
            ],
        ],
        Field("The MIDI keys of pieces for which the kit does not follow General MIDI."),
    ] = field(default_factory=dict)
    step: Annotated[str, Field("The length of one step of a pattern.", parse=parse_step)] = "1/16"
    fills: Annotated[
        dict[str, Annotated[Fill, Field("A fill.")]],
        Field("The fill of each section, by section name; * is every section not named."),
    ] = field(default_factory=dict)
    chokes: Annotated[
        list[Annotated[list[Piece], Field("Pieces that choke each other.", min_length=2)]],
        Field("Groups of pieces: a hit on one ends the sound of the others. By default, the hats."),
    ] = field(default_factory=_hats)
    levels_db: Annotated[
        dict[Piece, Annotated[float, Field("Change of the level of the piece.", "dB", ge=-60, le=12)]],
        Field("Balance of the kit: changes of level by piece."),
    ] = field(default_factory=dict)

    rhythmic = True

    def __post_init__(self) -> None:
        fills = {name: Fill(**keys) if isinstance(keys, dict) else keys for name, keys in self.fills.items()}
        object.__setattr__(self, "fills", fills)
        object.__setattr__(self, "kit", instruments.make(self.kit).entry())  # with its defaults

    def by_section(self) -> dict[str, dict]:
        return self.patterns

    def sections(self) -> list[tuple[tuple, str]]:
        keys = {"patterns": [*self.patterns], "fills": [*self.fills]}
        return [((key, name), name) for key in keys for name in keys[key] if name != OTHER_SECTIONS]

    def input_files(self) -> list[tuple[tuple, str]]:
        kind, kit = self._kit()
        return [(("kit", kind, *where), path) for where, path in kit.input_files()]

    def recordings(self) -> list[tuple[str, float]]:
        return [(path, 0.0) for path in self._kit()[1].recordings()]

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        kind, kit = self._kit()
        yield from ((("kit", kind, *where), what) for where, what in kit.lacks())

    def remarks(self, context: RenderContext) -> Iterator[str]:
        kind, kit = self._kit()
        yield from kit.remarks(replace(context, files=below(context.files, "kit", kind)))

    def modules(self) -> list[str]:
        kind, kit = self._kit()
        return [registry.module_name("stemwright.instruments", kind), *kit.modules()]

    def libraries(self) -> dict[str, str]:
        return self._kit()[1].libraries()

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        kind, kit = self._kit()
        mistakes = [*super().problems(context)]
        mistakes += ((("kit", kind, *where), message) for where, message in kit.problems(context))
        yield from mistakes
        if mistakes:
            return
        known, keys = kit.keys([role(where) for where, _ in kit.input_files()]), self._keys()
        for where, piece in self._pieces():
            if (key := keys[piece]) not in known:
                has = [name for name, number in keys.items() if number in known]
                yield where, f"the kit has no {piece} (MIDI key {key}); it has {', '.join(has) or 'no piece'}"

    def doubts(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        yield from rhythm_doubts(self.patterns, parse_step(self.step), context.required_timeline())

    def render(self, context: RenderContext) -> Stream:
        kind, kit = self._kit()
        own = replace(self.seeded(context), files=below(context.files, "kit", kind))
        # All of the song's, since a kit may count its takes.
        found, keys = sorted(self._every_hit(context)), self._keys()
        held = _RINGS_S * context.rate
        notes = [Note(frame, held, float(keys[piece]), velocity) for (frame, piece, velocity), _ in found]
        hits = [hit for hit, is_played in found if is_played]
        ends = self._choked(hits)

        def sounds() -> Iterator[tuple[int, np.ndarray]]:
            every = zip(found, kit.sounds(notes, own), strict=True)
            played = (sound for (_, is_played), (_, sound) in every if is_played)
            for (frame, piece, _), end, sound in zip(hits, ends, played, strict=False):
                if piece in self.levels_db:
                    sound = sound * amplitude(self.levels_db[piece])
                yield frame, choke(sound, frame, end, context.rate)

        return overlap_add(sounds(), context)

    def _choked(self, hits: Sequence[Hit]) -> list[int | None]:
        """For each hit, in ascending order, the frame at which another one chokes it, or None."""
        others = {
            piece: {other for group in self.chokes if piece in group for other in group} - {piece}
            for piece in self._keys()
        }
        return choke_frames([(frame, (piece,), others[piece]) for frame, piece, _ in hits])

    def hits(self, context: RenderContext) -> Iterator[Hit]:
        """Every hit as it is played, with swing and humanising, in the order of sections and pieces."""
        yield from (hit for hit, is_played in self._every_hit(context) if is_played)

    def _every_hit(self, context: RenderContext) -> Iterator[tuple[Hit, bool]]:
        """Every hit of the song, and whether it is in the slice of the context."""
        tempo, step = context.required_timeline().tempo, 4 * parse_step(self.step).notes
        dynamics = self.dynamics_curve(context)
        for section in context.required_timeline().sections_or_all:
            patterns = self.patterns.get(section.name, self.patterns.get(OTHER_SECTIONS, {}))
            fill = self.fills.get(section.name, self.fills.get(OTHER_SECTIONS))
            for piece, pattern, origin, start, end in played_at(section, patterns, fill, tempo, step):
                steps = parse_steps(pattern)
                first = -(-(start - origin) // step)
                for index in range(int(first), int(-(-(end - origin) // step))):
                    at = origin + index * step
                    turn, place = divmod(index, len(steps))
                    yield from self._step_hits(
                        piece, steps[place], (at, at + step), end, section, context, turn, dynamics
                    )

    def scores(self) -> list[tuple[str, Source]]:
        return [("", Drums(self.patterns, step=self.step, fills=self.fills))]

    def written(self, context: RenderContext) -> Iterator[Event]:
        """Their pitches are those of General MIDI. What the frames of hits do not show of their places is lost."""
        timeline = context.required_timeline()
        for frame, piece, velocity in self.hits(context):
            exact = timeline.tempo.quarters(Fraction(frame, context.rate))
            near = exact.limit_denominator(_FINEST)
            at = near if timeline.frame(near) == frame else exact
            yield Event(at, at + _WRITTEN, GENERAL_MIDI[piece], velocity)

    def performances(self) -> list[tuple[str, Source]]:
        return [("", replace(self, kit={"drum_kit": {}}, map={}, levels_db={}))]

    def played(self, context: RenderContext) -> Iterator[PlayedNote]:
        """Nobody lets go of a drum: its end is that of the written note, or where it is choked."""
        timeline = context.required_timeline()
        hits = sorted(self.hits(context))
        for (frame, piece, velocity), choked in zip(hits, self._choked(hits), strict=True):
            end = timeline.frame(timeline.tempo.quarters(Fraction(frame, context.rate)) + _WRITTEN)
            yield PlayedNote(
                frame,
                max(frame + 1, end if choked is None else min(end, choked)),
                GENERAL_MIDI[piece],
                round(velocity * 127),
                piece=piece,
            )

    def onsets(self, context: RenderContext) -> Iterator[tuple[int, float]]:
        own = drum_kit.PIECES
        for frame, piece, velocity in self.hits(context):
            level = own[piece].level_db if piece in own else _OTHER_LEVEL_DB
            yield frame, level + self.levels_db.get(piece, 0.0) + 2 * decibels(velocity)

    def _step_hits(
        self,
        piece: str,
        sign: str,
        span: tuple[Fraction, Fraction],
        end: Fraction,
        section: Section,
        context: RenderContext,
        turn: int,
        dynamics: Curve,
    ) -> Iterator[tuple[Hit, bool]]:
        """The hits of one step, `span` without swing, as far as they begin before `end`; all in quarter notes."""
        timeline, step = context.required_timeline(), span[1] - span[0]
        start, stop = (self.apply_swing(at, section.start, step) for at in span)
        for stroke in strokes(sign, step):
            quarter = start + stroke.place * (stop - start)
            if quarter >= end:
                continue
            place = f"{piece}/{quarter}"
            if self.is_left_out(stroke.velocity <= GHOST, place, turn, context):
                continue
            written = timeline.frame(quarter)
            is_played = context.is_played(written)
            own = context if is_played else replace(context, slice=None)
            frame, velocity = self.humanise(written, stroke.velocity, place, own, turn, dynamics)
            for seconds, grace_velocity in graces(stroke, velocity):
                early = frame - round_half_up(Fraction(seconds) * context.rate)
                if early >= own.first_frame:
                    early, grace_velocity = self._bounded(early, grace_velocity, own)
                    yield (early, piece, grace_velocity), is_played
            yield (frame, piece, velocity), is_played

    def _kit(self) -> tuple[str, Instrument]:
        """The kit and its kind."""
        ((kind, _),) = self.kit.items()
        return kind, instruments.make(self.kit).as_kit(self._keys())

    def _keys(self) -> dict[str, int]:
        """The MIDI key of each piece."""
        return GENERAL_MIDI | {piece: _parse_key(key) for piece, key in self.map.items()}

    def _pieces(self) -> Iterator[tuple[tuple, str]]:
        """Each piece that is played, with the place where it is written."""
        for name, patterns in self.patterns.items():
            yield from ((("patterns", name, piece), piece) for piece in patterns)
        for name, fill in self.fills.items():
            yield from ((("fills", name, "patterns", piece), piece) for piece in fill.patterns)
