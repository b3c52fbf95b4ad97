"""Templates of the names of delivered files, such as `{song}_{stem}`."""

from __future__ import annotations

import string

from stemwright.validation.names import in_ascii, parse_file_name

FIELDS = (
    "song",
    "title",
    "artist",
    "album",
    "number",
    "stem",
    "version",
    "type",
    "bpm",
    "key",
    "date",
    "format",
    "rate",
    "bits",
)
"""The fields that a template may use. `type` is what a file is: Master, Mix, or the name of the version or stem.
`album` and `number`, in two digits, are of an album's track."""


def parse_template(text: object) -> str:
    """A template such as `{song}_{stem}`. Raises ValueError for an unknown field or a malformed template."""
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


def file_name(template: str, ending: str, values: dict[str, str | None], ascii: bool = False) -> str:
    """The file name that a template gives.

    Parameters
    ----------
    template
        A valid template, as returned by `parse_template`.
    ending
        The file ending with its dot, such as `.wav`.
    values
        The value of each field; None or "" where there is none.
    ascii
        Whether the name is transliterated to ASCII.

    Returns
    -------
    str
        A safe file name, without a folder.

    Raises
    ------
    ValueError
        If a field that the template uses has no value, or if the name is not safe.
    """
    missing = [f for _, f, _, _ in string.Formatter().parse(template) if f is not None and not values.get(f)]
    if missing:
        raise ValueError(f"uses {{{missing[0]}}}, which has no value for this file (is {template!r})")
    name = template.format_map(values) + ending
    if ascii and not (name := in_ascii(name)).isascii():
        sign = next(sign for sign in name if not sign.isascii())
        raise ValueError(f"gives {name!r:.140}, and ASCII has no letter for {sign}: set names.ascii: false")
    return parse_file_name(name)
