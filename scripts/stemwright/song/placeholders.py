"""Placeholders for the columns of a table: `$tempo`, `${Cutoff Hz}`, and `$$` for the sign itself."""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import cached_property

SIGN = "$"
"""What a placeholder begins with."""


class Placeholders(string.Template):
    """A text with placeholders, as of `string.Template`, in which a name in braces may have spaces and signs."""

    idpattern = r"(?a:[_a-z][_a-z0-9]*)"
    braceidpattern = r"[^{}]+"

    @cached_property
    def columns(self) -> list[str]:
        """The columns that it names, each once."""
        return self.get_identifiers()

    @cached_property
    def alone(self) -> str:
        """The column that is all of it; "" if there is more, or none."""
        found = self.pattern.fullmatch(self.template)
        return (found["named"] or found["braced"] or "") if found else ""

    def fill(self, texts: Mapping[str, str]) -> str:
        """The text with each placeholder replaced."""
        return self.substitute(texts)


def parse_placeholders(text: object) -> str:
    """A text with at least one placeholder. Raises ValueError for another."""
    if not isinstance(text, str):
        raise ValueError(f"must be text with columns, such as $name (is {text!r})")
    written = read_placeholders(text)
    if not written.columns:
        raise ValueError(
            f"must have a column in it, such as $name: else all songs are called the same (is {text!r})"
        )
    return text


def read_placeholders(text: str) -> Placeholders:
    """The placeholders in a text. Raises ValueError for a `$` that is none."""
    written = Placeholders(text)
    if not written.is_valid():
        raise ValueError(
            "has a $ that stands before no column: write $column or ${any column}, and $$ for the sign itself "
            f"(is {text!r:.80})"
        )
    return written
