"""Jobs with little memory: their lists of files are as Snakemake's, and so is what they are used for."""

import json
import pickle
import re

import pytest
from small_workflow import SmallWorkflow
from snakemake.iocontainers import InputFiles, Wildcards

from stemwright.snakemake_patches._lean import LeanInputs, LeanWildcards

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
    assert bytes_of_a_job(workflow(tmp_path, "lean_jobs")) < 6_500


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
