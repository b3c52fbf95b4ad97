"""The summary of a run, as data, as text, and beside the pages of its songs."""

import json
import re
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from stemwright.workflow.progress.jobs import JobRun
from stemwright.workflow.progress.summary import summarize, summary_text, write_runs

EMPTY = {
    "result": "built",
    "seconds": 12.3,
    "jobs": {"planned": 0, "done": 0, "refused": 0, "failed": 0, "not_reached": 0, "reused": 0},
    "files": {name: [] for name in ("built", "reused", "up_to_date", "refused", "failed", "not_reached")},
    "warnings": [],
    "asked": [],
    "pages": [],
    "index": None,
}


def test_what_is_said_of_a_run_that_has_built_all():
    files = {**EMPTY["files"], "built": ["build/a/a.wav"], "up_to_date": ["build/a/b.wav"] * 3}
    zips = [f"build/{n:02}/{n:02}.zip" for n in range(12)]
    summary = {
        **EMPTY,
        "files": files,
        "warnings": [{"checks": [1, 2]}],
        "asked": zips,
        "index": "build/index.html",
    }
    assert summary_text(summary).splitlines() == [
        "Done in 12.3 s: 1 file built, 3 up to date, 2 warnings in 1 file.",
        *(f"  {place}" for place in zips[:10]),
        "  … and 2 more",
        "All songs: build/index.html",
    ]


@pytest.mark.parametrize(
    ("built", "reused", "up_to_date", "says"),
    [
        (95, 95, 0, "95 files taken from the cache"),
        (95, 90, 1, "5 files built, 90 taken from the cache, 1 up to date"),
        (1, 1, 1200, "1 file taken from the cache, 1,200 up to date"),
        (0, 0, 1, "1 file up to date"),
    ],
)
def test_how_many_files_were_made_here_and_taken_from_the_cache(built, reused, up_to_date, says):
    names = [f"{n}" for n in range(2000)]
    files = {"built": names[:built], "reused": names[:reused], "up_to_date": names[500 : 500 + up_to_date]}
    summary = {**EMPTY, "jobs": {**EMPTY["jobs"], "reused": 2 * reused}, "files": {**EMPTY["files"], **files}}
    assert summary_text(summary) == f"Done in 12.3 s: {says}."


def finished(jobs, built, songs=()):
    """A run of these jobs, which has built these files."""
    files = {name: [] for name in ("refused", "failed", "not_reached", "up_to_date")}
    return SimpleNamespace(
        jobs=dict(enumerate(jobs)),
        refused={},
        total=len(jobs),
        was_stopped=False,
        started_at=datetime(2026, 1, 2),
        seconds=1.0,
        asked=lambda: [],
        songs=lambda: songs,
        files=lambda: {**files, "built": built},
    )


def test_which_files_are_from_the_cache(tmp_path):
    """Those of which this run has made nothing itself: neither the file nor its verification."""

    def done(file, is_reused):
        return JobRun("", "", file, file, "", [], {}, result="done", is_reused=is_reused)

    ran = [done("a", True), done("a", True), done("b", True), done("b", False), done("c", False)]
    run = finished(ran, built=["a", "b", "c"])
    assert summarize(run, "build")["files"]["reused"] == ["a"]


def test_what_was_built_now_is_named_first():
    zips = [f"build/{n:02}/{n:02}.zip" for n in range(12)]
    summary = {**EMPTY, "files": {**EMPTY["files"], "built": [zips[11]]}, "asked": zips}
    assert summary_text(summary).splitlines()[1:3] == [f"  {zips[11]}", f"  {zips[0]}"]


def test_a_page_that_the_run_is_not_about_is_not_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pages = [f"build/{song}/report/index.html" for song in "abc"]
    for page in pages[:2]:
        Path(page).parent.mkdir(parents=True)
        Path(page).touch()
    run = finished([], built=[pages[0], pages[2]], songs=["a", "b", "c"])
    assert summarize(run, "build")["pages"] == pages[:1]


def test_a_run_that_makes_no_file():
    assert summary_text({**EMPTY, "seconds": 3.21}) == "Done in 3.2 s."


def test_nothing_to_be_done_is_said_in_two_lines():
    summary = {
        **EMPTY,
        "result": "up_to_date",
        "asked": ["build/a/a.zip"],
        "pages": ["build/a/report/index.html"],
    }
    assert summary_text(summary).splitlines() == [
        "Nothing to be done: all that was asked for is up to date.",
        "See build/a/a.zip, build/a/report/index.html",
    ]


def test_what_is_said_of_failures():
    refused = {
        "file": "build/a/a.wav",
        "checks": ["dc", "clipping"],
        "page": "build/a/refused/a.wav.html",
        "log": "l",
    }
    failed = {"file": None, "job": "audit: hold it", "log": None}
    numbers = {**EMPTY["jobs"], "not_reached": 2}
    files = {**EMPTY["files"], "refused": [refused], "failed": [failed]}
    summary = {**EMPTY, "result": "failed", "seconds": 0.4, "jobs": numbers, "files": files}
    said = summary_text(summary).splitlines()
    assert said == [
        "Not finished, in 0.4 s: 1 refused, 1 failed, 2 jobs not reached.",
        "  refused: build/a/a.wav: dc, clipping",
        "      see build/a/refused/a.wav.html",
        "  failed: audit: hold it",
        "Do what is said above, then run the same command again: what is built stays built.",
    ]
    # A command, such as audit, says by itself what is to be done.
    command = summary_text({**summary, "files": {**files, "refused": []}}).splitlines()
    assert command == ["Not finished, in 0.4 s: 1 failed, 2 jobs not reached.", "  failed: audit: hold it"]
    stopped = {**summary, "result": "interrupted", "files": EMPTY["files"]}
    assert (
        summary_text(stopped).splitlines()[-1]
        == "The same command goes on from here: what is built stays built."
    )


def run_of(*jobs):
    return SimpleNamespace(
        songs=lambda: sorted({job.song for job in jobs}),
        of_song=lambda song: [job for job in jobs if job.song == song],
    )


def job(reason, song="tune", result="done"):
    made = JobRun("tune: mix", song, "build/tune/mix/mix.wav", "build/tune/mix/mix.wav.ok", reason, [], {})
    made.result, made.seconds = result, 1.234
    return made


def runs_in(path):
    return json.loads(re.fullmatch(r"stemwright\.runs\((.*)\);\n", path.read_text())[1])


def test_the_last_ten_runs_are_kept_beside_the_page(tmp_path):
    (tmp_path / "tune/report").mkdir(parents=True)
    path = tmp_path / "tune/report/runs.js"
    for number in range(12):
        write_runs(run_of(job(f"reason {number}"), job("", song="other")), str(tmp_path))
    runs = runs_in(path)
    assert [run["jobs"][0]["reason"] for run in runs] == [f"reason {number}" for number in range(2, 12)]
    assert set(runs[0]) == {"date", "jobs"} and runs[0]["date"].endswith("Z")
    assert not (tmp_path / "other").exists()  # it has no page


@pytest.mark.parametrize(
    "before",
    [
        "",
        "stemwright.runs(",
        "stemwright.runs({});\n",
        'stemwright.runs([5, {"jobs": 1}]);\n',
        "[" * 100_000,
        "\0",
        None,
    ],
)
def test_a_record_that_is_damaged_begins_anew(tmp_path, before):
    path = tmp_path / "tune/report/runs.js"
    path.parent.mkdir(parents=True)
    if before is not None:
        path.write_text(before)
    hostile = "title changed (a → </script><!-- \u2028 \x1b)"
    write_runs(run_of(job(hostile, result="refused")), str(tmp_path))
    (run,) = runs_in(path)
    assert run["jobs"][0]["reason"] == hostile and run["jobs"][0]["result"] == "refused"
    text = path.read_text()
    assert "<" not in text and "\u2028" not in text and text.count("\n") == 1
