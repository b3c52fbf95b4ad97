"""Jobs with little memory: their lists of files are as Snakemake's, and so is what they are used for."""

import json
import pickle
import re

import pytest
from small_workflow import ROOT, SmallWorkflow
from snakemake.iocontainers import InputFiles, Wildcards

from stemwright.snakemake_patches._lean import LeanInputs, LeanWildcards

PLUGINS = ROOT / "tests/helpers/elsewhere"
TEXT = """
import tracemalloc
from snakemake.dag import DAG

tracemalloc.start()
number_jobs = DAG.update_jobids

def tell(dag):
    number_jobs(dag)
    print((tracemalloc.get_traced_memory()[0] - before) // len(dag.jobs), "bytes a job")

DAG.update_jobids = tell

rule all:
    input: lambda w: [f"{name}{number}" for name in ("last", "made") for number in range(200)]

rule last:
    input: unpack(lambda w: {"first": [f"first{w.number}"] * 2, "done": [ancient(f"done{w.number}")], "none": []})
    output: "last{number}", made="made{number}"
    log: "{number}.log"
    params: job=lambda w: {"number": w.number}
    script: "last.py"

rule first:
    output: "first{number}", "done{number}"
    shell: "echo {wildcards.number} > {output[0]}; touch {output[1]}"

before = tracemalloc.get_traced_memory()[0]
"""
LAST = """
import json

files = snakemake.input
with open(snakemake.output.made, "w") as file:
    json.dump([files.first, files.done, files.none, list(files), sorted(files.keys()), list(snakemake.output),
               snakemake.wildcards.number, snakemake.params.job, str(snakemake.log)], file)
open(snakemake.output[0], "w").close()
"""


FLAGS = """
from snakemake.dag import DAG
from snakemake.io import flag

number_jobs = DAG.update_jobids

def tell(dag):
    number_jobs(dag)
    for job in dag.jobs:
        files = [f"{file}: {' '.join(sorted(file.flags))}".strip() for file in sorted([*job.input, *job.output])]
        kinds = {type(each).__name__ for links in (dag._dependencies, dag.depending) for each in links[job].values()}
        print(f"{job.rule}: files {', '.join(files)}; in {' '.join(kinds)}")

DAG.update_jobids = tell

rule all:
    input: lambda w: ["marked", ancient("old"), flag(ancient("done"), "other")]

rule marked:
    input: lambda w: [flag("old", "mark"), ancient("done")]
    output: protected("marked")
    shell: "touch {output}"

rule old:
    output: temp("old"), touch("done")
"""


SIZED = """
rule all:
    input: lambda w: ["made1", "made2"]

rule make:
    output: "made{number}"
    log: "{number}.log"
    resources: mem_mb=lambda w: int(w.number)
    message: "{log} {resources.mem_mb} MB"
    shell: "touch {output}"
"""


CHECKED = """
rule all:
    input: lambda w: ["made1", "made2"]

rule make:
    input: lambda w: checkpoints.first.get(number=w.number).output[0], lambda w: [f"{w.number}", f"second{w.number}"]
    output: "made{number}"
    shell: "cat {input} > {output}"

rule second:
    input: lambda w: [f"first{w.number}"]
    output: "second{number}"
    shell: "cat {input} > {output}"

rule plain:
    output: "{number,[0-9]}"
    shell: "echo plain > {output}"

checkpoint first:
    output: "first{number}"
    shell: "echo {wildcards.number} > {output}"
"""


def workflow(path, *patches):
    work = SmallWorkflow(path, TEXT, patches)
    work.write("ours/rules/last.py", LAST)
    return work


def bytes_of_a_job(work):
    return int(re.search(r"^(\d+) bytes a job$", work.run("all", "-n").text, re.MULTILINE)[1])


def test_snakemake_keeps_much_of_each_job(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert bytes_of_a_job(workflow(tmp_path)) > 8_000


def test_with_the_patch_it_keeps_little(tmp_path):
    assert bytes_of_a_job(workflow(tmp_path, "lean_jobs")) < 4_000


def test_jobs_are_given_the_same(tmp_path):
    """What a script is given, and what is on record, so that either takes the other's work as done."""
    lean, plain = workflow(tmp_path / "lean", "lean_jobs"), workflow(tmp_path / "plain")
    for work in (lean, plain):
        work.run("last1")
    assert json.loads(lean.read("made1")) == json.loads(plain.read("made1"))
    lean.write("ours/rules/all.smk", plain.read("ours/rules/all.smk"))
    assert lean.run("last1", "-n").rules == set()
    (lean / "done1").unlink()
    lean.write("first1", "other")
    assert lean.run("last1", "-n").rules == {"first", "last"}


def told(path, text, *args):
    """Of each job of a plan: its files with their flags, and in what the files between it and others are kept."""
    run = SmallWorkflow(path, text, ["lean_jobs"], PLUGINS).run("all", "-n", *args)
    return dict(re.findall(r"^(\w+): (files .*)$", run.text, re.MULTILINE))


def test_files_have_the_flags_that_rules_and_functions_give_them(tmp_path):
    """A file with a flag of its own is not the one that other jobs name."""
    assert told(tmp_path, FLAGS) == {
        "all": "files done: ancient other, marked:, old: ancient; in tuple",
        "marked": "files done: ancient, marked: protected, old: mark; in tuple",
        "old": "files done: touch, old: temp; in tuple",
    }


def test_files_have_the_flags_that_a_workflow_gives_all_inputs(tmp_path):
    assert told(tmp_path, "inputflags: ancient\n" + FLAGS) == {
        "all": "files done: ancient other, marked: ancient, old: ancient; in tuple",
        "marked": "files done: ancient, marked: protected, old: ancient mark; in tuple",
        "old": "files done: touch, old: temp; in tuple",
    }


def test_with_a_storage_snakemake_keeps_what_it_still_adds_to(tmp_path):
    jobs = told(tmp_path, FLAGS, "--default-storage-provider", "fs", "--default-storage-prefix", "away")
    assert jobs.keys() == {"all", "marked", "old"}
    assert all(said.endswith("; in set") and said.count("storage_object") > 1 for said in jobs.values())


def test_functions_of_resources_are_asked_for_each_job(tmp_path):
    text = SmallWorkflow(tmp_path, SIZED, ["lean_jobs"]).run("all", "-n").text
    assert "1.log 1 MB" in text and "2.log 2 MB" in text


def test_checkpoints_before_our_jobs(tmp_path):
    """Jobs that depend on them are made anew, and replaced, once they are done."""
    work = SmallWorkflow(tmp_path, CHECKED, ["lean_jobs", "lean_walks"])
    work.run("all")
    assert [work.read(f"made{number}").split() for number in (1, 2)] == [
        ["1", "plain", "1"],
        ["2", "plain", "2"],
    ]
    assert work.run("all", "-n").rules == set()


NAMED = {"one": "a", "two": "b"}


def test_named_items_are_as_in_snakemake_s_list():
    lean, plain = LeanWildcards.of(NAMED), Wildcards(fromdict=NAMED)
    for use in (str, list, lambda each: [each["two"], each.one, each.get("two"), each[0]]):
        assert use(lean) == use(plain)


def test_lists_of_files_by_role():
    lean = LeanInputs("abcd", [("x", (0, 2)), ("y", (2, None)), ("none", (3, 3))])
    plain = InputFiles("abcd")
    for name, index, end in (("x", 0, 2), ("y", 2, None), ("none", 3, 3)):
        plain._set_name(name, index, end)
    for use in (
        lambda each: [each.x, each.y, each.none, each["x"], each.get("x"), each.get("z", 1)],
        lambda each: [*each.items()],
        lambda each: [*each.keys()],
        lambda each: [*each._allitems()],
        lambda each: [type(each._plainstrings()), [*each._plainstrings().items()]],
        lambda each: [type(pickle.loads(pickle.dumps(each))), [*pickle.loads(pickle.dumps(each)).items()]],
        hash,
    ):
        assert use(lean) == use(plain)
    for name in ("z", "__wrapped__"):
        with pytest.raises(AttributeError, match=name):
            getattr(lean, name)
    with pytest.raises(AttributeError, match="index"):
        lean.index("a")
