"""Params are worked out where they are used: not in a dry run of what is not built yet."""

import re

from small_workflow import SmallWorkflow

TEXT = """
rule all:
    input: expand("made{number}", number=range(24))

rule make:
    output: "made{number}"
    conda: "environment.yml"
    params: text=lambda w: print(f"asked {w.number}") or w.number
    message: "make {wildcards.number}"
    script: "make.py"
"""
PATCHES = ["unread_params", "short_plan"]


def asked(work, *args):
    """How often params are worked out."""
    run = work.run("all", *args, "--rerun-triggers", "params")  # as in our profile, without code
    return len(re.findall(r"^asked \d+$", run.text, re.MULTILINE))


def workflow(path, *patches, text=TEXT):
    work = SmallWorkflow(path, text, patches)
    work.write("ours/rules/environment.yml", "dependencies: []\n")
    work.write("ours/rules/make.py", "open(snakemake.output[0], 'w').write(snakemake.params.text)\n")
    return work


def test_snakemake_works_out_the_params_of_all_jobs(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go, if a dry run asks for none."""
    assert asked(workflow(tmp_path), "-n") == 24


def test_with_the_patch_it_does_where_they_count(tmp_path):
    work = workflow(tmp_path, *PATCHES)
    assert asked(work, "-n") in (
        20,
        21,
    )  # messages of those that are listed, and one of the rule, to find its script
    work.run("all")
    assert work.read("made23") == "23"
    assert asked(work, "-n") == 24  # compared with what is on record


def test_names_with_wildcards_are_looked_for_job_by_job(tmp_path):
    """The script of one job is missing: Snakemake says so before anything runs."""
    text = TEXT.replace("make.py", "make{wildcards.number}.py")
    work = workflow(tmp_path, *PATCHES, text=text)
    for number in range(23):
        work.write(f"ours/rules/make{number}.py", "")
    assert "make23.py" in work.fails("all", "-n").text
