"""Names of files against a template such as `{artist}_{title}_{stem}_{bpm}_{key}`, and the nearest name that fits."""

from __future__ import annotations

import os
import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from stemwright.gates import Check
from stemwright.inspection import remedies
from stemwright.inspection.finding import Finding
from stemwright.inspection.roles import Roles
from stemwright.inspection.sounds import Sound
from stemwright.validation.problems import did_you_mean
from stemwright.validation.templates import FIELDS as DELIVERED_FIELDS

_PATTERNS = {
    "bpm": r"\d{2,3}(?:[.,]\d+)?(?:\s?bpm)?",
    "key": r"[A-Ga-g](?:#|b|♯|♭|sharp|flat)?[ -]?(?:major|minor|maj|min|Maj|Min|M|m)?",
    "date": r"\d{4}-?\d{2}-?\d{2}",
    "track": r"\d{1,3}",
    "number": r"\d{1,3}",
    "version": r"[vV]?\d+(?:\.\d+)*|[\w ]+?",
    "rate": r"\d+(?:[.,]\d+)?k?(?:Hz)?",
    "bits": r"\d{2}(?:bit|f)?",
}
FIELDS = (*DELIVERED_FIELDS, "track")
"""The fields that a template may use: those of our own deliveries, and the number of a file as `track`."""

_OWN = ("stem", "type", "track", "number")
"""Fields whose value differs from file to file."""


def parse(template: str) -> list[tuple[str, str | None]]:
    """A template as (literal text, field after it or None). Raises ValueError for a malformed one."""
    parts = []
    for literal, field, form, conversion in string.Formatter().parse(template):
        if field is not None and (field not in FIELDS or form or conversion):
            known = ", ".join(FIELDS)
            raise ValueError(f"{{{field}}} is no field: known are {known}{did_you_mean(field, FIELDS)}")
        if "/" in literal or "\\" in literal:
            raise ValueError("it has a folder: expected the name of a file without ending")
        parts.append((literal, field))
    fields = [field for _, field in parts if field]
    if not fields:
        raise ValueError("it has no field: expected one or more, such as {title}_{stem}")
    if repeated := [field for field, times in Counter(fields).items() if times > 1]:
        raise ValueError(f"{{{repeated[0]}}} is there twice")
    return parts


def judge_names(template: str, sounds: Sequence[Sound], roles: Roles) -> list[Finding]:
    """Compare the names of files with a template.

    Parameters
    ----------
    template : str
        The name without folder and ending, with fields.
    sounds : sequence of Sound
        The files.
    roles : Roles
        What each is: a mix or master without `{stem}` in its name is matched by its role.

    Returns
    -------
    list of Finding
        `name`: one for each file whose name does not fit, with the nearest that would; or one that passes.
    """
    parts = parse(template)
    found = {sound.name: _values(parts, sound.stem) for sound in sounds}
    usual = _usual([values for values in found.values() if values])
    findings = []
    for sound in sounds:
        values = found[sound.name]
        wrong = [field for field, value in usual.items() if values and values[field] != value]
        if values and not wrong:
            continue
        reason = f"does not fit {template}"
        if wrong and values:
            reason = ", ".join(
                f"its {field} is {values[field]!r}, that of the others {usual[field]!r}" for field in wrong
            )
        new = _nearest(parts, sound, usual, values)
        remedy = f"rename it: {new}" if new else f"rename it by {template}"
        command = remedies.renamed(remedies.shown_path(sound), _beside(sound, new)) if new else ""
        check = Check("name", "fail", sound.stem, limit=template, reason=reason, remedy=remedy)
        findings.append(Finding(check, sound.name, f"the template {template}", command))
    return findings or [
        Finding(Check("name", "pass", len(sounds), "files", template), "", f"the template {template}")
    ]


def _values(parts: Sequence[tuple[str, str | None]], name: str) -> dict[str, str] | None:
    """The value of each field in a name, each as short as it can be; None if the name does not fit.

    What was tried once is not tried again: a regular expression of many fields could take hours.
    """

    @cache
    def rest(index: int, at: int) -> tuple[str, ...] | None:
        text, field = parts[index]
        if not name.startswith(text, at):
            return None
        at += len(text)
        is_last = index == len(parts) - 1
        if field is None:  # at the end, or before a brace
            return rest(index + 1, at) if not is_last else () if at == len(name) else None
        for end in range(len(name) if is_last else at + 1, len(name) + 1):
            value = name[at:end]
            if not value or (field in _PATTERNS and not re.fullmatch(_PATTERNS[field], value)):
                continue
            others = () if is_last else rest(index + 1, end)
            if others is not None:
                return value, *others
        return None

    values = rest(0, 0)
    fields = [field for _, field in parts if field]
    return None if values is None else dict(zip(fields, values, strict=True))


def _usual(values: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The value of each field that more than half of the files share."""
    usual = {}
    for field in values[0] if len(values) > 1 else ():
        value, times = Counter(entry[field] for entry in values).most_common(1)[0]
        if field not in _OWN and 2 * times > len(values):
            usual[field] = value
    return usual


def _nearest(
    parts: Sequence[tuple[str, str | None]],
    sound: Sound,
    usual: Mapping[str, str],
    values: Mapping[str, str] | None,
) -> str:
    """The name that fits: the fields that all share as they are there, the own ones from what else the name has."""
    fields = [field for _, field in parts if field]
    open_fields = [field for field in fields if field not in usual]
    if values:
        known = {**values, **usual}
    elif len(open_fields) == 1:
        own = _left(sound.stem, list(usual.values()))
        if not own:
            return ""
        known = {**usual, open_fields[0]: own}
    elif not open_fields:
        known = dict(usual)
    else:
        return ""
    ending = os.path.splitext(sound.name)[1]
    return "".join(text + (known[field] if field else "") for text, field in parts) + ending


def _left(name: str, shared: Sequence[str]) -> str:
    """What a name has besides values that all share, whatever their case; without signs at its ends."""
    for value in sorted(shared, key=len, reverse=True):
        loose = r"[\W_]*".join(map(re.escape, re.findall(r"[^\W_]+|[#♯♭]", value)))
        name = re.sub(rf"(?<![^\W_]){loose}(?![^\W_])", "\0", name, count=1, flags=re.IGNORECASE)
    pieces = [piece.strip(" _-.,\t") for piece in name.split("\0")]
    return max(pieces, key=len) if pieces else ""


def _beside(sound: Sound, new: str) -> str:
    folder = remedies.shown_path(sound).rpartition("/")
    return "".join(folder[:2]) + new
