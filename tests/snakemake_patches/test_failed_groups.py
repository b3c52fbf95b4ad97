"""What a group of jobs has made before one of them failed stays. With the patch: tests/workflow/test_elsewhere.py."""

from small_workflow import ROOT, SmallWorkflow

TEXT = """
rule all:
    input: "bad"

rule good:
    output: "good"
    group: "both"
    shell: "touch good"

rule bad:
    input: "good"
    output: "bad"
    group: "both"
    shell: "touch begun; exit 1"
"""


def test_snakemake_deletes_what_a_group_has_made(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    work = SmallWorkflow(tmp_path, TEXT, mended=ROOT / "tests/helpers/elsewhere")
    work.fails("bad", "--executor", "elsewhere", "--jobs", "1", "--latency-wait", "1")
    assert (work / "begun").exists() and not (work / "good").exists()
