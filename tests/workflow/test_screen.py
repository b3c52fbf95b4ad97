"""What a run says: lines in a pipe, a panel on a terminal, a summary at the end; and the same for machines."""

import datetime
import json
import re
import signal
import sys

import pytest
import snakemake_forks
from terminals import Terminal
from workdirs import ROOT, Workdir

MASTER = "build/tune/master/master.wav.ok"
TIME = re.compile(r"(?<=\()[0-9.]+ s(?=\)$)|(?<=in )[0-9.]+ s(?=[:.])", re.MULTILINE)


def said(run):
    """What a run has said, without times, and without Snakemake's first line, which is said before we are there."""
    return TIME.sub("T s", run.text).splitlines()[1:]


def summary(workdir):
    return json.loads((workdir / "logs/summary.json").read_text())


def test_what_is_said_in_a_pipe_and_written_for_machines(workdir):
    """An edit, its plan, a line a job, what is made. Then nothing; then a refusal."""
    (workdir / "build/tune/report").mkdir()
    workdir.edit("stems", "bass", "effects", 1, "gain", "gain_db", value=-2)
    begun = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    run = workdir.snakemake("build/tune/processed/bass.wav.ok", "--cores", "1")
    assert [re.sub(r"Job \d+", "Job N", line) for line in said(run)] == [
        "",
        "To run, and why:",
        "    Job N: tune: process bass: effects changed (gain.gain_db -1 → -2)",
        "    … and 1 job that follows from these",
        "    To see each job: snakemake -np",
        "[1/2] tune: process bass (T s)",
        "[2/2] tune: verify bass, processed (T s)",
        "",
        "Done in T s: 1 file built, 3 up to date.",
        "  build/tune/processed/bass.wav",
        "All songs: build/index.html",
    ]
    found = summary(workdir)
    assert (
        begun <= datetime.datetime.fromisoformat(found.pop("started")) <= datetime.datetime.now(datetime.UTC)
    )
    assert 0 < found.pop("seconds") < 300 and found.pop("stemwright")
    assert found == {
        "result": "built",
        "jobs": {"planned": 2, "done": 2, "refused": 0, "failed": 0, "not_reached": 0, "reused": 0},
        "files": {
            "built": ["build/tune/processed/bass.wav"],
            "reused": [],
            "up_to_date": [
                "build/tune/reference/reference.wav",
                "build/tune/stems/bass.wav",
                "build/tune/timeline.json",
            ],
            "refused": [],
            "failed": [],
            "not_reached": [],
        },
        "warnings": [],
        "asked": ["build/tune/processed/bass.wav"],
        "pages": [],
        "index": "build/index.html",
    }

    workdir.edit("gates", "true_peak", value={"max_dbtp": -20})
    run = workdir.fails(MASTER)
    lines = said(run)
    log = "logs/tune/master/master.wav.ok.log"
    at = next(
        n
        for n, line in enumerate(lines)
        if re.fullmatch(r"\[.+\] tune: verify the master: REFUSED \(T s\)", line)
    )
    assert lines[at + 1] == f"{log}:"
    whole = (workdir / log).read_text().rstrip("\n").splitlines()
    assert lines[at + 2 :][: len(whole)] == whole  # table, place, remedy
    end = lines.index("  refused: build/tune/master/master.wav: true_peak")
    assert re.fullmatch(r"Not finished, in T s: 1 refused, .*", lines[end - 1])
    page = "build/tune/refused/master/master.wav.html"
    assert lines[end + 1] == f"      see {page}"
    found = summary(workdir)
    assert found["result"] == "failed" and found["jobs"]["refused"] == 1
    (refused,) = found["files"]["refused"]
    ledger = "build/tune/refused/master/master.wav.jsonl"
    assert refused == {
        "file": "build/tune/master/master.wav",
        "checks": ["true_peak"],
        "page": page,
        "log": log,
        "ledger": ledger,
    }
    # What the page of the song tells of its last builds.
    (text,) = re.findall(
        r"^stemwright\.runs\((.*)\);\n$", (workdir / "build/tune/report/runs.js").read_text()
    )
    first, second = ({job["file"]: job for job in each["jobs"]} for each in json.loads(text))
    assert {file: job["reason"] for file, job in first.items()} == {
        "processed/bass.wav": "effects changed (gain.gain_db -1 → -2)",
        "processed/bass.wav.ok": "what it is made from was made again",
    }
    assert second["master/master.wav.ok"]["result"] == "refused" and second["mix/mix.wav"]["result"] == "done"
    assert all(job["seconds"] > 0 for job in (*first.values(), *second.values()))


def test_nothing_to_be_done_and_other_ways_to_run(workdir):
    run = workdir.snakemake(MASTER)
    assert said(run) == [
        "Nothing to be done: all that was asked for is up to date.",
        "See build/tune/master/master.wav",
        "All songs: build/index.html",
    ]
    assert summary(workdir)["result"] == "up_to_date"
    (workdir / "logs/summary.json").unlink()
    assert "Nothing to be done (all requested files" in workdir.snakemake(MASTER, "-n").text
    assert "\noutput_file\t" in workdir.snakemake(MASTER, "--summary").text
    assert not (workdir / "logs/summary.json").exists()
    assert "Host: " in workdir.snakemake(MASTER, "--verbose").text  # Snakemake's own words
    assert summary(workdir)["result"] == "up_to_date"
    assert len(workdir.snakemake(MASTER, "--quiet").text.splitlines()) == 1


def on_terminal(workdir, *args, **options):
    return Terminal(
        [snakemake_forks.SNAKEMAKE, "-s", workdir.code / "Snakefile", "--cores", "2", *args],
        workdir.path,
        **options,
    )


@pytest.mark.long
def test_a_build_on_a_terminal(workdir):
    """While it runs, a panel tells how far it is. At the end, what was said and the summary are left, and no more."""
    workdir.edit("stems", "bass", "source", "tone", "note", value="B2")
    workdir.edit("gates", "true_peak", value={"max_dbtp": -20, "severity": "warn"})
    terminal = on_terminal(workdir, MASTER, columns=100)
    seen = []
    terminal.until(lambda t: seen.append(t.lines[-3:]) or "running" in t.raw)
    assert terminal.wait() == 0
    assert re.search(r"\d+/\d+ jobs · [0-2] running, \d+ left · 0:0\d", terminal.raw)
    lines = terminal.lines
    assert not [line for line in lines if "running" in line or line.startswith("[")]
    assert any(line.startswith("warning: build/tune/master/master.wav: true_peak") for line in lines)
    assert "To run, and why:" in lines and "  build/tune/master/master.wav" in lines
    assert "\x1b[33mwarning" not in terminal.raw  # a job has said it, without colours
    warned = {each["file"]: each["checks"] for each in summary(workdir)["warnings"]}
    assert "true_peak" in [check["id"] for check in warned["build/tune/master/master.wav"]]


@pytest.mark.long
@pytest.mark.parametrize("end", ["\x03", signal.SIGTERM])
def test_a_build_that_is_stopped_on_a_terminal(workdir, end):
    workdir.edit("sections", value=[{"one": "5000 bars"}])
    terminal = on_terminal(workdir, "build/tune/stems/bass.wav.ok", NO_COLOR="1")
    terminal.until(lambda t: "render bass" in t.lines[-1])
    terminal.type(end) if end == "\x03" else terminal.send(end)
    assert terminal.wait() == 1
    lines = terminal.lines
    assert not [line for line in lines if re.search(r"\d running|FAILED", line)]
    assert lines[-3] == "The same command goes on from here: what is built stays built."
    assert "Traceback" not in terminal.raw and "\x1b[3" not in terminal.raw and "\x1b[2m" not in terminal.raw
    found = summary(workdir)
    assert found["result"] == "interrupted" and found["files"]["failed"] == []
    assert "build/tune/stems/bass.wav" in found["files"]["not_reached"]


HOST = """
rule theirs:
    input: "build/tune/processed/bass.wav"
    output: "theirs"
    shell: "cp {{input}} {{output}}"

module stemwright:
    snakefile: "{code}/Snakefile"
    config: {{"songs": ["tune"], "session": {{"sample_rate": 8000, "channels": 2}}}}

use rule * from stemwright as stemwright_*
"""


@pytest.mark.long
def test_a_host_s_screen_is_its_own_unless_it_chooses_ours(workdir):
    """The plug-in is found where the library is installed: here, by a folder with nothing but that package in it."""
    workdir.write("Snakefile", HOST.format(code=workdir.code))
    site = workdir / "site"
    site.mkdir()
    (site / "snakemake_logger_plugin_stemwright").symlink_to(
        ROOT / "scripts/snakemake_logger_plugin_stemwright"
    )
    host = Workdir(workdir.path, workdir.path)
    profile = ("--workflow-profile", ROOT / "profiles/default")
    run = host.snakemake("theirs", *profile)
    assert "rule theirs:" in run.text and "[1/1]" not in run.text
    assert summary(workdir)["files"]["built"] == ["theirs"]
    (workdir / "theirs").unlink()
    run = host.snakemake("theirs", "--logger", "stemwright", *profile, env={"PYTHONPATH": str(site)})
    assert said(run) == [
        "[1/1] theirs (T s)",
        "",
        "Done in T s: 1 file built, 4 up to date.",
        "  theirs",
        "All songs: build/index.html",
    ]


@pytest.mark.long
def test_the_plug_in_alone_says_what_snakemake_says(tmp_path):
    """In a workflow that is not ours. And it imports nothing of ours, as a clone is to run on its own library."""
    (tmp_path / "Snakefile").write_text('rule it:\n    output: "it"\n    shell: "touch {output}"\n')
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "scripts")}
    texts = []
    for options in ([], ["--logger", "stemwright"]):
        (tmp_path / "it").unlink(missing_ok=True)
        process = snakemake_forks.start(["--cores", "1", *options], tmp_path, env)
        text, _ = process.communicate(timeout=60)
        assert process.returncode == 0, text
        texts.append(
            re.sub(r"\[.*\]|Date: .*|Workflow ID: .*|Command: .*|Elapsed.*|Complete log.*", "", text)
        )
    assert texts[0] == texts[1] and "rule it:" in texts[0]
    code = "import snakemake_logger_plugin_stemwright, sys; assert 'stemwright' not in sys.modules"
    assert snakemake_forks.subprocess.run([sys.executable, "-c", code], env=env).returncode == 0


def test_what_jobs_are_called():
    """Words and names: no name is part of a word, and what a job verifies is called so."""
    messages = [
        (file.name, text)
        for file in (ROOT / "rules").glob("*.smk")
        for text in re.findall(r'^    message:\n        f?"(.*)"$', file.read_text(), re.MULTILINE)
    ]
    assert len(messages) > 60
    for file, text in messages:
        assert not re.search(r"[a-z]\{+wildcards", text), (file, text)
    of_songs = [text for _, text in messages if text.lstrip("{").startswith("wildcards.")]
    verified = [text for text in of_songs if ": verify " in text]
    assert 2 * len(verified) == len(of_songs) > 60
