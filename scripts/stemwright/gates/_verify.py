"""Judging one file: all its gates over one pass, and the verdict."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stemwright.base.errors import ChangedFileError, StemwrightError
from stemwright.base.files import sha256
from stemwright.gates._base import AUDIO_STAGES, Check, Gate, Subject
from stemwright.measure import Meter, measure
from stemwright.records.produced import describe_change
from stemwright.validation import registry


def make(entries: Mapping[str, Mapping]) -> list[Gate]:
    """Gates from their limits by name, `{"dc": {"error": 0.01}}`, in that order."""
    return [registry.load("stemwright.gates", kind)(**limits) for kind, limits in entries.items()]


@dataclass(frozen=True)
class Verdict:
    """What was found. `format` is None for a file that is not audio."""

    subject: Subject
    format: dict | None
    checks: tuple[Check, ...]
    digest: str = ""

    @property
    def passed(self) -> bool:
        return not any(check.status == "fail" for check in self.checks)

    def record(self) -> dict:
        """The content of a sentinel, or of a line in the ledger of refusals."""
        return {
            "artifact": self.subject.path,
            "sha256": self.digest or sha256(self.subject.path),
            "kind": self.subject.kind or self.subject.stage,
            "format": self.format,
            "checks": [check.record() for check in self.checks],
        }


def verify(subject: Subject, gates: Sequence[Gate], produced: Mapping[str, str] | None = None) -> Verdict:
    """Judge a file by gates. One that cannot be read is refused too, by the check `readable`.

    Parameters
    ----------
    subject : Subject
        The file.
    gates : sequence of Gate
        What it is judged by.
    produced : mapping of str to str, optional
        sha256 by path of what its job made, see `stemwright.records.produced`. A file that is not that is refused,
        however good it is.

    Returns
    -------
    Verdict

    Raises
    ------
    OSError
        If there is no such file.
    ChangedFileError
        If another file that a gate reads is not the one that passed.
    """
    os.stat(subject.path)
    wanted, meters = _shared([() if _lacks(gate, subject) else gate.meters(subject) for gate in gates])
    form = None
    try:
        if subject.stage in AUDIO_STAGES:
            file = measure(subject.path, meters)
            form = {
                "sample_rate": file.rate,
                "channels": file.channels,
                "subtype": file.subtype,
                "frames": file.frames,
            }
        checks = [
            check for gate, its in zip(gates, wanted, strict=True) for check in _judged(gate, subject, its)
        ]
    except ChangedFileError:
        raise
    except StemwrightError as error:
        checks = [Check("readable", "fail", "no", limit="yes", reason=str(error))]
    if produced is not None:
        digest = sha256(subject.path)
        return Verdict(subject, form, (_made(subject, produced, digest), *checks), digest)
    return Verdict(subject, form, tuple(checks))


def _judged(gate: Gate, subject: Subject, meters: Sequence[Any]) -> list[Check]:
    if lacks := _lacks(gate, subject):
        name = type(gate).__module__.rpartition(".")[2]
        return [Check(name, "skip", reason=f"needs {lacks}, and this file has no song")]
    return gate.judge(subject, meters)


def _lacks(gate: Gate, subject: Subject) -> str:
    return gate.needs if subject.alone else ""


def _made(subject: Subject, produced: Mapping[str, str], digest: str) -> Check:
    fault = describe_change(produced, {subject.path: digest})
    return Check(
        "made",
        "fail" if fault else "pass",
        "changed" if fault else "as made",
        limit="what its job made, byte for byte",
        reason=fault,
        remedy="the next run makes it again; to change a sound, change the song",
    )


def _shared(wanted: Sequence[Sequence[Meter]]) -> tuple[list[list[Meter]], list[Meter]]:
    """The same meters by gate, and all of them, where those that are alike are one: each is fed once."""
    alike: dict[tuple, Meter] = {}
    shared = [[alike.setdefault((type(m), *sorted(vars(m).items())), m) for m in its] for its in wanted]
    return shared, list(alike.values())


def table(checks: Sequence[Check]) -> str:
    """Checks as a table for people: check, measured, limit, and below what to do about those that failed."""
    rows = [("check", "status", "measured", "limit")]
    rows += [
        (c.id, c.status.upper() if c.status == "fail" else c.status, _measured(c), c.limit or c.reason)
        for c in checks
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [
        "  ".join((*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3])).rstrip()
        for row in rows
    ]
    lines.insert(1, "-" * max(map(len, lines)))
    for c in checks:
        said = [c.reason if c.limit else "", c.remedy]
        if c.status in ("fail", "warn") and any(said):
            lines.append(f"{c.id}: {'; '.join(filter(None, said))}")
    return "\n".join(lines)


def line(check: Check) -> str:
    """A check in one line for people."""
    limit = f" ({check.limit})" if check.limit else ""
    said = "; ".join(filter(None, (check.reason, check.remedy)))
    return f"{check.id} {_measured(check)}{limit}" + (f": {said}" if said else "")


def _measured(check: Check) -> str:
    value = check.measured
    if value is None:
        return "-"
    text = (
        f"{value:.6g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    )
    return f"{text} {check.unit}".rstrip()
