"""Which rules are ours. The patches change Snakemake's behaviour for these only.

In a workflow that uses ours as a module, there are also the host's rules, and ours have other names (`use rule * from
stemwright as music_*`). Therefore a rule is recognized by the file in which it is written.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakemake.rules import Rule
    from snakemake.workflow import Workflow

RULE_DIGEST = "stemwright_rule_digest"
"""The param with the digest of what a rule does, which rules in songs/SONG.smk are given. It makes them ours."""

_folders: set[str] = set()
_snakefiles: set[str] = set()
_workflows: list[Workflow] = []  # the current one, or none


def claim(workflow: Workflow) -> None:
    """Make rules ours: those in the folder of the file that is being read, and those in the file that includes it."""
    *including, current = map(str, workflow.included_stack)
    _folders.add(os.path.dirname(current))
    _snakefiles.update(including[-1:])
    _workflows[:] = [workflow]
    is_file_of_ours.cache_clear()


def is_ours(rule: Rule | None) -> bool:
    """Whether a rule belongs to this workflow or to a song, and not to a host."""
    if rule is None:
        return False
    return is_file_of_ours(str(rule.snakefile)) or is_of_a_song(rule)


@cache
def is_file_of_ours(file: str) -> bool:
    """Whether a file of rules belongs to this workflow."""
    return os.path.dirname(file) in _folders or file in _snakefiles


def is_of_a_song(rule: Rule) -> bool:
    """Whether a rule is in songs/SONG.smk."""
    return hasattr(rule.params, RULE_DIGEST)


def is_name_of_ours(name: str) -> bool:
    """Whether the rule with this name, as the host knows it, is ours."""
    return any(is_ours(workflow.get_rule(name)) for workflow in _workflows if workflow.is_rule(name))


def is_script_of_ours(path: str) -> bool:
    """Whether a script is in the folder `scripts/` of our workflow."""
    folders = {Path(folder, "../scripts").resolve() for folder in _folders}
    return Path(path).resolve().parent in folders
