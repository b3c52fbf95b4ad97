"""Rules of a song itself, `songs/SONG.smk`: checks of them, and digests of what they run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from tokenize import TokenError

from snakemake.exceptions import get_exception_origin
from snakemake.rules import Rule

from stemwright.base.errors import StemwrightError
from stemwright.base.printable import printable
from stemwright.plan.planned import Planned


def what_it_does(rule: Rule) -> str:
    """A digest of a rule's command, script or code, used as a param: an edit of it is a reason to rerun."""
    script = rule.script or rule.notebook
    path = Path(rule.basedir.get_path_or_uri(secret_free=True)) / script if script else None
    code = path.read_text() if path and path.exists() else script or rule.shellcmd or rule.run_func_src
    return hashlib.sha256(str(code).encode()).hexdigest()[:16]


def check_song_rules(rules: Mapping[Rule, Path], plans: Iterable[Planned]) -> None:
    """Raise StemwrightError for a rule that would make one of Stemwright's own files, or that lacks an input.

    `rules` has the file of each rule. Snakemake treats a file whose rule lacks an input as one that no rule makes, and
    would use an outdated file without a word.
    """
    for plan in plans if rules else ():
        for rule, file in rules.items():
            if taken := next(filter(rule.is_producer, plan.targets), None):
                raise StemwrightError(
                    f"{file}: rule {rule.name} would make {taken}, which Stemwright makes: give its output another name"
                )
        for path in plan.source_files:
            for rule, file in rules.items():
                if produces(rule, path, rules) and (lacking := _lacking(rule, path, rules)):
                    raise StemwrightError(
                        f"{file}: rule {rule.name}, which makes {path}, lacks its input {lacking}: "
                        "there is no such file"
                    )


def produces(rule: Rule, path: str, rules: Iterable[Rule]) -> bool:
    """Whether a rule makes the file `path`.

    Parameters
    ----------
    rule : snakemake.rules.Rule
        The rule.
    path : str
        The file.
    rules : iterable of Rule
        All rules of songs, whose outputs may be inputs of this one.

    Returns
    -------
    bool
        Also False for an existing file that a rule with wildcards matches only by name, since it lacks its inputs.
    """
    if not rule.is_producer(path):
        return False
    return not (rule.wildcard_names and os.path.exists(path) and _lacking(rule, path, rules))


def _lacking(rule: Rule, path: str, rules: Iterable[Rule]) -> str | None:
    """The first input of a rule, for this file, that does not exist and that none of the rules makes; or None."""
    wildcards = rule.get_wildcards(path)
    for name in rule.input:
        if callable(name):
            continue
        needed = str(name.apply_wildcards(wildcards) if rule.wildcard_names else name)
        if not os.path.exists(needed) and not any(other.is_producer(needed) for other in rules):
            return needed
    return None


def in_words(file: Path, error: Exception, linemaps: Mapping[str, Mapping[int, int]]) -> str:
    """Describe an error in a file of rules in one line, without a traceback.

    Parameters
    ----------
    file : Path
        The file.
    error : Exception
        The error, as the caller has caught it.
    linemaps : mapping of str to mapping
        Snakemake's: for each absolute path, from the lines of what it has made of a file to those of the file.

    Returns
    -------
    str
        The file, the line if it is known, and what is wrong.
    """
    what, number = str(error), getattr(error, "lineno", None)
    path = Path(getattr(error, "filename", None) or file).absolute()  # that of another, if it includes one
    inside = error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)  # without the caller
    if number is None and (origin := get_exception_origin(inside, linemaps)):
        number, path = origin[0], Path(origin[1])
    if isinstance(error, TokenError):
        what, (number, _) = error.args
    elif not (isinstance(error, SyntaxError) and error.offset is None):  # that is of Snakemake's own parser
        number = linemaps.get(str(path), {}).get(number or 0)
    if isinstance(error, SyntaxError):
        what = error.msg
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    place = f"{path}:{number}" if number else str(path)
    return f"{place}: cannot be used: {printable(' '.join(what.split())) or type(error).__name__}"
