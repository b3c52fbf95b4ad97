"""Automation: what may be written in place of a number that moves, and the curve that it means.

Points are a list. Each says where, what value, and how it is reached from the point before:

    gain_db:
      - {at: bar 1, value: -60}
      - {at: chorus, value: 0, curve: exponential}
      - {at: bar 17 beat 3, value: -6, curve: step}

A low-frequency oscillator is added to a value or to points: `pan: {value: 0, lfo: {length: 1/4, depth: 0.5}}`.

A place is a position, or the name of a section, alone or with a length after it (`chorus + 2 bars`). The name stands
for the start of every section of that name, as elsewhere in a song. `exponential` means equal ratios in equal times. Of
a value that is a logarithm by itself (decibels, LUFS, semitones, cents), that is a straight line in its own unit:
there, `linear` and `exponential` are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Annotated, Any, Literal, TypeAlias, cast

from stemwright.music.curve import Curve
from stemwright.music.lfo import EDGE_S, Oscillator
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Duration, Position, parse_duration, parse_position, round_half_up
from stemwright.music.timeline.values import POSITION_HELP
from stemwright.validation.fields import Configurable, Field
from stemwright.validation.names import parse_name
from stemwright.validation.problems import did_you_mean

_LOGARITHMIC = ("dB", "LU", "semitone", "cent")
"""How units begin in which equal steps are equal ratios."""

_PLACE_HELP = f"{POSITION_HELP}, or the name of a section"

Mistake: TypeAlias = tuple[tuple, str]
"""Where below the key, and a message."""


@dataclass(frozen=True)
class Place:
    """A length after the start of every section of a name."""

    section: str
    offset: Duration


def parse_place(text: object) -> Position | Place:
    """Read a position, or the name of a section, alone or with a length after it. Raises ValueError."""
    try:
        return parse_position(text)
    except ValueError as error:
        wrong = str(error).replace(POSITION_HELP, _PLACE_HELP)
    if not isinstance(text, str):
        raise ValueError(wrong)
    head, plus, tail = text.partition("+")
    try:
        name = parse_name(head.strip())
    except ValueError:
        raise ValueError(wrong) from None
    return Place(name, parse_duration(tail) if plus else Duration())


@dataclass(frozen=True)
class Point(Configurable):
    """A value at a place, and how it is reached. Before the first point holds its value, after the last the last one's.

    A section's name stands for the start of every section of that name. In the order of the list, points must come one
    after another.
    """

    at: Annotated[
        str,
        Field(
            "Where: a position (bar 9, bar 9 beat 2.5, 12.5 s, 1:22) or the name of a section, alone or + a length.",
            parse=parse_place,
        ),
    ]
    value: Annotated[float, Field("The value there, in the unit and the range of the key.")]
    curve: Annotated[
        Literal["linear", "exponential", "step"],
        Field(
            "How it is reached from the point before: in a straight line, by equal ratios in equal times (of decibels: "
            "in a straight line), or at once (in 5 ms, without a click)."
        ),
    ] = "linear"


@dataclass(frozen=True, kw_only=True)
class Lfo(Oscillator):
    """A low-frequency oscillator, which counts from the start of the song. Give either length or rate_hz."""

    depth: Annotated[
        float, Field("How far it goes to both sides, in the unit of the key; negative: upside down.")
    ]


@dataclass(frozen=True)
class Modulated(Configurable):
    """A value or points, and an LFO that is added. Give either value or points."""

    lfo: Annotated[Lfo, Field("The LFO.")]
    value: Annotated[float, Field("The value in the middle.")] | None = None
    points: Annotated[list[Point], Field("Points, as in a list alone.", min_length=1)] | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.points is None):
            raise ValueError("needs one of value and points")


class Automation:
    """What stands in a key that may be automated, read.

    Parameters
    ----------
    written : float, list or Modulated, or these as plain data
        The value of the key.
    """

    def __init__(self, written: Any):
        value = _nested(Modulated, written) if isinstance(written, dict) else written
        self.lfo: Lfo | None = None
        self._prefix: tuple = ()
        if isinstance(value, Modulated):
            self.lfo = _nested(Lfo, value.lfo)
            self._prefix = ("value",) if value.points is None else ("points",)
            value = value.value if value.points is None else value.points
        self.number = None if isinstance(value, list) else float(cast(float, value))
        self.points: list[Point] = [_nested(Point, p) for p in value] if isinstance(value, list) else []

    @property
    def is_number(self) -> bool:
        """Whether it is a plain number."""
        return self.number is not None and self.lfo is None

    @property
    def needs_timeline(self) -> bool:
        """Whether it depends on tempo, meter or sections."""
        places = [parse_place(point.at) for point in self.points]
        is_timed = any(isinstance(place, Place) or place.is_musical for place in places)
        return is_timed or bool(self.lfo and self.lfo.is_musical)

    def mistakes(self, field: Field) -> Iterator[Mistake]:
        """Find what can be seen without a song.

        Parameters
        ----------
        field : Field
            The declaration of the key: its bounds hold for each point and for the reach of the LFO.

        Yields
        ------
        tuple of (tuple, str)
            Where below the key, and a message.
        """
        before: Point | None = None
        for index, point in enumerate(self.points):
            here = (*self._prefix, index)
            if problem := field.limit_problem(point.value):
                yield (*here, "value"), f"{problem} (is {point.value:.15g})"
            is_curved = point.curve == "exponential" and not field.unit.startswith(_LOGARITHMIC)
            if before and is_curved and not min(before.value, point.value) > 0:
                yield (
                    (*here, "curve"),
                    "exponential needs values above 0 at both ends, since their ratio counts "
                    f"(is from {before.value:g} to {point.value:g}): write linear, or begin a little above 0",
                )
            before = point
        if self.number is not None and (problem := field.limit_problem(self.number)):
            yield self._prefix, f"{problem} (is {self.number:.15g})"
        elif self.lfo:
            values = [point.value for point in self.points] or [cast(float, self.number)]
            for value, side in ((min(values), -1), (max(values), 1)):
                reached = value + side * abs(self.lfo.depth)
                if not field.limit_problem(value) and (problem := field.limit_problem(reached)):
                    yield (
                        ("lfo", "depth"),
                        f"takes the value to {reached:g}, which {problem} (from {value:g} by {abs(self.lfo.depth):g})",
                    )

    def mistakes_in(self, context: RenderContext) -> Iterator[Mistake]:
        """Find what only the song shows: sections that it has not, places that do not exist, and their order.

        Parameters
        ----------
        context : RenderContext
            With the timeline of the song.

        Yields
        ------
        tuple of (tuple, str)
            Where below the key, and a message.
        """
        before: tuple[int, str] | None = None
        taken: dict[int, str] = {}
        for index, point in enumerate(self.points):
            where = (*self._prefix, index, "at")
            try:
                frames = _frames(point, context)
            except ValueError as error:
                yield where, str(error)
                continue
            shared = next((taken[frame] for frame in frames if frame in taken), None)
            if before and frames[0] <= before[0]:
                yield where, f"must come after the point before it, {before[1]} (is {point.at})"
            elif frames[0] > context.frames:
                end = f"{context.frames / context.rate:g} s"
                yield where, f"is after the end of the song, {end} (is {point.at})"
            elif shared is not None:
                yield where, f"is also where another point is, {shared} (is {point.at})"
            before = frames[0], point.at
            taken |= dict.fromkeys(frames, point.at)
        if self.lfo and (problem := self.lfo.speed_problem(context)):
            yield ("lfo", "length"), problem

    def curve(self, context: RenderContext, unit: str = "") -> Curve:
        """The curve that it means in a song.

        Parameters
        ----------
        context : RenderContext
            With the timeline, if `needs_timeline`.
        unit : str
            The unit of the key.

        Returns
        -------
        Curve
        """
        edge = round_half_up(Fraction(EDGE_S) * context.rate)
        wave = self.lfo.wave(context, self.lfo.depth) if self.lfo and self.lfo.depth else None
        if self.number is not None:
            return Curve(((0, self.number, "linear"),), edge, wave, context.origin)
        kinds = {"exponential": "linear"} if unit.startswith(_LOGARITHMIC) else {}
        points = sorted(
            (frame, point.value, kinds.get(point.curve, point.curve))
            for point in self.points
            for frame in _frames(point, context)
        )
        curve = Curve(tuple(points), edge, wave, context.origin)
        return curve.through(context.passages) if context.passages else curve


def number_or_automation(field: Field, number: Any, handler: Any) -> Any:
    """The pydantic core schema of a key that may be automated.

    Parameters
    ----------
    field : Field
        The declaration of the key.
    number : pydantic core schema
        That of the number alone.
    handler : pydantic.GetCoreSchemaHandler
        From `__get_pydantic_core_schema__`.

    Returns
    -------
    pydantic core schema
        Its errors have the tags of `TAGS` in their paths.
    """
    from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError, core_schema

    def check(written: Any) -> Any:
        if not isinstance(written, (list, Modulated)):
            return written
        found = [
            InitErrorDetails(
                type=PydanticCustomError("value_error", "{error}", {"error": message}),
                loc=where,
                input=written,
            )
            for where, message in Automation(written).mistakes(field)
        ]
        if found:
            raise ValidationError.from_exception_data("automation", found)
        return written

    points = core_schema.list_schema(handler.generate_schema(Point), min_length=1)
    choices = {"[number]": number, "[points]": points, "[modulated]": handler.generate_schema(Modulated)}
    return core_schema.no_info_after_validator_function(check, core_schema.tagged_union_schema(choices, _tag))


def plain(written: Any) -> Any:
    """The value of a key, which may be automated, as plain data without what is left at its default."""
    if isinstance(written, list):
        return [plain(entry) for entry in written]
    if not isinstance(written, (Point, Lfo, Modulated)):
        return written
    kept = {each.name: getattr(written, each.name) for each in fields(written)}
    return {each.name: plain(kept[each.name]) for each in fields(written) if kept[each.name] != each.default}


def _tag(written: object) -> str:
    if isinstance(written, (dict, Modulated)):
        return "[modulated]"
    return "[points]" if isinstance(written, list) else "[number]"


def _nested(cls: type, value: Any) -> Any:
    """An instance of a class of keys, which in jobs is plain data."""
    return cls(**value) if isinstance(value, dict) else value


def _frames(point: Point, context: RenderContext) -> list[int]:
    """The frames of a point, rising. Raises ValueError for a section or a beat that the song has not."""
    place = parse_place(point.at)
    if isinstance(place, Place):
        timeline = context.required_timeline()
        starts = [section.start for section in timeline.sections if section.name == place.section]
        if not starts:
            names = list(dict.fromkeys(section.name for section in timeline.sections))
            raise ValueError(f"there is no section {place.section!r}{did_you_mean(place.section, names)}")
        return [timeline.frame_after(start, place.offset) for start in starts]
    if place.is_musical:
        timeline = context.required_timeline()
        return [timeline.frame_of(place)]
    return [round_half_up((place.seconds + place.offset.seconds) * context.rate)]
