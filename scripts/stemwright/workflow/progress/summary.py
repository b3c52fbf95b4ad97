"""The summary of a run: as data for machines, as text for people, and as a record for the pages of its songs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import stemwright
from stemwright.base.clock import clock
from stemwright.base.errors import ChangedFileError
from stemwright.base.files import atomic_write, write_json
from stemwright.base.printable import printable
from stemwright.pages.script_json import script_json
from stemwright.pages.words import count
from stemwright.records.paths import SONG_PAGE, artifact_of, is_sentinel, refused_page_of, runs_of
from stemwright.records.refusals import last_refusal
from stemwright.records.sentinel import read_sentinel, warning_count
from stemwright.workflow.progress.jobs import JobRun, RunJobs

SUMMARY = "summary.json"
"""The name of the summary, in the folder of logs."""
_BEFORE, _AFTER = "stemwright.runs(", ");\n"
_KEPT = 10  # runs
_MOST = 10  # files of a kind that are named on the screen; the rest is counted


def summarize(jobs: RunJobs, results: str) -> dict[str, Any]:
    """The summary of a run that is over, as data.

    Parameters
    ----------
    jobs : RunJobs
        The jobs of the run.
    results : str
        The output root.

    Returns
    -------
    dict
        `stemwright`, the version. `result`: `built`, `up_to_date`, `failed` or `interrupted`. `started` (UTC),
        `seconds`. `jobs`: the numbers of those `planned`, `done`, `refused`, `failed` and `not_reached`; of those that
        are done, how many the cache has spared (`reused`). `files`: those `built`, which of these are `reused` from the
        cache, and those `up_to_date`; `refused` (`file`, `page`, `log`, `ledger`, `checks` that failed), `failed`
        (`file`, `job`, `log`), `not_reached`. `warnings`: `file` and the `checks` of each file verified in this run of
        which a check warns. `asked`: the files that the command asks for, and that are built: of whole songs, the
        archives. `pages` of songs that this run has built or found up to date; `index` or null.
    """
    files = jobs.files()
    by_result = [job.result for job in jobs.jobs.values()]
    numbers = {name: by_result.count(name) for name in ("done", "refused", "failed")}
    numbers["not_reached"] = jobs.total - sum(numbers.values())
    numbers["reused"] = sum(job.is_reused for job in jobs.jobs.values())
    made_here = {job.file for job in jobs.jobs.values() if not job.is_reused}
    whole = numbers["done"] == jobs.total
    result = (
        "interrupted"
        if jobs.was_stopped
        else "failed"
        if not whole
        else "built"
        if jobs.total
        else "up_to_date"
    )
    asked = sorted({*files["built"], *files["up_to_date"]}.intersection(jobs.asked()))
    known = {*files["built"], *files["up_to_date"]}
    pages = [os.path.join(results, song, SONG_PAGE) for song in jobs.songs()]
    return {
        "stemwright": stemwright.__version__,
        "result": result,
        "started": f"{jobs.started_at:%Y-%m-%dT%H:%M:%SZ}",
        "seconds": round(jobs.seconds, 1),
        "jobs": {"planned": jobs.total, **numbers},
        "files": {
            "built": files["built"],
            "reused": [file for file in files["built"] if file not in made_here],
            "up_to_date": files["up_to_date"],
            "refused": [_refusal(file, jobs.refused[file]) for file in files["refused"]],
            "failed": [
                {"file": job.file or None, "job": job.message, "log": _log(job)}
                for job in jobs.jobs.values()
                if job.result == "failed"
            ],
            "not_reached": files["not_reached"],
        },
        "warnings": [
            found for job in jobs.jobs.values() if job.result == "done" and (found := _warnings(job))
        ],
        "asked": [file for file in asked if file.endswith(".zip")] or asked,
        "pages": [page for page in pages if page in known and os.path.isfile(page)],
        "index": None,
    }


def write_summary(summary: Mapping[str, Any], logs: str) -> None:
    """Write the summary into the folder of logs. Raises OSError if it cannot be written."""
    write_json(Path(logs, SUMMARY), summary)


def summary_text(summary: Mapping[str, Any]) -> str:
    """The summary as lines for the screen."""
    files, numbers, result = summary["files"], summary["jobs"], summary["result"]
    seconds = summary["seconds"]
    took = f"in {seconds:.1f} s" if seconds < 60 else f"in {clock(seconds)}"
    if result == "up_to_date":
        lines = ["Nothing to be done: all that was asked for is up to date."]
        where = [*summary["asked"], *summary["pages"]]
        return "\n".join([*lines, *([f"See {_some(where)}"] if where else []), *_index(summary)])
    counts = [
        f"{len(files['refused'])} refused" if files["refused"] else "",
        f"{len(files['failed'])} failed" if files["failed"] else "",
        count(numbers["not_reached"], "job") + " not reached" if numbers["not_reached"] else "",
        *_made(files),
        _warned(summary["warnings"]),
    ]
    counted = ": ".join(filter(None, [took, ", ".join(filter(None, counts))]))
    if result == "built":
        found = sorted([*summary["asked"], *summary["pages"]], key=lambda file: file not in files["built"])
        places = [f"  {place}" for place in _listed(found)]  # what is new comes first
        return "\n".join([f"Done {counted}.", *places, *_index(summary)])
    lines = [f"{'Stopped' if result == 'interrupted' else 'Not finished,'} {counted}."]
    for each in files["refused"]:
        lines.append(f"  refused: {each['file']}: {', '.join(each['checks'])}")
        lines.append(f"      see {each['page'] or each['log'] or each['ledger']}")
    for each in files["failed"]:
        lines.append(f"  failed: {each['job']}" + (f": {each['file']}" if each["file"] else ""))
        lines += [f"      see {each['log']}"] if each["log"] else []
    if result == "interrupted" and not (files["refused"] or files["failed"]):
        lines.append("The same command goes on from here: what is built stays built.")
    elif files["refused"] or any(each["file"] for each in files["failed"]):  # not of a command such as audit
        lines.append("Do what is said above, then run the same command again: what is built stays built.")
    return "\n".join([*lines, *_index(summary)])


def _made(files: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """How many files were made here, taken from the cache, and left as they are: "2 files built, 3 up to date"."""
    reused = len(files["reused"])
    numbers = (len(files["built"]) - reused, reused, len(files["up_to_date"]))
    told = [
        (n, word)
        for n, word in zip(numbers, ("built", "taken from the cache", "up to date"), strict=True)
        if n
    ]
    for place, (number, word) in enumerate(told):
        yield f"{number:,} {word}" if place else f"{count(number, 'file')} {word}"


def _warned(warnings: Sequence[Mapping[str, Any]]) -> str:
    checks = sum(len(each["checks"]) for each in warnings)
    return f"{count(checks, 'warning')} in {count(len(warnings), 'file')}" if checks else ""


def write_runs(jobs: RunJobs, results: str) -> None:
    """Add the run to the record beside the page of each song of which a job ran, if there is a page.

    Raises OSError if one cannot be written.
    """
    date = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    for song in jobs.songs():
        ran, path = jobs.of_song(song), Path(runs_of(os.path.join(results, song, SONG_PAGE)))
        if not ran or not path.parent.is_dir():
            continue
        run = {"date": date, "jobs": [_job_of(job, Path(results, song)) for job in ran]}
        runs = [*_runs_in(path), run][-_KEPT:]
        with atomic_write(path) as part:
            part.write_text(f"{_BEFORE}{script_json(runs)}{_AFTER}", encoding="utf-8")


def _runs_in(path: Path) -> list[Any]:
    """The runs that are on record; none if the file is missing or not ours."""
    try:
        text = path.read_text(encoding="utf-8")
        runs = json.loads(text.removeprefix(_BEFORE).removesuffix(_AFTER))
    except (OSError, ValueError, RecursionError):
        return []
    runs = runs if isinstance(runs, list) else []
    return [run for run in runs if isinstance(run, dict) and isinstance(run.get("jobs"), list)]


def _job_of(job: JobRun, home: Path) -> dict[str, Any]:
    return {
        "file": os.path.relpath(job.output, home) if job.output else "",
        "job": job.message,
        "reason": job.reason,
        "seconds": round(job.seconds, 2),
        "result": job.result,
    }


def _refusal(file: str, job: JobRun) -> dict[str, Any]:
    """A file that was refused, with what failed by the last line of its ledger."""
    ledger = job.ledgers[file][0]
    page = refused_page_of(ledger)
    checks = last_refusal(Path(ledger)).get("checks", ())
    return {
        "file": file,
        "checks": [check["id"] for check in checks if check["status"] == "fail"],
        "page": page if os.path.isfile(page) else None,
        "log": _log(job),
        "ledger": ledger,
    }


def _warnings(job: JobRun) -> dict[str, Any] | None:
    """The checks that warn of a file that was verified."""
    if not is_sentinel(job.output):
        return None
    try:
        if not warning_count(Path(job.output)):
            return None
        record = read_sentinel(artifact_of(job.output))
        checks = [check for check in record["checks"] if check["status"] == "warn"]
    except (OSError, ChangedFileError, LookupError, TypeError):
        return None
    return {"file": job.file, "checks": checks} if checks else None


def _log(job: JobRun) -> str | None:
    return job.logs[0] if job.logs else None


def _index(summary: Mapping[str, Any]) -> list[str]:
    return [f"All songs: {printable(summary['index'])}"] if summary["index"] else []


def _listed(places: Sequence[str]) -> list[str]:
    more = len(places) - _MOST
    return [*map(printable, places[:_MOST]), *([f"… and {more} more"] if more > 0 else [])]


def _some(places: Sequence[str]) -> str:
    return ", ".join(_listed(places))
