"""Short forms in the document, such as `- verse: 8 bars` or `clipping: false`, and the fields that take kinds.

Each class here is metadata in `Annotated` that wraps pydantic's validation of the full form and adds the short form
to the JSON Schema.
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Annotated, Any

from pydantic import BaseModel, create_model
from pydantic_core import core_schema

from stemwright.mixing.levels import FoundLevel
from stemwright.mixing.loudness_targets import LOUDNESS_TARGETS, parse_preset
from stemwright.music.automation import Point, parse_place
from stemwright.music.timeline import parse_duration
from stemwright.music.timeline.timeline import REMAINDER
from stemwright.validation import registry
from stemwright.validation.choice import check_single_kind
from stemwright.validation.lazy_keys import LazyKeys
from stemwright.validation.names import parse_name, parse_song_name

_COMMIT = re.compile(r"[0-9a-f]{7,64}")


def parse_length_or_remainder(text: object) -> None:
    """Check the length of a section: a duration, or `remainder`. Raises ValueError for anything else."""
    if text != REMAINDER:
        parse_duration(text)


def parse_length_or_reference(text: object) -> None:
    """Check the length of a song: a duration, or `reference`. Raises ValueError for anything else."""
    if text != "reference":
        parse_duration(text)


def parse_musical_length(text: object) -> None:
    """Check a length in bars, beats or notes, that is more than 0. Raises ValueError for anything else."""
    length = parse_duration(text)
    if length.seconds or not length:
        raise ValueError(f"must be in bars, beats or notes, and more than 0 (is {text!r})")


def parse_mute(value: object) -> bool | list[str] | list[Point]:
    """Read a mute: true, false, names of sections, or points as steps to 1 and 0. Raises ValueError."""
    if isinstance(value, bool):
        return value
    entries = value if isinstance(value, list) else []
    if entries and all(isinstance(name, str) for name in entries):
        return entries
    points = []
    for entry in entries:
        if not isinstance(entry, dict) or set(entry) != {"at", "mute"} or not isinstance(entry["mute"], bool):
            break
        parse_place(entry["at"])
        points.append(Point(entry["at"], float(entry["mute"]), "step"))
    if not entries or len(points) < len(entries):
        raise ValueError(
            "must be true, false, a list of sections, or a list of points such as {at: bar 9, mute: true} "
            f"(is {value!r})"
        )
    return points


def parse_solo(value: object) -> tuple[str, ...]:
    """Read what is soloed: names with commas between them, or a list. Raises ValueError for what is no name."""
    names = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if not isinstance(names, list):
        raise ValueError(f"must be names with commas between them, or a list of names (is {value!r})")
    for name in names:
        parse_name(name)
    return tuple(sorted(set(names)))


def parse_recording(value: object) -> object:
    """Read the path of a recording; YAML takes some for numbers. Raises ValueError for what is no path."""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise ValueError(f"must be the path of a recording (is {value!r})")
    return value


def parse_text_or_number(value: object) -> str:
    """Read what is text, though YAML may take it for a number, such as the id of a commit. Raises ValueError."""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool) or not str(value).strip():
        raise ValueError(f"must be a zip, a folder or a commit (is {value!r:.80})")
    return str(value)


def parse_commit(value: object) -> str:
    """Read the id of a commit. Raises ValueError."""
    if not isinstance(value, str) or not _COMMIT.fullmatch(value):
        raise ValueError(
            f"must be the id of a commit: 7 to 64 digits 0-9 and a-f, in quotes (is {value!r:.80})"
        )
    return value


class OptionalKeys:
    """The keys of a kind, which may be left empty. With `can_be_off` (gates), `false` and `true` are accepted too.

    With `can_be_off`, the value is a dict of only those keys that were written, or False, so that a stem overrides
    the gates of its song key by key.
    """

    def __init__(self, can_be_off: bool = False):
        self.can_be_off = can_be_off

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        def check(value: Any, inner: Any) -> Any:
            if not self.can_be_off:
                return inner({} if value is None else value)
            if value is False:
                return False
            written = {} if value in (None, True) else value
            if not isinstance(written, dict):
                raise ValueError(f"must be keys and values, or false to turn it off (is {value!r})")
            gate = inner(written)
            return {key: getattr(gate, key) for key in written}

        return core_schema.no_info_wrap_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        inner = handler(schema)
        empty = [] if handler.resolve_ref_schema(inner).get("required") else [{"type": "null"}]
        return {"anyOf": [inner, *([{"type": "boolean"}] if self.can_be_off else []), *empty]}


class SingleKind:
    """Exactly one of a model's keys, as in `- compressor: {ratio: 3}`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return core_schema.no_info_after_validator_function(_check_single_kind, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        reference = handler(schema)
        handler.resolve_ref_schema(reference).update(minProperties=1, maxProperties=1)
        return reference


def _check_single_kind(entry: BaseModel) -> BaseModel:
    check_single_kind(entry.model_fields_set)
    return entry


class LengthOrSection:
    """A section, or its length alone."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        def check(value: Any, inner: Any) -> Any:
            if isinstance(value, dict):
                return inner(value)
            parse_length_or_remainder(value)
            return inner({"length": value})

        return core_schema.no_info_wrap_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": "string", "description": "Its length."}]}


class NameOrKeys:
    """A name with keys, as in `- first-light: {gap: 0 s}`, or the name alone."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        def check(value: Any, inner: Any) -> Any:
            return inner({parse_song_name(value): {}} if isinstance(value, str) else value)

        return core_schema.no_info_wrap_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": "string", "description": "Its name."}]}


_MOVING = {"lfo", "value", "points"}
_LEVELS = {field.name for field in fields(FoundLevel)}


class GainOrLevel:
    """The gain of a fader, or a level that is found when the song is built."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        choices = {"[gain]": handler(source), "[level]": handler.generate_schema(FoundLevel)}

        def check(value: Any, inner: Any) -> Any:
            given = set(value) if isinstance(value, dict) else set()
            if given & _LEVELS and given & _MOVING:
                raise ValueError(
                    f"must be either a gain that moves ({', '.join(sorted(_MOVING))}) or a level that is found "
                    f"({', '.join(sorted(_LEVELS))}), not both (has {' and '.join(sorted(map(str, given)))})"
                )
            return inner(value)

        either = core_schema.tagged_union_schema(choices, _tag_of_level)
        return core_schema.no_info_wrap_validator_function(check, either)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        json_schema = handler(schema)
        gain, level = json_schema["anyOf"]
        return {**json_schema, "anyOf": [*gain["oneOf"], level]}


def _tag_of_level(written: object) -> str:
    is_level = isinstance(written, dict) and not _MOVING & set(written)
    return "[level]" if is_level or isinstance(written, FoundLevel) else "[gain]"


class GainOrSend:
    """A send, or its gain in dB alone, as a number or as points."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        def check(value: Any, inner: Any) -> Any:
            is_gain = isinstance(value, (int, float, list)) and not isinstance(value, bool)
            return inner({"gain_db": value} if is_gain else {} if value is None else value)

        return core_schema.no_info_wrap_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        gain = {"type": "number", "description": "Its gain. Unit: dB.", "minimum": -96, "maximum": 24}
        points = {"type": "array", "description": "Points of its gain."}
        return {"anyOf": [handler(schema), gain, points, {"type": "null"}]}


class BarOrPlace:
    """A change with one place: either `bar` or `at`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        def check(value: Any, inner: Any) -> Any:
            if isinstance(value, dict) and (value.get("bar") is None) == (value.get("at") is None):
                raise ValueError("must have either bar or at, the place where it takes effect")
            return inner(value)

        return core_schema.no_info_wrap_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        reference = handler(schema)
        handler.resolve_ref_schema(reference)["oneOf"] = [{"required": ["bar"]}, {"required": ["at"]}]
        return reference


class PresetOrTarget:
    """A loudness target with either a preset or a loudness, or the name of a preset alone."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        def check(value: Any, inner: Any) -> Any:
            if isinstance(value, str):
                parse_preset(value)
                value = {"preset": value}
            if isinstance(value, dict):
                given = [key for key in ("preset", "integrated_lufs") if value.get(key) is not None]
                if len(given) != 1:
                    found = "both" if given else "neither"
                    raise ValueError(f"must have either a preset or integrated_lufs (has {found})")
            return inner(value)

        return core_schema.no_info_wrap_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        reference = handler(schema)
        keys = handler.resolve_ref_schema(reference)
        keys["oneOf"] = [{"required": ["preset"]}, {"required": ["integrated_lufs"]}]
        keys["properties"]["preset"] = name = {
            "enum": list(LOUDNESS_TARGETS),
            "description": "The name of a preset.",
        }
        return {"anyOf": [reference, name]}


def model_of_kinds(
    base: type[BaseModel], package: str, title: str, doc: str, can_be_off: bool = False
) -> type[BaseModel]:
    """Make a model with one optional field for each kind of a package.

    Parameters
    ----------
    base : type of BaseModel
        The base of the model.
    package : str
        The package, such as `stemwright.effects`.
    title, doc : str
        Name and docstring of the model; both are shown in the schema and in the reference.
    can_be_off : bool
        Whether `false` is accepted for a kind, see `OptionalKeys`.

    Returns
    -------
    type of BaseModel
        The model.
    """
    fields: dict[str, Any] = {
        kind: (Annotated[Any, LazyKeys(package, kind), OptionalKeys(can_be_off)], None)
        for kind in registry.kinds(package)
    }
    return create_model(title, __base__=base, __doc__=doc, **fields)
