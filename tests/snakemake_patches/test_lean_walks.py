"""A plan is sorted and checked without a copy of it, to the same end."""

import re
from graphlib import TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st
from small_workflow import SmallWorkflow

from stemwright.snakemake_patches.lean_walks import _by_level

TEXT = """
import tracemalloc
from snakemake.dag import DAG

def measured(method):
    tracemalloc.start()
    list(method() or ())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak

number_jobs = DAG.update_jobids

def tell(dag):
    number_jobs(dag)
    for method in (dag.toposorted, dag.check_directory_outputs):
        print(f"{method.__name__}: {measured(method) // len(dag.jobs)} bytes a job")
    for level in dag.toposorted():
        print("level", *sorted(str(file) for job in level for file in job.output))

DAG.update_jobids = tell

rule all:
    input: [f"made/{number}" for number in range(300)]

rule make:
    input: "first/{number}"
    output: "made/{number}"
    shell: "touch {output}"

rule first:
    output: "first/{number}"
    shell: "touch {output}"
"""
FOLDER = """
rule all:
    input: "folder", "%s"

rule folder:
    output: directory("folder")
    shell: "mkdir {output}"

rule file:
    output: "%s"
    shell: "touch {output}"
"""


def told(path, *patches):
    """The memory of each walk, in bytes a job, and the levels of the plan."""
    text = SmallWorkflow(path, TEXT, patches).run("all", "-n").text
    sizes = dict(re.findall(r"^(\w+): (\d+) bytes a job$", text, re.MULTILINE))
    return {name: int(size) for name, size in sizes.items()}, re.findall(r"^level .*$", text, re.MULTILINE)


def test_snakemake_copies_the_plan(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    sizes, _ = told(tmp_path)
    assert sizes["toposorted"] > 300 and sizes["check_directory_outputs"] > 300


def test_with_the_patch_it_does_not(tmp_path):
    sizes, levels = told(tmp_path / "lean", "lean_walks")
    assert sizes["toposorted"] < 200 and sizes["check_directory_outputs"] < 100
    assert levels == told(tmp_path / "plain")[1]


@given(st.dictionaries(st.integers(0, 30), st.sets(st.integers(0, 30))), st.sets(st.integers(0, 30)))
def test_levels_are_those_of_a_sorter(edges, chosen):
    """As Python's own finds them: of all jobs, and of some, where what is before the others does not count."""
    before = {job: [each for each in edges.get(job, ()) if each < job] for job in range(31)}
    for jobs in (before.keys(), chosen):
        sorter, levels = TopologicalSorter({job: {*before[job]} & {*jobs} for job in jobs}), []
        sorter.prepare()
        while ready := sorter.get_ready():
            levels.append(set(ready))
            sorter.done(*ready)
        assert list(map(set, _by_level(jobs, before))) == levels


def test_an_output_in_a_folder_that_is_one(tmp_path):
    """However it is written, Snakemake tells of it."""
    for number, path in enumerate(("folder/file", "./folder/file")):
        work = SmallWorkflow(tmp_path / str(number), FOLDER % (path, path), ["lean_walks"])
        assert "ChildIOException" in work.fails("all", "-n").text
