"""Changed params are reported in words: `effects changed (lowpass.cutoff_hz 8000 → 6000)`.

Without it
    If the params of a job have changed, Snakemake prints those of its last run and the new ones: two dictionaries of
    some thousand characters each. Each of our jobs has one keyed dictionary (see `stemwright.plan`), so that the
    difference can be reported. Long lists of files are cut. Reasons are only longer without this patch.
Upstream
    None filed: it depends on the form of our params.
Touches
    Nothing of Snakemake: it adds a filter to Snakemake's logger, a `logging.Logger`, which rewrites the field `reason`
    of what is logged about a job of ours. For why it is no logger plug-in, see `error_text`.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_change_reasons.py::test_snakemake_prints_both_dictionaries fails.
"""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from stemwright.snakemake_patches._ours import is_name_of_ours
from stemwright.snakemake_patches._patch import Patch, Source

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

_CHANGE = "Union of exclusive params before and now across all output: before: "
_NOW = " now: "
_NONE = "<nothing exclusive>"
_INSIDE = {
    ("context", "harmony"): "key or chords",
    ("context", "timeline"): "tempo or sections",
    ("context", "frames"): "length",
    ("context", "rate"): "session",
    ("context", "channels"): "session",
    ("context",): "what it is made or checked for",
    ("timeline",): "tempo or sections",
    ("chords",): "chords",
    ("section_keys",): "keys",
    ("ledgers",): "what it is built on",
}
"""What users call parts of the params that have no key of theirs: these are named, and their values are not shown."""
NO_RECORD = "none is on record"
_NEXT = "; Software environment definition has changed since last execution"
_MOST = 4  # changes of one part, or files, that are listed; the rest is counted
_LONGEST = 40
_NOT_SET = object()


def _set_up(workflow: Workflow) -> None:
    logger.addFilter(_say_why)


def _say_why(record: Any) -> bool:
    if getattr(record, "event", None) == LogEvent.JOB_INFO and is_name_of_ours(record.rule_name):
        record.reason = in_words(record.reason)
    return True


def in_words(reason: str) -> str:
    """Snakemake's reason for a job of ours, with changed params in words and long lists of files cut."""
    before, change, params = reason.partition(_CHANGE)
    after = _NEXT if params.endswith(_NEXT) else ""
    others = "; ".join(map(_cut, before.split("; ")))
    if change and _change_in_words(params.removesuffix(after)) == NO_RECORD and "; " in others:
        return others.rpartition("; ")[0] + after  # of a file that is not there, there is no record
    return others + (
        (_change_in_words(params.removesuffix(after)) or change + params) + after if change else ""
    )


def _change_in_words(params: str) -> str | None:
    """What changed, given the params as Snakemake prints them: `{…} now: {…}`. None if they are not ours."""
    at = params.find(_NOW)
    while at >= 0:
        try:
            now = literal_eval(params[at + len(_NOW) :].strip())
            if params[:at] == _NONE and now["tools"]:
                return NO_RECORD
            return words(literal_eval(params[:at]), now)
        except (ValueError, SyntaxError, TypeError, LookupError, AttributeError):
            at = params.find(_NOW, at + 1)  # this one is part of a text in the params
    return None


def _cut(part: str) -> str:
    label, colon, files = part.partition(": ")
    return f"{label}: {_some(files.split(', '))}" if colon and label.endswith(("files", "job")) else part


def words(before: dict, now: dict) -> str:
    """The difference between two params of ours. Raises LookupError, TypeError or AttributeError for others."""
    parts: dict[str, list[str]] = {}
    for path, old, new in _differences(before["params"], now["params"], ()):
        if inside := _INSIDE.get(path[:2]) or _INSIDE.get(path[:1]):
            parts.setdefault(inside, [])
            continue
        parts.setdefault(path[0], []).append(f"{_spell(path[1:])} {_say(old)} → {_say(new)}".strip())
    said = [
        f"{part.replace('_', ' ')} changed" + (f" ({_some(changes)})" if changes else "")
        for part, changes in parts.items()
    ]
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


PATCH = Patch(
    name="change_reasons",
    without="The reasons of jobs are longer.",
    is_safe_without=True,
    depends_on=(
        Source("snakemake.jobs:Job.log_info", {"9.27.0": "ec9b7758f4c5935a"}),
        Source("snakemake.jobs:Reason.__str__", {"9.27.0": "3c6bcb9936d041c1"}),
        Source("snakemake.persistence:ParamsChange.__str__", {"9.27.0": "32c9e31759889f65"}),
    ),
    set_up=_set_up,
)
