"""Declaration of a YAML key, in one place: its type, range, unit and description.

    cutoff_hz: Annotated[float, Field("The -3 dB frequency.", "Hz", ge=10, le=96_000)]

Validation, the JSON Schema and the reference page are derived from this declaration. pydantic is imported only
when pydantic itself asks for the schema: jobs import these classes too and must start quickly.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

_LIMITS = {
    "ge": (operator.ge, "at least"),
    "gt": (operator.gt, "more than"),
    "le": (operator.le, "at most"),
    "lt": (operator.lt, "less than"),
}
_BOUNDS = (*_LIMITS, "min_length", "max_length")

_AUTOMATION = "stemwright.music.automation"
"""What may stand in place of a number. It knows musical time, so it is in a room above; pydantic alone asks for it."""


@dataclass(frozen=True)
class Field:
    """The declaration of one key, as metadata in `Annotated`. Types are strict: text is not taken for a number.

    `help` is a sentence and `unit` its usual symbol (dB, Hz, ms, LUFS). `ge`, `gt`, `le`, `lt`, `min_length` and
    `max_length` are bounds. `parse` is called with the value and raises ValueError with the message for the user.
    `types` lists the JSON types of a key that only `parse` checks. A number that is `automatable` may also be written
    as an automation, see `stemwright.music.automation`.
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
    automatable: bool = False

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

        checked = core_schema.no_info_wrap_validator_function(check, schema)
        if self.automatable:
            return import_module(_AUTOMATION).number_or_automation(self, checked, handler)
        return checked

    def limit_problem(self, value: float) -> str:
        """The message for a number that is out of range, such as `must be at least 0`, or ""."""
        for name, (holds, words) in _LIMITS.items():
            bound = getattr(self, name)
            if bound is not None and not holds(value, bound):
                return f"must be {words} {bound:.15g}"
        return ""

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
        if (
            self.automatable
        ):  # an editor says more of an alternative that fails if not exactly one is asked for
            json_schema = {"anyOf": json_schema["oneOf"]}
        if self.types:
            json_schema["type"] = list(self.types)
        json_schema["description"] = f"{self.help} Unit: {self.unit}." if self.unit else self.help
        return json_schema


def declarations(hint: object) -> Iterator[Field]:
    """Yield the declarations in a type hint, outermost first; of a dict, only those of its values."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        yield from (part for part in args[1:] if isinstance(part, Field))
        args = args[:1]
    for part in args[1:] if origin is dict else args:
        yield from declarations(part)


@cache
def automatable(cls: type) -> dict[str, Field]:
    """The declarations of the keys of a class that may be automated, by name."""
    hints = get_type_hints(cls, include_extras=True)
    return {name: field for name in hints for field in declarations(hints[name]) if field.automatable}


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
