"""A file that nothing is known of is made again."""

import shutil

from small_workflow import SmallWorkflow

TEXT = """
rule make:
    output: "made"
    params: config["param"]
    shell: "echo {params} > {output}"
"""


def made_without_records(work, *args):
    """What a file says after an edit, when the records were deleted before it."""
    work.run("made", "--config", "param=1")
    shutil.rmtree(work / ".snakemake/metadata")
    work.run("made", "--config", "param=2", *args)
    return work.read("made")


def test_snakemake_trusts_what_it_knows_nothing_of(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert made_without_records(SmallWorkflow(tmp_path, TEXT)) == "1"


def test_with_the_patch_it_is_made_again(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["missing_records"])
    assert made_without_records(work) == "2"
    assert work.run("made", "--config", "param=2").rules == set()
