"""Snakemake's config, merged of files and the command line, as plain data that reads as our YAML does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stemwright.validation import yaml

MISSING = object()
"""What `get` gives where there is nothing."""


def as_our_yaml(value: object, readings: Sequence[tuple[object, object]]) -> object:
    """A value of Snakemake's config as plain data, read as we read YAML.

    Snakemake takes `on` for true and `2024-05-01` for a date. `readings` are what PyYAML and what we read at
    the same place of each file: a value that PyYAML read is put back.
    """
    for theirs, ours in readings:
        if value == theirs and type(value) is type(theirs):
            return ours
    if isinstance(value, Mapping):
        below = [(theirs, ours) for theirs, ours in readings if isinstance(theirs, dict)]
        return {
            str(k): as_our_yaml(v, [(t[k], o[k]) for t, o in below if k in t and k in o])
            for k, v in value.items()
        }
    return [as_our_yaml(item, []) for item in value] if isinstance(value, (list, tuple)) else value


def parse_text_values(data: dict, paths: Sequence[tuple]) -> bool:
    """Reads the text at these paths as YAML, in place. Says whether that changed any.

    Of `--config session="{channels: 1}"` Snakemake makes text throughout: the 1 is '1'.
    """
    changed = False
    for *above, last in paths:
        place, text = get(data, tuple(above)), get(data, (*above, last))
        if isinstance(text, str) and yaml.parse_scalar(text) != text:
            place[last] = yaml.parse_scalar(text)
            changed = True
    return changed


def get(data: object, path: tuple) -> object:
    """What `data` has at a path of keys and indices, or MISSING."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return data


def has_same(data: object, path: tuple, other: object) -> bool:
    """Whether `data` has something at a path, and the same as `other` has there."""
    value = get(data, path)
    return value is not MISSING and value == get(other, path)
