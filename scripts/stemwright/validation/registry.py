"""Kinds (effects, sources, instruments, parts, gates): each is one module of a package with one class.

The kind `zero_cross` is the class `ZeroCross` of the module `zero_cross.py`. There is no list to maintain: every
module of the package is a kind, except those whose name begins with an underscore, which are shared helpers.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any


@cache
def kinds(package: str) -> tuple[str, ...]:
    """The kinds of a package such as `stemwright.effects`, sorted by name."""
    (folder,) = import_module(package).__path__
    return tuple(sorted(p.stem for p in Path(folder).glob("[!_]*.py")))


@cache
def load(package: str, kind: str) -> type:
    """The class of a kind. Of the package's kinds, only the module of this one is imported."""
    name = "".join(word.capitalize() for word in kind.split("_"))
    return getattr(import_module(module_name(package, kind)), name)


def classes(package: str) -> dict[str, Any]:
    """The class of each kind of a package, by name. All its modules are imported."""
    return {kind: load(package, kind) for kind in kinds(package)}


def make(package: str, entry: dict) -> Any:
    """An instance of a kind from its one-key mapping, such as `{"lowpass": {"cutoff_hz": 8000}}`."""
    ((kind, keys),) = entry.items()
    return load(package, kind)(**keys)


def module_name(package: str, kind: str) -> str:
    """The full name of a kind's module."""
    return f"{package}.{kind}"
