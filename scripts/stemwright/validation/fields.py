"""Declaration of a YAML key, in one place: its type, range, unit and description.

    cutoff_hz: Annotated[float, Field("The -3 dB frequency.", "Hz", ge=10, le=96_000)]

Validation, the JSON Schema and the reference page are derived from this declaration. pydantic is imported only
when pydantic itself asks for the schema: jobs import these classes too and must start quickly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, cast

_BOUNDS = ("ge", "gt", "le", "lt", "min_length", "max_length")


@dataclass(frozen=True)
class Field:
    """The declaration of one key, as metadata in `Annotated`. Types are strict: text is not taken for a number.

    `help` is a sentence and `unit` its usual symbol (dB, Hz, ms, LUFS). `ge`, `gt`, `le`, `lt`, `min_length` and
    `max_length` are bounds. `parse` is called with the value and raises ValueError with the message for the user.
    `types` lists the JSON types of a key that only `parse` checks.
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

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        schema = handler(source)
        for bound in _BOUNDS:
            if getattr(self, bound) is not None:
                schema[bound] = getattr(self, bound)
        if schema["type"] in ("int", "float", "str", "bool"):
            schema["strict"] = True
        if schema["type"] == "float":
            schema["allow_inf_nan"] = False

        def check(value: Any, inner: Any) -> Any:
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
        """Raise ValueError for a number or boolean in place of text: it lacks a unit or quotes."""
        if self.parse is not None:
            try:
                self.parse(str(value))
            except ValueError:
                self.parse(value)
        raise ValueError(f"must be text: put it in quotes (is {value!r})")

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        json_schema = handler(schema)
        if self.types:
            json_schema["type"] = list(self.types)
        json_schema["description"] = f"{self.help} Unit: {self.unit}." if self.unit else self.help
        return json_schema


class Configurable:
    """Base of dataclasses whose fields are YAML keys. A key without a field is an error."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 (a plain dict, as pydantic documents it)

    def check(self, context: Any) -> None:
        """Check the keys against the render context of the song. Raises ValueError with the message to show."""

    def problems(self, context: Any) -> Iterator[tuple[tuple, str]]:
        """Find all mistakes that `check` and its overrides can find.

        Parameters
        ----------
        context
            The render context of the song.

        Yields
        ------
        tuple of (tuple, str)
            The path of a mistake below these keys, and its message.
        """
        try:
            self.check(context)
        except ValueError as error:
            yield (), str(error)

    def entry(self) -> dict:
        """The kind and its keys as plain data, `{kind: keys}` with all defaults: the form that jobs get."""
        return {type(self).__module__.rpartition(".")[2]: asdict(cast(Any, self))}
