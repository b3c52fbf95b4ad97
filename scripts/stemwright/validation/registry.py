"""Kinds of things (effects, sources, gates), each one module with one class.

The kind `zero_cross` is the class `ZeroCross` of the module `zero_cross.py`. There is no list to
keep: a file that is there is a kind. A name with a leading underscore is a shared helper.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path


@cache
def kinds(package: str) -> tuple[str, ...]:
    """The kinds of a package such as `stemwright.effects`, sorted."""
    folder = Path(import_module(package).__file__).parent
    return tuple(sorted(p.stem for p in folder.glob("[!_]*.py")))


def load(package: str, kind: str) -> type:
    """The class of one kind. It imports that kind's module and no other."""
    name = "".join(word.capitalize() for word in kind.split("_"))
    return getattr(import_module(module_name(package, kind)), name)


def make(package: str, entry: dict) -> object:
    """One thing of a package from its one-key map, `{"lowpass": {"cutoff_hz": 8000}}`."""
    ((kind, keys),) = entry.items()
    return load(package, kind)(**keys)


def module_name(package: str, kind: str) -> str:
    return f"{package}.{kind}"
