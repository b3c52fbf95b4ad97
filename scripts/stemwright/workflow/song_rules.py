"""Rules that a song brings of its own, songs/SONG.smk: what they do, and whether they can be used."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from snakemake.rules import Rule

from stemwright.base.errors import StemwrightError
from stemwright.plan.jobs import Plan


def what_it_does(rule: Rule) -> str:
    """A digest of a rule's command, script or code: as a param, so that an edit of it is a reason to run."""
    script = rule.script or rule.notebook
    path = Path(rule.basedir.get_path_or_uri(secret_free=True)) / script if script else None
    code = path.read_text() if path and path.exists() else script or rule.shellcmd or rule.run_func_src
    return hashlib.sha256(str(code).encode()).hexdigest()[:16]


def check_song_rules(rules: Mapping[Rule, Path], plans: Iterable[Plan]) -> None:
    """Raises StemwrightError for a rule that makes what is ours to make, or that lacks an input.

    Snakemake takes a file whose rule lacks an input for one that no rule makes: what is there, however old, would do.
    """
    for plan in plans if rules else ():
        for rule, file in rules.items():
            if taken := next(filter(rule.is_producer, plan.targets), None):
                raise StemwrightError(
                    f"{file}: rule {rule.name} would make {taken}, which Stemwright makes: name its output otherwise"
                )
        for path in plan.source_files:
            for rule, file in rules.items():
                if produces(rule, path, rules) and (lacking := _lacking(rule, path, rules)):
                    raise StemwrightError(
                        f"{file}: rule {rule.name}, which makes {path}, lacks its input {lacking}: "
                        "there is no such file"
                    )


def produces(rule: Rule, path: str, rules: Iterable[Rule]) -> bool:
    """Whether a rule makes a file.

    A recording may just have a name such as a rule with wildcards could make: then the rule lacks its inputs.
    """
    if not rule.is_producer(path):
        return False
    return not (rule.wildcard_names and os.path.exists(path) and _lacking(rule, path, rules))


def _lacking(rule: Rule, path: str, rules: Iterable[Rule]) -> str | None:
    """An input that a rule needs for a file, which is not there, and which none of the rules makes."""
    wildcards = rule.get_wildcards(path)
    for name in rule.input:
        if callable(name):
            continue
        needed = str(name.apply_wildcards(wildcards) if rule.wildcard_names else name)
        if not os.path.exists(needed) and not any(other.is_producer(needed) for other in rules):
            return needed
    return None


def in_words(error: Exception) -> str:
    """What is wrong with a file of rules, without Snakemake's frames around it."""
    number = getattr(error, "lineno", None)
    line = f"line {number}: " if number else ""
    return f"{line}{' '.join(str(error).split()) or type(error).__name__}"
