"""A file that an older one has replaced is another file."""

import os

from small_workflow import SmallWorkflow

TEXT = """
rule make:
    input: SAMPLE
    output: "made"
    shell: "cat {input} > {output}"
"""


def made_of_an_older_file(work):
    work.write("sample", "old")
    work.run("made")
    work.write("other", "older")
    os.utime(work / "other", (10**9, 10**9))
    os.replace(work / "other", work / "sample")
    work.run("made")
    return work.read("made")


def test_snakemake_goes_by_the_date(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert made_of_an_older_file(SmallWorkflow(tmp_path, TEXT.replace("SAMPLE", '"sample"'))) == "old"


def test_with_the_patch_it_is_made_of_what_is_there(tmp_path):
    marked = TEXT.replace("SAMPLE", 'external_input("sample")')
    work = SmallWorkflow(tmp_path, marked, ["replaced_inputs"])
    assert made_of_an_older_file(work) == "older"
    assert work.run("made").rules == set()


def test_an_input_that_is_not_marked_goes_by_its_date(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT.replace("SAMPLE", '"sample"'), ["replaced_inputs"])
    assert made_of_an_older_file(work) == "old"
