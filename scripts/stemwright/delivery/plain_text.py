"""Titles, sections and tables of plain text, and the texts that stand in every archive."""

from __future__ import annotations

from collections.abc import Sequence

from stemwright.delivery.manifest import MANIFEST, README, SUMS, VERIFY

HOW_TO_CHECK = f"To check that all is here and as it was made: python3 {VERIFY}, or: sha256sum -c {SUMS}"

TEXTS = (
    (MANIFEST, "all that is said here, for programs"),
    (README, "this text"),
    (VERIFY, "a program that checks all of it (Python 3.8 or later)"),
    (SUMS, "checksums"),
)
"""The texts, each with what it is."""


def titled(title: str, lines: Sequence[str]) -> str:
    """Lines under an underlined title; nothing without lines."""
    return "\n".join([title, "-" * len(title), *lines]) if lines else ""


def titled_table(title: str, rows: Sequence[Sequence[str]]) -> str:
    """A section of rows, whose columns are aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return titled(title, [line.rstrip() for line in lines])
