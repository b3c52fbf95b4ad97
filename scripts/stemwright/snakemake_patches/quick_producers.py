"""The rule that makes a file is found by the fixed parts of its paths first, and names are looked up.

Without it
    For each file of a plan, Snakemake tries the patterns of all rules whose paths begin and end alike: here, they all
    begin with the output root and a song, so that some fifty patterns are tried, and in each of them stand the names of
    all songs. Plans only take longer without this patch.
Upstream
    None filed.
Touches
    `OutputIndex.match_producers`: a pattern is tried only if the file ends as it does and has all of its fixed parts;
    for our rules, what stands for a wildcard that was given to `one_of` is looked up. The rules that it returns are the
    same, for rules of a host, too.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_quick_producers.py::test_snakemake_tries_many_patterns fails.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from itertools import product
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from snakemake.io import WILDCARD_REGEX

from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source

if TYPE_CHECKING:
    from snakemake.output_index import OutputIndex
    from snakemake.rules import Rule


_names: dict[str, frozenset[str]] = {}


def one_of(wildcard: str, names: Collection[str]) -> str:
    """The constraint of a wildcard of our rules that stands for one of some names."""
    if not PATCH.is_in_use or any("/" in name for name in names):
        return "|".join(map(re.escape, names)) or "(?!)"  # none
    _names[wildcard] = frozenset(names)
    return "[^/]+"


def _make_match(match_producers: Callable) -> Callable:
    known: WeakKeyDictionary[OutputIndex, _Index] = WeakKeyDictionary()

    def match(self, targetfile):
        if self not in known:
            known[self] = _Index(self)
        return known[self].producers(targetfile)

    return match


class _Index:
    """The products of rules, by what the names of their files end with, and a name that is in their paths."""

    def __init__(self, index: OutputIndex):
        self._products: dict[tuple[str, str], list[tuple[Rule, Any, str, list[str], str]]] = defaultdict(list)
        rules = {rule for _, entries in index._lookup._entries for rule, _ in entries}
        for rule in rules:
            for made in rule.products():
                parts = _fixed_parts(str(made.file))
                first, *others, last = parts if len(parts) > 1 else [*parts, ""]
                key = _ending(parts[-1]), _name(parts)
                self._products[key].append((rule, made, first, others, last))

    def producers(self, file: str) -> set[Rule]:
        """The rules that make a file."""
        keys = product({"", _ending(file)}, {"", *file.split("/")})
        return {
            rule
            for key in keys
            if key in self._products
            for rule in self._matching(file, self._products[key])
        }

    @staticmethod
    def _matching(file: str, products: Any) -> Iterator[Rule]:
        for rule, made, first, others, last in products:
            if file.startswith(first) and file.endswith(last) and all(part in file for part in others):
                try:
                    if (found := made.match(file)) and _is_known(rule, found):
                        yield rule
                except Exception:
                    if rule.is_producer(file):  # tells of it
                        yield rule


def _is_known(rule: Rule, found: re.Match) -> bool:
    """Whether what stands for the wildcards of a rule is among the names that it may be."""
    if not _names or not is_ours(rule):
        return True
    return all(found[name] in _names[name] for name in found.re.groupindex.keys() & _names.keys())


def _fixed_parts(pattern: str) -> list[str]:
    """What is around the wildcards of a path; the path itself if it has none."""
    spans = [found.span() for found in WILDCARD_REGEX.finditer(pattern)]
    starts, ends = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(pattern)]
    return [pattern[start:end] for start, end in zip(starts, ends, strict=True)]


def _name(parts: list[str]) -> str:
    """The first whole name of a folder or file that stands behind a wildcard, "" if there is none."""
    *others, last = [part.split("/") for part in parts]
    names = [name for part in others[1:] for name in part[1:-1]]
    return next(iter([*names, *last[1:]]), "") if others else ""


def _ending(path: str) -> str:
    """What follows the last dot, "" if there is none."""
    return path.rpartition(".")[2] if "." in path else ""


PATCH = Patch(
    name="quick_producers",
    without="Plans take longer.",
    is_safe_without=True,
    replacements=(
        Replacement(
            "snakemake.output_index:OutputIndex.match_producers", {"9.27.0": "47ef985a2abde3a9"}, _make_match
        ),
    ),
    depends_on=(
        Source("snakemake.output_index:OutputIndex.__init__", {"9.27.0": "66543782d2565798"}),
        Source("snakemake.output_index:OutputIndex.match", {"9.27.0": "b2075328d2da5e87"}),
        Source("snakemake.rules:Rule.is_producer", {"9.27.0": "804dac1e38c32798"}),
        Source("snakemake.io:_IOFile.match", {"9.27.0": "32319f624fc9772b"}),
    ),
)
