"""Messages for pydantic's validation errors: the key as written, what was expected and what was found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel, ValidationError, create_model

from stemwright.validation.problems import did_you_mean, format_path

_EXPECTED = {
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be keys and values",
    "model_type": "must be keys and values",
    "model_attributes_type": "must be keys and values",
    "dataclass_type": "must be keys and values",
    "finite_number": "must be a finite number",
    "greater_than_equal": "must be at least {ge:.15g}",
    "greater_than": "must be more than {gt:.15g}",
    "less_than_equal": "must be at most {le:.15g}",
    "less_than": "must be less than {lt:.15g}",
    "too_short": "must have at least {min_length} {entries}",
    "too_long": "must have at most {max_length} {entries}",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters",
    "literal_error": "must be {expected}",
}
_NUMBER = re.compile(r"[-+]?\d")
_TAGS = ("[key]", "[number]", "[points]", "[modulated]", "[level]", "[gain]")
"""Parts of pydantic's paths that nobody wrote: of keys of a mapping, and of what may be automated or found."""
_MISSING = ("missing", "missing_argument", "missing_keyword_only_argument")
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")


def describe_errors(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[tuple, str]]:
    """Describe each error of a validation.

    Parameters
    ----------
    error
        What pydantic raised.
    model
        The model that was validated: its known keys serve for suggestions.

    Yields
    ------
    tuple of (tuple, str)
        The path of keys and list indices, and the message.
    """
    for found in error.errors(include_url=False):
        path = tuple(part for part in found["loc"] if part not in _TAGS)
        kind, context = found["type"], found.get("ctx", {})
        if kind in _MISSING:
            yield path, "is required"
        elif kind in _UNKNOWN:
            yield path, "is not a known key" + did_you_mean(path[-1], known_keys(model, path[:-1]))
        elif kind == "value_error":
            yield (
                path,
                str(context["error"]).replace(
                    f"(is {found['input']!r})", f"(is {_format_value(found['input'])})"
                ),
            )
        elif kind in _EXPECTED:
            words = {
                **context,
                "entries": "entry"
                if 1 in (context.get("min_length"), context.get("max_length"))
                else "entries",
                "expected": str(context.get("expected")).replace("'", ""),
            }
            remedy = _remedy(kind, found["input"], model, path)
            yield path, f"{_EXPECTED[kind].format(**words)} (is {_format_value(found['input'])}){remedy}"
        else:
            yield path, f"{found['msg']} (is {_format_value(found['input'])})"


def check_keys(keys: type, kind: str, data: dict) -> None:
    """Validate the keys of a kind outside of a document. Raises ValueError with the message for the first mistake.

    Parameters
    ----------
    keys : type
        The class of the kind, whose fields are its keys.
    kind : str
        The name of the kind.
    data : dict
        What was read.
    """
    model: type[BaseModel] = create_model("Keys", **{kind: (keys, ...)})  # type: ignore[call-overload]
    try:
        model.model_validate({kind: data})
    except ValidationError as error:
        path, message = next(describe_errors(error, model))
        raise ValueError(f"{format_path(path[1:])}: {message}") from None


def _remedy(kind: str, value: object, model: type[BaseModel], path: tuple) -> str:
    """How to correct a value of the wrong type, or ""."""
    if kind == "list_type" and isinstance(value, dict):
        return ": put - before each"
    of_keys = kind in ("dict_type", "dataclass_type", "model_type")
    if of_keys and (known := known_keys(model, path)):
        is_key = isinstance(value, str) and value in known
        return f": write {value}: {{}}" if is_key else f"; its keys are: {', '.join(known)}"
    if kind in ("float_type", "int_type") and isinstance(value, str) and _NUMBER.match(value):
        return ": write the number alone"
    return ""


def known_keys(model: type[BaseModel], path: tuple) -> list[str]:
    """The keys allowed at a path, sorted, from the model's JSON Schema."""
    schema = _schema(model)
    found = [schema]
    for part in path:
        found = [child for s in found for child in _children(_alternatives(s, schema), part)]
    return sorted({key for s in found for t in _alternatives(s, schema) for key in t.get("properties", {})})


@cache
def _schema(model: type[BaseModel]) -> dict:
    return model.model_json_schema()


def _alternatives(schema: dict, root: dict) -> list[dict]:
    """The alternatives (`anyOf`) of a schema, with references resolved."""
    if "$ref" in schema:
        return _alternatives(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    if "anyOf" in schema:
        return [flat for option in schema["anyOf"] for flat in _alternatives(option, root)]
    return [schema]


def _children(schemas: list[dict], part: str | int) -> Iterator[dict]:
    for schema in schemas:
        if isinstance(part, int):
            child = schema.get("items")
        else:
            child = schema.get("properties", {}).get(part) or schema.get("additionalProperties")
        if isinstance(child, dict):
            yield child


def _format_value(value: object) -> str:
    if isinstance(value, dict):
        return f"keys and values: {', '.join(map(str, value))}"[:80] if value else "empty"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."
