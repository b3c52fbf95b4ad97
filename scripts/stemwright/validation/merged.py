"""Snakemake's config (config files merged with the command line) as plain data, read by the rules of our YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stemwright.validation import yaml

MISSING = object()
"""What `get` returns for a path that is not there."""


def merge(base: Any, over: Any) -> Any:
    """Merge two values: mappings key by key, recursively; any other value of `base` is replaced by `over`."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    return {**base, **{key: merge(base[key], value) if key in base else value for key, value in over.items()}}


def as_our_yaml(value: object, readings: Sequence[tuple[Any, Any]]) -> Any:
    """A value of Snakemake's config as plain data, as our YAML reader would have read it.

    PyYAML reads `on` as true and `2024-05-01` as a date; we read both as text. `readings` has for each config file
    what PyYAML and what we read at this place: a value equal to PyYAML's is replaced by ours.
    """
    for theirs, ours in readings:
        is_nan = value != value and theirs != theirs
        if (value == theirs or is_nan) and type(value) is type(theirs):
            return ours
    if isinstance(value, Mapping):
        below = [(theirs, ours) for theirs, ours in readings if isinstance(theirs, dict)]
        return {
            str(k): as_our_yaml(v, [(t[k], o[k]) for t, o in below if k in t and k in o])
            for k, v in value.items()
        }
    if isinstance(value, (list, tuple)):
        lists = [(t, o) for t, o in readings if isinstance(t, list) and len(t) == len(value)]
        return [as_our_yaml(item, [(t[i], o[i]) for t, o in lists]) for i, item in enumerate(value)]
    return value


def parse_text_values(data: dict, paths: Sequence[tuple]) -> bool:
    """Parse the text at these paths as YAML scalars, in place. Returns whether any value changed.

    Snakemake turns all scalars of `--config session="{channels: 1}"` into text: the 1 becomes '1'.
    """
    changed = False
    for *above, last in paths:
        place, text = get(data, tuple(above)), get(data, (*above, last))
        if isinstance(text, str) and yaml.parse_scalar(text) != text:
            place[last] = yaml.parse_scalar(text)
            changed = True
    return changed


def get(data: Any, path: tuple) -> Any:
    """The value at a path of keys and indices, or MISSING."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return data


def has_same(data: object, path: tuple, other: object) -> bool:
    """Compare two documents at one place.

    Parameters
    ----------
    data, other
        Documents of nested mappings and lists.
    path
        Keys and indices.

    Returns
    -------
    bool
        Whether `data` has a value there and `other` has an equal one.
    """
    value = get(data, path)
    return value is not MISSING and value == get(other, path)
