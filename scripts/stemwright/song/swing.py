"""The swing of a whole song: a default of every source that has a key `swing`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from stemwright.validation import registry

_SOURCES = "stemwright.sources"


def with_swing(data: dict) -> dict:
    """The data of a song in which its `swing` is that of every source that could set one and does not.

    Whatever is not as it should be stays as it is, for validation to report.
    """
    swing, stems = data.get("swing"), data.get("stems")
    if isinstance(swing, bool) or not isinstance(swing, int | float) or not isinstance(stems, dict):
        return data
    if not 0.5 <= swing <= 0.75:
        return data
    return {**data, "stems": {name: _swung(stem, swing) for name, stem in stems.items()}}


def _swung(stem: Any, swing: float) -> Any:
    """A stem, or a layer of a stack, whose source has the swing."""
    source = stem.get("source") if isinstance(stem, dict) else None
    if not isinstance(source, dict):
        return stem
    return {**stem, "source": {kind: _source(kind, keys, swing) for kind, keys in source.items()}}


def _source(kind: Any, keys: Any, swing: float) -> Any:
    if kind not in registry.kinds(_SOURCES) or not isinstance(keys, dict):
        return keys
    if isinstance(keys.get("layers"), dict):
        return {**keys, "layers": {name: _swung(layer, swing) for name, layer in keys["layers"].items()}}
    if any(field.name == "swing" for field in fields(registry.load(_SOURCES, kind))):
        return {"swing": swing, **keys}
    return keys
