"""A report as text for people, as JSON, and as JUnit XML for continuous integration."""

from __future__ import annotations

import os
from xml.etree import ElementTree

from stemwright.base.files import atomic_write, write_json
from stemwright.base.printable import printable
from stemwright.gates import Check
from stemwright.inspection.delivery import Report
from stemwright.inspection.finding import Finding

SCHEMA_VERSION = 1


def write_report_json(report: Report, path: str) -> None:
    """Write a report as JSON.

    An object with `schema_version` (1), `source` (the folder or zip, as given), `passed`, `files` (each with `name`,
    `role`: mix, master, stem, version or extra, `sample_rate` in Hz, `channels`, `frames`, `format`, `subtype`),
    `other_files` (names of what is no sound), and `checks`: each with `file` ("" if it is about all of them), `id`,
    `measured`, `unit`, `limit`, `status` (pass, warn, skip or fail), and where there are any `reason`, `remedy`,
    `clause` (document and section) and `command` (for a POSIX shell).
    """
    files = [
        {
            "name": _text(sound.name),
            "role": role,
            "sample_rate": sound.rate,
            "channels": sound.channels,
            "frames": sound.frames,
            "format": sound.format,
            "subtype": sound.subtype,
        }
        for sound, role in report.sounds
    ]
    data = {
        "schema_version": SCHEMA_VERSION,
        "source": _text(report.source),
        "passed": report.passed,
        "files": files,
        "other_files": [_text(name) for name in report.others],
        "checks": [
            {
                key: _text(value) if isinstance(value, str) else value
                for key, value in finding.record().items()
            }
            for finding in report.findings
        ],
    }
    write_json(path, data)


def _text(text: str) -> str:
    """Text that UTF-8 can hold: a file name of other bytes has them escaped."""
    return text if text.isprintable() else printable(text)


def write_report_junit(report: Report, path: str) -> None:
    """Write a report as JUnit XML: a suite for the delivery and one for each file, a case for each check."""
    root = ElementTree.Element("testsuites", name="verify_delivery")
    suites: dict[str, list[Finding]] = {}
    for finding in report.findings:
        suites.setdefault(finding.file, []).append(finding)
    for file, findings in suites.items():
        counts = {status: sum(f.check.status == status for f in findings) for status in ("fail", "skip")}
        name = printable(file) or "delivery"
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=name,
            tests=str(len(findings)),
            failures=str(counts["fail"]),
            errors="0",
            skipped=str(counts["skip"]),
            time="0",
        )
        for finding in findings:
            _add_case(suite, name, finding)
    ElementTree.indent(root)
    with atomic_write(path) as part:
        ElementTree.ElementTree(root).write(part, encoding="utf-8", xml_declaration=True)


def _add_case(suite: ElementTree.Element, name: str, finding: Finding) -> None:
    check = finding.check
    case = ElementTree.SubElement(suite, "testcase", classname=name, name=printable(check.id), time="0")
    details = "\n".join(_details(finding))
    if check.status == "fail":
        ElementTree.SubElement(case, "failure", message=_figures(check), type="refused").text = details
    elif check.status == "skip":
        ElementTree.SubElement(case, "skipped", message=printable(check.reason))
    elif check.status == "warn":
        ElementTree.SubElement(case, "system-out").text = f"warning: {_figures(check)}\n{details}"


def format_report(report: Report, is_full: bool = False) -> str:
    """A report as text: what the files are, then what is wrong with them; `is_full`: and all that is right."""
    lines = []
    width = max((len(printable(sound.name)) for sound, _ in report.sounds), default=0)
    for sound, role in report.sounds:
        channels = {1: "mono", 2: "stereo"}[sound.channels]
        form = f"{sound.rate:,} Hz, {channels}, {sound.format} {sound.subtype}, {sound.frames:,} frames"
        lines.append(f"{printable(sound.name).ljust(width)}  {role.ljust(7)}  {form}")
    if report.others:
        lines.append(f"not judged: {', '.join(map(printable, report.others))}")
    lines.append("")
    shown = [
        f for f in report.findings if is_full or f.check.status in ("fail", "warn") or f.check.id == "sum"
    ]
    for finding in shown:
        check = finding.check
        status = "REFUSED" if check.status == "fail" else check.status
        about = f"{printable(finding.file)}: " if finding.file else ""
        lines.append(f"{status.ljust(7)}  {about}{printable(check.id)}: {_figures(check)}")
        lines += [f"         {line}" for line in _details(finding)]
    counts = {
        status: sum(f.check.status == status for f in report.findings) for status in ("pass", "warn", "fail")
    }
    verdict = "passed" if report.passed else "REFUSED"
    words = (("pass", "check", " passed"), ("warn", "warning", ""), ("fail", "check", " refused"))
    summary = ", ".join(
        f"{counts[status]} {word}{'s' * (counts[status] != 1)}{after}" for status, word, after in words
    )
    lines.append(f"{printable(os.fspath(report.source))}: {verdict} ({summary})")
    return "\n".join(lines)


def _figures(check: Check) -> str:
    value = check.measured
    found = "" if value is None else f"{value:,}" if isinstance(value, int) else f"{value}"
    limit = f"expected {check.limit}" if check.limit else ""
    return printable("; ".join(filter(None, (f"{found} {check.unit}".strip(), limit)))) or printable(
        check.reason
    )


def _details(finding: Finding) -> list[str]:
    check, found = finding.check, []
    if check.reason:
        found.append(printable(check.reason))
    if check.status in ("fail", "warn"):
        entries = (("remedy", check.remedy), ("command", finding.command), ("from", finding.clause))
        found += [f"{name}: {printable(text)}" for name, text in entries if text]
    return found
