"""Facts: what functions find out about this machine in other ways than by files, such as the version of a program.

What depends on them can be kept between runs, as they are asked again (`stemwright.base.looked`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from typing import Any, TypeVar

T = TypeVar("T")

_facts: dict[str, Callable] = {}
_watchers: list[Callable[[str, Callable], Callable]] = []


def fact(function: Callable[..., T]) -> Callable[..., T]:
    """Make a function of a module a fact. It is asked once in a process; arguments and answers must be plain data."""
    name = f"{function.__module__}:{function.__qualname__}"
    kept = _facts[name] = cache(function)

    @wraps(function)
    def asked(*arguments: Any) -> T:
        return (_watchers[0](name, kept) if _watchers else kept)(*arguments)

    return asked


def watch_facts(watch: Callable[[str, Callable], Callable] | None) -> None:
    """From now on, have `watch` take the name and the function of each fact that is asked, and return what to ask."""
    _watchers[:] = [watch] if watch else []


def find_fact(name: str) -> Callable:
    """A fact by its name, `module:function`. Raises LookupError if there is none: no other function is found."""
    module = name.partition(":")[0]
    if module.startswith("stemwright."):
        import_module(module)
    return _facts[name]
