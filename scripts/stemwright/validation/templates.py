"""Names of delivered files, from templates."""

from __future__ import annotations

import string

from stemwright.validation.names import parse_file_name

FIELDS = ("song", "title", "artist", "stem", "bpm")


def parse_template(text: object) -> str:
    """A template such as `{song}_{stem}`. Raises ValueError for an unknown field, or for odd syntax."""
    if not isinstance(text, str):
        raise ValueError(f"must be a template such as {{song}}_{{stem}} (is {text!r})")
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"must be a template such as {{song}}_{{stem}}: {error} (is {text!r})") from None
    for literal, field, form, conversion in parts:
        if field is not None and (field not in FIELDS or form or conversion):
            raise ValueError(f"must use only {', '.join('{' + f + '}' for f in FIELDS)} (is {text!r})")
        if literal and any(sign in literal for sign in "/\\\0\n"):
            raise ValueError(f"must be a name without folders (is {text!r})")
    return text


def file_name(template: str, ending: str, values: dict[str, str | None]) -> str:
    """A template filled in, with its ending. Raises ValueError if a value is missing or the name not safe."""
    missing = [f for _, f, _, _ in string.Formatter().parse(template) if f is not None and not values.get(f)]
    if missing:
        raise ValueError(f"uses {{{missing[0]}}}, which this file has not (is {template!r})")
    return parse_file_name(template.format_map(values) + ending)
