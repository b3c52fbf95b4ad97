"""Which rules are ours: Snakemake's behaviour changes for these only.

Used as a module, the workflow has its host's rules, too, and ours bear other names (`use rule * ... as music_*`). So a
rule is known by the file that it is written in.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakemake.rules import Rule
    from snakemake.workflow import Workflow

RULE_DIGEST = "stemwright_rule_digest"
"""The param that songs' own rules (`songs/SONG.smk`) are given: a digest of what they do. It makes them ours."""

_folders: set[str] = set()
_snakefiles: set[str] = set()
_workflows: list[Workflow] = []  # the one at work is the last


def claim(workflow: Workflow) -> None:
    """Call the rules ours that the files beside the one now read define, and those of the file that includes it."""
    *including, read = map(str, workflow.included_stack)
    _folders.add(os.path.dirname(read))
    _snakefiles.update(including[-1:])
    if workflow not in _workflows:
        _workflows[:] = [workflow]


def is_ours(rule: Rule | None) -> bool:
    """Whether a rule is the workflow's own or a song's, rather than its host's."""
    if rule is None:
        return False
    file = str(rule.snakefile)
    return os.path.dirname(file) in _folders or file in _snakefiles or hasattr(rule.params, RULE_DIGEST)


def is_name_of_ours(name: str) -> bool:
    """The same of a rule's name."""
    return any(is_ours(workflow.get_rule(name)) for workflow in _workflows if workflow.is_rule(name))


def is_script_of_ours(path: str) -> bool:
    """Whether a script is one of those that our rules run."""
    folders = {Path(folder, "../scripts").resolve() for folder in _folders}
    return Path(path).resolve().parent in folders
