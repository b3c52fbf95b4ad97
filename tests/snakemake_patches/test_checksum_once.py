"""A file that is the input of several jobs is read once for its checksum."""

import re

from small_workflow import SmallWorkflow

TEXT = """
import sys

reads = []
sys.addaudithook(lambda event, args: event == "open" and str(args[0]).endswith("sample") and reads.append(1))

rule all:
    input: expand("{name}{number}", name=["a", "b"], number=[1, 2])

rule make:
    input: "sample"
    output: "{name}1", "{name}2"
    shell: "cp {input} {output[0]}; cp {input} {output[1]}"

onsuccess:
    print(f"{len(reads)} reads")
"""


def reads(work):
    """How often Snakemake reads the input of two jobs with two outputs each."""
    work.write("sample", "some content")
    return int(re.search(r"^(\d+) reads$", work.run("all").text, re.MULTILINE)[1])


def test_snakemake_reads_again_and_again(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go, if it is read once."""
    assert reads(SmallWorkflow(tmp_path, TEXT)) == 4


def test_with_the_patch_it_reads_once(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["checksum_once"])
    assert reads(work) == 1
    assert work.run("all").rules == set()


def test_a_file_that_changes_in_between_is_read_again(tmp_path):
    """The second job finds another content: each record holds the checksum of what its job has read."""
    text = TEXT.replace(
        "cp {input} {output[0]}", "cat {input} > {output[0]}; echo {wildcards.name} >> {input}"
    )
    work = SmallWorkflow(tmp_path, text, ["checksum_once"])
    work.write("sample", "some content")
    assert "2 reads" in work.run("all", "--cores", "1").text
