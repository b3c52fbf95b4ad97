"""What was edited is told, and what follows is counted. Of a whole song: tests/workflow/test_reasons.py."""

import re
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from small_workflow import SmallWorkflow

from stemwright.snakemake_patches import short_plan
from stemwright.snakemake_patches.short_plan import own_reason, plan

TEXT = """
rule last:
    input: expand("second{number}", number=range(2))
    output: "last"
    message: "last"
    shell: "touch {output}"

rule second:
    input: "first{number}"
    output: "second{number}"
    shell: "touch {output}"

rule first:
    input: "in{number}"
    output: "first{number}"
    message: "first {wildcards.number}"
    shell: "cat {input} > {output}"
"""
HOST = """
rule theirs:
    input: "last"
    output: "theirs"
    shell: "touch {output}"
"""


@dataclass(frozen=True)
class Job:
    message: str
    rule: None = None


OPENING = "To run, and why:\n"


def edited(work, target="last"):
    """After a build, one of two files is edited, and a file that was built is deleted."""
    for number in range(2):
        work.write(f"in{number}", "")
    work.run(target)
    work.write("in1", "other")
    (work / "second0").unlink()
    return work


def plan_in(text):
    """The lines of the plan, without the numbers of the jobs."""
    if OPENING not in text:
        return None
    lines = text.split(OPENING)[1].split("\n\n")[0].splitlines()
    return sorted(re.sub(r"^    (Job \d+: )?", "", line) for line in lines)


TOLD = sorted(
    [
        "second: Missing output files: second0",
        "first 1: Updated input files: in1",
        "… and 2 jobs that follow from these",
        "To see each job: snakemake -np",
    ]
)


def test_snakemake_tells_of_each_job(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    run = edited(SmallWorkflow(tmp_path, TEXT)).run("last", "-n")
    assert run.text.count("updated by another job: ") == 2 and run.text.count("Job stats") == 2
    assert run.rules == {"second"} and "first 1\n" in run.text and "Reasons:" in run.text


def test_with_the_patch_the_edit_is_told_and_the_rest_counted(tmp_path):
    work = edited(SmallWorkflow(tmp_path, TEXT, ["short_plan"]))
    for option in ("-p", "--quiet=host"):
        run = work.run("last", "-n", option)
        assert plan_in(run.text) is None and run.rules == {"second"} and "first 1\n" in run.text, option
    short = work.run("last", "-n")
    assert plan_in(short.text) == TOLD
    assert short.rules == set() and "first 1\n" not in short.text and "Reasons:" not in short.text
    assert short.text.count("Job stats") == 1
    run = work.run("last")
    assert plan_in(run.text) == TOLD and run.rules == {"second"} and "first 1\n" in run.text


def test_a_host_s_jobs_are_told_as_ever(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["short_plan"])
    work.use_as_module(HOST)
    run = edited(work, "theirs").run("theirs", "-n")
    assert run.rules == {"theirs"} and run.text.count("Job stats") == 2 and "Reasons:" in run.text
    assert plan_in(run.text) == TOLD


def test_of_many_the_first_are_listed(monkeypatch):
    monkeypatch.setattr(short_plan, "is_ours", lambda rule: True)
    jobs = [Job(f"render {number}") for number in range(30)]
    dag = SimpleNamespace(
        needrun_jobs=lambda: reversed(jobs), jobid=jobs.index, reason=lambda job: "Forced execution"
    )
    told = plan(dag).splitlines()
    assert told[1:4] == [
        "To run, and why:",
        "    Job 0: render 0: Forced execution",
        "    Job 1: render 1: Forced execution",
    ]
    assert told[21:] == [
        "    Job 19: render 19: Forced execution",
        "    … and 10 more with reasons of their own",
        "    To see each job: snakemake -np",
    ]


BY_ANOTHER = "Input files updated by another job: b"
INPUTS = "Set of input files has changed since last execution"
PARAMS = "Params have changed since last execution: "


@pytest.mark.parametrize(
    ("reason", "own"),
    [
        (BY_ANOTHER, ""),
        (f"Missing output files: a; {BY_ANOTHER}", ""),
        (f"Updated input files: ; {BY_ANOTHER}", ""),
        (f"Updated input files: c; {BY_ANOTHER}", "Updated input files: c"),
        (f"Incomplete output files: a; {BY_ANOTHER}", "Incomplete output files: a"),
        (f"{BY_ANOTHER}; {INPUTS}", INPUTS),
        ("Missing output files: a", "Missing output files: a"),
        (f"{PARAMS}code changed", "code changed"),
        (f"{BY_ANOTHER}; {PARAMS}key changed; code changed", "key changed; code changed"),
        (f"{PARAMS}none is on record", f"{PARAMS}none is on record"),
        ("Forced execution", "Forced execution"),
    ],
)
def test_a_reason_of_its_own(reason, own):
    assert own_reason(reason) == own
