"""Judging a file: it is read once for the meters of all its gates; the verdict has all their checks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stemwright.base.beside import Beside
from stemwright.base.errors import ChangedFileError, StemwrightError
from stemwright.base.hashing import Hashing, sha256
from stemwright.base.printable import printable
from stemwright.gates._base import AUDIO_STAGES, Check, Gate, Subject
from stemwright.measure import Meter, measure
from stemwright.records.produced import describe_change
from stemwright.validation import registry


def make(entries: Mapping[str, Mapping]) -> list[Gate]:
    """Make gates from their names and limits, such as `{"dc": {"error": 0.01}}`, in that order."""
    return [registry.load("stemwright.gates", kind)(**limits) for kind, limits in entries.items()]


@dataclass(frozen=True)
class Verdict:
    """The result of all gates of a file. `format` is None for a file that is not audio; `digest`: its SHA-256
    or "", and `xxh3`, see `stemwright.base.hashing`.
    """

    subject: Subject
    format: dict | None
    checks: tuple[Check, ...]
    digest: str = ""
    xxh3: str = ""

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return not any(check.status == "fail" for check in self.checks)

    def record(self) -> dict:
        """The verdict as plain data, for a sentinel or a line in the ledger of refusals."""
        return {
            "artifact": self.subject.path.removeprefix(self.subject.root),
            "sha256": self.digest or sha256(self.subject.path),
            **({"xxh3": self.xxh3} if self.xxh3 else {}),
            "kind": self.subject.kind or self.subject.stage,
            "format": self.format,
            "checks": [check.record() for check in self.checks],
        }


def verify(
    subject: Subject,
    gates: Sequence[Gate],
    produced: Mapping[str, str] | None = None,
    hashing: Hashing | None = None,
) -> Verdict:
    """Judge a file by gates. A file that cannot be read is refused, by the check `readable`.

    Parameters
    ----------
    subject : Subject
        The file.
    gates : sequence of Gate
        The gates that judge it.
    produced : mapping of str to str, optional
        The SHA-256 digests that its job recorded, by path, see `stemwright.records.produced`. If the file differs from
        its digest it is refused, whatever its gates say.
    hashing : Hashing, optional
        Of files with this one among them. It is begun once no process is to be forked any more.

    Returns
    -------
    Verdict
        All checks; first `made` if `produced` is given.

    Raises
    ------
    OSError
        If the file does not exist.
    ChangedFileError
        If another file that a gate reads has changed since it passed.
    """
    os.stat(subject.path)
    by_gate, meters = _share_meters(
        [() if _missing(gate, subject) else gate.meters(subject) for gate in gates]
    )
    hashing = hashing or Hashing([subject.path] if produced is not None else [])
    form, checks = _measure_and_judge(subject, gates, by_gate, meters, hashing)
    if produced is None:
        return Verdict(subject, form, tuple(checks))
    found = hashing.result()[subject.path]
    return Verdict(subject, form, (_check_unchanged(subject, produced, found), *checks), found)


def _measure_and_judge(
    subject: Subject,
    gates: Sequence[Gate],
    by_gate: Sequence[Sequence[Meter]],
    meters: Sequence[Meter],
    hashing: Hashing,
) -> tuple[dict | None, list[Check]]:
    """The format of the file, None if it cannot be read, and the checks of all gates.

    With a second core, gates without meters, which read files by themselves, judge while the meters of the others
    measure, or while the first of them judges.
    """
    form = None
    alone = [number for number, its in enumerate(by_gate) if not its]
    if not meters:
        alone = alone[1:]
    beside = None
    if alone and subject.cores > 1:
        beside = Beside(lambda: {number: _judge(gates[number], subject, ()) for number in alone})
    hashing.start()
    try:
        if subject.stage in AUDIO_STAGES:
            file = measure(subject.path, meters)
            form = {
                "sample_rate": file.rate,
                "channels": file.channels,
                "subtype": file.subtype,
                "frames": file.frames,
            }
        judged = {
            number: _judge(gate, subject, its)
            for number, (gate, its) in enumerate(zip(gates, by_gate, strict=True))
            if not (beside and number in alone)
        }
        if beside:
            judged |= beside.result()
        return form, [check for number in range(len(gates)) for check in judged[number]]
    except ChangedFileError:
        raise
    except StemwrightError as error:
        return form, [Check("readable", "fail", "no", limit="yes", reason=str(error))]
    finally:
        if beside:
            beside.stop()


def _judge(gate: Gate, subject: Subject, meters: Sequence[Any]) -> list[Check]:
    if missing := _missing(gate, subject):
        name = type(gate).__module__.rpartition(".")[2]
        return [Check(name, "skip", reason=f"needs {missing}, but this file belongs to no song")]
    # Samples that are not finite are reported by gates, not by warnings of NumPy.
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        return list(_told_once(gate.judge(subject, meters)))


def _told_once(checks: Sequence[Check]) -> Iterator[Check]:
    """The checks of a gate; one of them whose remedy is that of an earlier one refers to it."""
    told: dict[str, Check] = {}
    for check in checks:
        if check.status in ("fail", "warn") and check.remedy and not check.remedy.startswith("see "):
            first = told.setdefault(check.remedy, check)
            if first is not check:
                reason = "" if check.reason == first.reason else check.reason
                check = replace(check, reason=reason, remedy=f"see {first.id}")
        yield check


def _missing(gate: Gate, subject: Subject) -> str:
    return gate.needs if subject.alone else ""


def _check_unchanged(subject: Subject, produced: Mapping[str, str], digest: str) -> Check:
    artifact = subject.path.removeprefix(subject.root)
    fault = describe_change(produced, {artifact: digest}, subject.root)
    return Check(
        "made",
        "fail" if fault else "pass",
        "changed" if fault else "as made",
        limit="what its job made, byte for byte",
        reason=fault,
        remedy="the next run makes it again; to change a sound, change the song",
    )


def _share_meters(wanted: Sequence[Sequence[Meter]]) -> tuple[list[list[Meter]], list[Meter]]:
    """(meters of each gate, all meters): meters of one class with equal arguments are replaced by one of them."""
    distinct: dict[tuple, Meter] = {}
    shared = [[distinct.setdefault((type(m), *sorted(vars(m).items())), m) for m in its] for its in wanted]
    return shared, list(distinct.values())


def format_table(checks: Sequence[Check]) -> str:
    """Format checks as a table, followed by a line with reason and remedy for each that failed or warns."""
    rows: list[tuple[str, ...]] = [("check", "status", "measured", "limit")]
    rows += [
        (c.id, c.status.upper() if c.status == "fail" else c.status, _format_measured(c), c.limit or c.reason)
        for c in checks
    ]
    rows = [tuple(map(printable, row)) for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [
        "  ".join((*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3])).rstrip()
        for row in rows
    ]
    lines.insert(1, "-" * max(map(len, lines)))
    for c in checks:
        notes = [c.reason if c.limit else "", c.remedy]
        if c.status in ("fail", "warn") and any(notes):
            lines.append(printable(f"{c.id}: {'; '.join(filter(None, notes))}"))
    return "\n".join(lines)


def format_line(check: Check) -> str:
    """Format a check in one line."""
    limit = f" ({check.limit})" if check.limit else ""
    notes = "; ".join(filter(None, (check.reason, check.remedy)))
    return printable(f"{check.id} {_format_measured(check)}{limit}" + (f": {notes}" if notes else ""))


def _format_measured(check: Check) -> str:
    value = check.measured
    if value is None:
        return "-"
    text = (
        f"{value:.6g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    )
    return f"{text} {check.unit}".rstrip()
