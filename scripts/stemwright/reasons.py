"""Why a job runs again, in words: `effects changed (lowpass.cutoff_hz 8000 → 6000)`.

Snakemake keeps the params a job last ran with, and prints both dictionaries when they differ. Ours are one
keyed dictionary each (see `stemwright.plan.jobs`), so the difference can be said.
"""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Iterator

from snakemake.jobs import Reason
from snakemake.persistence import ParamsChange

_MOST = 4  # changes told of one part; the rest is counted
_LONGEST = 40
_NOT_SET = object()


def speak() -> None:
    """Make Snakemake print changes of our params in words, and long lists of files briefly.

    Calling it again changes nothing.
    """
    if ParamsChange.__str__ is not _in_words:
        _briefly.before, Reason.__str__ = Reason.__str__, _briefly
        _in_words.before = ParamsChange.__str__
        ParamsChange.__str__ = _in_words


def _in_words(change: ParamsChange) -> str:
    try:
        (now,) = map(literal_eval, change.only_new)
        if not change.only_old and now["tools"]:
            return "none is on record"
        (before,) = map(literal_eval, change.only_old)
        return words(before, now)
    except (ValueError, SyntaxError, TypeError, KeyError, AttributeError):  # no params of ours
        return _in_words.before(change)


def _briefly(reason: Reason) -> str:
    return "; ".join(map(_cut, _briefly.before(reason).split("; ")))


def _cut(part: str) -> str:
    label, colon, files = part.partition(": ")
    return f"{label}: {_some(files.split(', '))}" if colon and label.endswith(("files", "job")) else part


def words(before: dict, now: dict) -> str:
    """The difference of two params of ours. Raises KeyError or AttributeError for others."""
    parts: dict[str, list[str]] = {}
    for path, old, new in _differences(before["spec"], now["spec"], ()):
        parts.setdefault(path[0], []).append(f"{_spell(path[1:])} {_say(old)} → {_say(new)}".strip())
    said = [f"{part.replace('_', ' ')} changed ({_some(changes)})" for part, changes in parts.items()]
    if before["tools"]["code"] != now["tools"]["code"]:
        said.append("code changed")
    libraries = before["tools"]["libraries"], now["tools"]["libraries"]
    said += [
        f"{path[-1]} changed ({_say(old)} → {_say(new)})" for path, old, new in _differences(*libraries, ())
    ]
    if before.get("refusals", 0) != now.get("refusals", 0):
        said.append("refused since it was made")
    return "; ".join(said)


def _differences(old: object, new: object, path: tuple) -> Iterator[tuple[tuple, object, object]]:
    """(path, old, new) of the innermost values that differ."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _differences(old.get(key, _NOT_SET), new.get(key, _NOT_SET), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from _differences(a, b, (*path, index))
    else:
        yield path, old, new


def _spell(path: tuple) -> str:
    """Keys joined by dots. A position is left out where a name follows it: an effect is known by its kind."""
    named = [str(part) for i, part in enumerate(path) if isinstance(part, str) or i == len(path) - 1]
    return ".".join(named)


def _say(value: object) -> str:
    if value is _NOT_SET or value is None:
        return "none"
    if isinstance(value, list) and all(isinstance(entry, dict) and len(entry) == 1 for entry in value):
        return ", ".join(next(iter(entry)) for entry in value) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _some(changes: list[str]) -> str:
    more = len(changes) - _MOST
    return ", ".join(changes[:_MOST]) + (f" and {more} more" if more > 0 else "")
