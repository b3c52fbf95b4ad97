"""Swing and humanising, for sources that play notes on the timeline."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import hypot
from typing import Annotated

from stemwright.music.curve import Curve
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Section, TempoMap, round_half_up
from stemwright.sources._base import Source
from stemwright.validation.fields import Field

OTHER_SECTIONS = "*"
"""In a map of sections: every section that is not named."""

_VARIED_MS, _VARIED_VELOCITY = 6.0, 0.12  # standard deviations in repeats, at full variation
_LEFT_OUT = 0.5  # share of the ghost notes of repeats that are left out at full variation
_MAX_DEVIATIONS = 3.0  # limit of the random deviations, in standard deviations


@dataclass(frozen=True, kw_only=True)
class Feel(Source):
    """The base class of sources that play notes with swing and humanising."""

    swing: Annotated[
        float,
        Field(
            "Swing: where the second step of each pair falls within the pair; 0.5 is straight.",
            ge=0.5,
            le=0.75,
        ),
    ] = 0.5
    timing_ms: Annotated[
        float, Field("Humanising: standard deviation of each note's time.", "ms", ge=0, le=30)
    ] = 0.0
    velocity_spread: Annotated[
        float, Field("Humanising: standard deviation of each note's velocity, relative to it.", ge=0, le=0.5)
    ] = 0.0
    vary: Annotated[
        float,
        Field(
            "How much the repeats of a pattern differ from its first time in time, velocity and ghost notes.",
            ge=0,
            le=1,
        ),
    ] = 0.0
    dynamics: Annotated[
        float,
        Field(
            "A factor of all velocities: points that rise are a crescendo.", ge=0.05, le=4, automatable=True
        ),
    ] = 1.0
    seed: (
        Annotated[
            int,
            Field(
                "Seed of the humanising and of an instrument's takes; by default, the name of the stem.",
                ge=0,
            ),
        ]
        | None
    ) = None

    begins_notes = True

    @property
    def needs_timeline(self) -> bool:
        return True

    def by_section(self) -> Mapping[str, dict]:
        """What it plays, by section name; `OTHER_SECTIONS` is every section that is not named."""
        raise NotImplementedError

    def counts_bars(self, section: Section, tempo: TempoMap) -> bool:
        played = self.by_section()
        return bool(played.get(section.name, played.get(OTHER_SECTIONS)))

    def apply_swing(self, at: Fraction, start: Fraction, step: Fraction) -> Fraction:
        """Move a position by the swing, which lengthens the first of each pair of steps and shortens the second.

        Parameters
        ----------
        at : Fraction
            The position, in quarter notes from the start of the song.
        start : Fraction
            The start of its section, from which pairs are counted, in quarter notes.
        step : Fraction
            The length of a step, in quarter notes.

        Returns
        -------
        Fraction
            The position with swing, in quarter notes.
        """
        if self.swing == 0.5:
            return at
        swing = Fraction(str(self.swing))
        pair, offset = divmod(at - start, 2 * step)
        offset = 2 * swing * offset if offset <= step else 2 * (swing * step + (1 - swing) * (offset - step))
        return start + 2 * step * pair + offset

    def is_left_out(self, is_ghost: bool, place: str, turn: int, context: RenderContext) -> bool:
        """Whether `vary` leaves out a note: a ghost note of a repeat.

        Parameters
        ----------
        is_ghost : bool
            Whether it is a ghost note.
        place : str
            Identifies the note.
        turn : int
            How often its pattern was played before.
        context : RenderContext
            Its seed is used.

        Returns
        -------
        bool
        """
        if not (self.vary and turn and is_ghost):
            return False
        return self._random(f"{place}/left out", context).random() < _LEFT_OUT * self.vary

    def dynamics_curve(self, context: RenderContext) -> Curve:
        """The curve of `dynamics`, in which a step holds for the note that it is on."""
        return replace(self.curve_of("dynamics", context), edge=0)

    def humanise(
        self, frame: int, velocity: float, place: str, context: RenderContext, turn: int, dynamics: Curve
    ) -> tuple[int, float]:
        """Vary the time and velocity of a note at random, and scale its velocity by `dynamics`.

        Parameters
        ----------
        frame : int
            The note's frame as written.
        velocity : float
            Its velocity as written, 0 to 1.
        place : str
            Identifies the note: it seeds the random numbers, so that edits elsewhere do not change the note.
        context : RenderContext
            Its rate, length, timeline and seed are used.
        turn : int
            How often its pattern was played before: repeats are varied.
        dynamics : Curve
            What `dynamics_curve` gives: one for all notes of a render.

        Returns
        -------
        frame : int
            The note's frame, within the song.
        velocity : float
            Its velocity, above 0 to 1, in steps of 1/127.
        """
        still = dynamics.constant
        velocity *= float(dynamics.values(frame, 1)[0]) if still is None else still
        vary = self.vary if turn else 0.0
        timing_ms = hypot(self.timing_ms, _VARIED_MS * vary)
        velocity_spread = hypot(self.velocity_spread, _VARIED_VELOCITY * vary)
        if not timing_ms and not velocity_spread:
            return self._bounded(frame, velocity, context)
        rng = self._random(place, context)
        time_deviation, velocity_deviation = (
            max(-_MAX_DEVIATIONS, min(_MAX_DEVIATIONS, rng.gauss())) for _ in range(2)
        )
        frame += round_half_up(Fraction(time_deviation * timing_ms / 1000 * context.rate))
        velocity *= 1 + velocity_deviation * velocity_spread
        return self._bounded(frame, velocity, context)

    def _random(self, place: str, context: RenderContext) -> random.Random:
        return random.Random(f"{self.seeded(context).seed}/{place}")

    def seeded(self, context: RenderContext) -> RenderContext:
        """The context with the source's own seed, if it has one."""
        return context if self.seed is None else replace(context, seed=str(self.seed))

    @staticmethod
    def _bounded(frame: int, velocity: float, context: RenderContext) -> tuple[int, float]:
        velocity = round(min(max(velocity, 1 / 127), 1.0) * 127) / 127
        return min(max(context.first_frame, frame), context.frames - 1), velocity
