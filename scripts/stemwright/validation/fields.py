"""Declaring a key: its type, range, unit and line of help, once, where its code is.

    cutoff_hz: Annotated[float, Key("Where the response is 3 dB down.", "Hz", ge=10, le=96_000)]

From that one declaration come validation, the JSON Schema and the reference page. Nothing here
imports pydantic unless pydantic asks: jobs import these classes too, and must start quickly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

_BOUNDS = ("ge", "gt", "le", "lt", "min_length", "max_length")


@dataclass(frozen=True)
class Field:
    """The declaration of one key, as metadata in `Annotated`.

    `help` is one sentence; `unit` as people write it (dB, Hz, ms, LUFS); `ge`, `gt`, `le`, `lt` and the
    lengths are its bounds. `parse` reads the value and raises ValueError with the text to show.
    `types` names the JSON types of a key that `parse` alone checks. Types are strict: no text for numbers.
    """

    help: str
    unit: str = ""
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    parse: Callable[[object], object] | None = None
    types: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, source, handler):
        from pydantic_core import core_schema

        schema = handler(source)
        for bound in _BOUNDS:
            if getattr(self, bound) is not None:
                schema[bound] = getattr(self, bound)
        if schema["type"] in ("int", "float", "str", "bool"):
            schema["strict"] = True
        if schema["type"] == "float":
            schema["allow_inf_nan"] = False

        def check(value, inner):
            if schema["type"] == "str" and isinstance(value, (int, float)):
                self._refuse_number(value)
            if schema["type"] == "literal" and type(value) not in map(type, schema["expected"]):
                raise ValueError(f"must be {' or '.join(map(str, schema['expected']))} (is {value!r})")
            value = inner(value)
            if self.parse is not None:
                self.parse(value)
            return value

        return core_schema.no_info_wrap_validator_function(check, schema)

    def _refuse_number(self, value: float) -> None:
        """Says what a number (or true, false) lacks that stands where text belongs: a unit, or quotes."""
        if self.parse is not None:
            try:
                self.parse(str(value))
            except ValueError:
                self.parse(value)
        raise ValueError(f"must be text: put it in quotes (is {value!r})")

    def __get_pydantic_json_schema__(self, schema, handler):
        json_schema = handler(schema)
        if self.types:
            json_schema["type"] = list(self.types)
        json_schema["description"] = f"{self.help} Unit: {self.unit}." if self.unit else self.help
        return json_schema


class Configurable:
    """Base of a dataclass whose fields are keys of the YAML: keys that it has not are errors."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 (a plain dict, as pydantic documents it)

    def check(self, context) -> None:
        """Hold the keys against the song they are used in. Raises ValueError with the text to show."""

    def problems(self, context) -> Iterator[tuple[tuple, str]]:
        """(where in its keys, what is wrong) of every mistake in the song they are used in."""
        try:
            self.check(context)
        except ValueError as error:
            yield (), str(error)

    def entry(self) -> dict:
        """This as a one-key map of plain data: what a job is given, with all its keys, defaults too."""
        return {type(self).__module__.rpartition(".")[2]: asdict(self)}
