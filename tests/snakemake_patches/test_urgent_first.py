"""Of jobs that start together, the most urgent one starts first."""

import re

from small_workflow import SmallWorkflow

COUNT = 30
TEXT = f"""
rule all:
    input: expand("made{{n}}", n=range({COUNT}))

for number in range({COUNT}):
    rule:
        name: f"make{{number}}"
        output: f"made{{number}}"
        priority: number
        shell: "touch {{output}}"
"""


def order(path, *patches):
    """The priorities of the jobs as they start."""
    text = SmallWorkflow(path, TEXT, patches).run("all", "--cores", str(COUNT)).text
    return [int(n) for n in re.findall(r"^(?:local)?rule make(\d+):$", text, re.MULTILINE)]


def test_snakemake_starts_them_by_chance(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    found = order(tmp_path)
    assert sorted(found) == list(range(COUNT)) and found != sorted(found, reverse=True)


def test_with_the_patch_the_most_urgent_is_first(tmp_path):
    assert order(tmp_path, "urgent_first") == list(range(COUNT))[::-1]
