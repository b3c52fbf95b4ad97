"""The arguments of a program, with placeholders such as `{output}` and `{input:NAME}`."""

from __future__ import annotations

import os
import shlex
import string
from collections.abc import Mapping, Sequence

from stemwright.validation.fields import Field

Place = tuple[str, str]
"""A placeholder: its name, and after a colon that of a file, or ""."""

_OF_FILES = "input"


def split_argument(text: object, placeholders: Sequence[str]) -> list[tuple[str, Place | None]]:
    """Split an argument into its texts and the placeholders after them.

    Parameters
    ----------
    text : object
        The argument.
    placeholders : sequence of str
        The names that are known, besides `{input:NAME}`.

    Returns
    -------
    list of (str, (str, str) or None)
        Each text, and the placeholder after it; the last may have none.

    Raises
    ------
    ValueError
        For unknown placeholders and unbalanced braces.
    """
    if not isinstance(text, str) or "\0" in text:
        raise ValueError(f"must be text (is {text!r})")
    try:
        found = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(
            f"must have {{{{ and }}}} for braces that are not placeholders: {error} (is {text!r})"
        ) from None
    for _, name, form, conversion in found:
        valid = name == _OF_FILES if form else name in placeholders
        if name is not None and (conversion or not valid):
            known = ", ".join(f"{{{known}}}" for known in (*placeholders, f"{_OF_FILES}:NAME"))
            raise ValueError(f"must use only {known}, and {{{{ and }}}} for other braces (is {text!r})")
    return [(literal, None if name is None else (name, form or "")) for literal, name, form, _ in found]


def argument(*placeholders: str) -> Field:
    """The field of one argument, in which these placeholders may stand."""

    def parse_argument(text: object) -> object:
        return split_argument(text, placeholders)

    return Field("Braces that are not placeholders are doubled: {{ and }}.", parse=parse_argument)


def missing(argv: Sequence[str], placeholders: Sequence[str], needed: Sequence[str], files: Mapping) -> str:
    """What arguments lack.

    Parameters
    ----------
    argv : sequence of str
        The arguments.
    placeholders : sequence of str
        The names that are known.
    needed : sequence of str
        Those that must be used.
    files : mapping
        The files that `{input:NAME}` may name.

    Returns
    -------
    str
        The first mistake, as a message; "" if there is none.
    """
    used = [place for text in argv for _, place in split_argument(text, placeholders) if place]
    for name in needed:
        if (name, "") not in used:
            return f"argv must say where to {'read' if name == _OF_FILES else 'write'}: {{{name}}}"
    for name, form in used:
        if form and form not in files:
            return f"argv uses {{{name}:{form}}}, which is not among the inputs"
    return ""


def fill(argv: Sequence[str], values: Mapping[Place, str], is_shell: bool) -> list[str]:
    """Replace the placeholders.

    Parameters
    ----------
    argv : sequence of str
        The program and its arguments.
    values : mapping of (str, str) to str
        What stands for each placeholder.
    is_shell : bool
        Whether a shell is to run them: values are quoted. Otherwise a path of the program is made absolute, since it
        is from the working directory, not from the program's folder.

    Returns
    -------
    list of str
    """
    names = [name for name, form in values if not form]
    if is_shell:
        values = {place: shlex.quote(value) for place, value in values.items()}
    arguments = [
        "".join(text + (values[place] if place else "") for text, place in split_argument(word, names))
        for word in argv
    ]
    if not is_shell and "/" in arguments[0]:
        arguments[0] = os.path.abspath(os.path.expanduser(arguments[0]))
    return arguments
