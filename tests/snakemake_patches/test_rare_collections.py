"""Python searches for cycles seldom in a run, and as often as ever in its jobs."""

import gc
import re

from small_workflow import SmallWorkflow

TEXT = """
import gc
from snakemake.dag import DAG

if gc.get_threshold() == (100_000, 20, 20):  # those of the venv that make sets up
    gc.set_threshold(700, 10, 10)  # Python's own

number_jobs = DAG.update_jobids

def tell(dag):
    number_jobs(dag)
    print(sum(each["collections"] for each in gc.get_stats()) - before, "searches")

DAG.update_jobids = tell

rule all:
    input: [f"made{number}" for number in range(200)]

rule make:
    output: "made{number}"
    script: "make.py"

before = sum(each["collections"] for each in gc.get_stats())
"""
SCRIPT = "import gc; open(snakemake.output[0], 'w').write(str(gc.get_threshold()))"


def workflow(path, *patches):
    work = SmallWorkflow(path, TEXT, patches)
    work.write("ours/rules/make.py", SCRIPT)
    return work


def searches(work):
    """How often Python searches while a plan is made."""
    return int(re.search(r"^(\d+) searches$", work.run("all", "-n").text, re.MULTILINE)[1])


def test_snakemake_lets_python_search_often(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert searches(workflow(tmp_path)) > 5


def test_with_the_patch_it_does_not(tmp_path):
    work = workflow(tmp_path, "rare_collections")
    assert searches(work) < 3
    work.run("made1")
    assert work.read("made1") == str(gc.get_threshold())
