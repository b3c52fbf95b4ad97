"""A delivery as a whole: what is in it, what each file is, and all findings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stemwright.base.errors import StemwrightError
from stemwright.inspection.acx import judge_acx, judge_book
from stemwright.inspection.consistency import judge_consistency, judge_copies
from stemwright.inspection.files import judge_delivered
from stemwright.inspection.finding import Finding
from stemwright.inspection.presets import with_remedies
from stemwright.inspection.roles import Roles, find_roles
from stemwright.inspection.sounds import Sound, open_sounds
from stemwright.inspection.sums import judge_sum
from stemwright.inspection.templates import judge_names
from stemwright.inspection.unpacking import Contents, open_delivery


@dataclass(frozen=True)
class Options:
    """What is asked for: files that are known to be the mix and the master, a preset of loudness, a template of names.

    The two files are names in the delivery, or paths of other files.
    """

    mix: str = ""
    master: str = ""
    preset: str = ""
    names: str = ""


@dataclass
class Report:
    """The result: the sound files with their roles, the other files, and all findings."""

    source: str
    sounds: list[tuple[Sound, str]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether nothing is refused: warnings are no failures."""
        return not any(finding.check.status == "fail" for finding in self.findings)


def inspect_delivery(source: str, options: Options) -> Report:
    """Judge a folder or a zip.

    Parameters
    ----------
    source : str
        Its path.
    options : Options
        What is asked for.

    Returns
    -------
    Report
        Everything that was found.

    Raises
    ------
    StemwrightError, OSError
        If it cannot be judged: there is no such folder or zip, or no sound in it, or an option names no file.
    """
    with open_delivery(source) as contents:
        report = Report(source, others=contents.others, findings=list(contents.findings))
        sounds, findings = open_sounds(contents.sounds)
        report.findings += findings
        sounds = [replace(s, shown=s.name if contents.is_zip else s.path) for s in sounds]
        if not sounds and report.passed:
            raise StemwrightError(f"{source}: has no sound file ({_named(contents)})")
        if sounds:
            _judge(report, sounds, contents, options)
        return report


def _named(contents: Contents) -> str:
    return ", ".join(contents.others[:5]) or "it is empty"


def _judge(report: Report, sounds: list[Sound], contents: Contents, options: Options) -> None:
    given = dict(contents.roles)
    for role, name in (("mix", options.mix), ("master", options.master)):
        if name:
            given[_named_by_option(role, name, sounds)] = role
    roles = find_roles(sounds, given)
    report.sounds = [(sound, roles.of(sound)) for sound in sounds]
    duplicates, copies = judge_copies(roles.stems)
    sums = _judge_sums(roles, copies)
    is_proved = any(finding.check.id == "sum" and finding.check.status == "pass" for finding in sums)
    report.findings += [*judge_consistency(roles, is_proved), *duplicates, *sums]
    if options.names:
        report.findings += judge_names(options.names, sounds, roles)
    whole = roles.master or roles.mix
    finished = [whole] if whole else sounds
    if options.preset == "acx":
        report.findings += judge_book(finished)
    for sound, role in report.sounds:
        target = options.preset if sound in finished and options.preset else None
        findings = judge_delivered(sound, role, target)
        if target:
            findings = with_remedies(target, sound, findings)
            if target == "acx":
                findings = judge_acx(sound, findings)
        report.findings += findings


def _named_by_option(role: str, name: str, sounds: list[Sound]) -> str:
    """The name in the delivery of a file that an option names; a file from elsewhere is added to it."""
    for sound in sounds:
        same = os.path.exists(name) and os.path.exists(sound.shown) and os.path.samefile(name, sound.shown)
        if name == sound.name or same:
            return sound.name
    if not os.path.exists(name):
        raise StemwrightError(f"--{role} {name}: there is no such file, neither here nor in the delivery")
    found, findings = open_sounds([(name, name)])
    if not found:
        raise StemwrightError(f"--{role} {name}: {findings[0].check.reason}")
    sounds.append(replace(found[0], shown=name))
    return name


def _judge_sums(roles: Roles, copies: Sequence[tuple[str, str]]) -> list[Finding]:
    """The sum of the stems against the mix; without a mix, or if it fails and they sum to the master, against that."""
    if roles.mix is None and roles.master is None:
        return judge_sum(None, roles.stems, "mix", copies)
    whole, role = (roles.mix, "mix") if roles.mix else (roles.master, "master")
    findings = judge_sum(whole, roles.stems, role, copies)
    if findings[0].check.status == "fail":
        if roles.extras:
            more = judge_sum(whole, [*roles.stems, *roles.extras], role, copies)
            if more[0].check.status == "pass":
                return more
        if roles.mix and roles.master and roles.master.rate == roles.mix.rate:
            mastered = judge_sum(roles.master, roles.stems, "master", copies)
            if mastered[0].check.status == "pass":
                return mastered
    return findings
