"""What is dated in the future can be built from: content decides."""

import os
import time

from small_workflow import SmallWorkflow

TEXT = """
rule make:
    input: "sample"
    output: "made"
    shell: "cp {input} {output}"
"""
BY_CONTENT = ("--max-checksum-file-size", "1GB")


def with_a_sample_of_tomorrow(work):
    work.write("sample", "one")
    os.utime(work / "sample", (time.time() + 86_400,) * 2)
    return work


def test_snakemake_refuses_what_is_dated_in_the_future(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    work = with_a_sample_of_tomorrow(SmallWorkflow(tmp_path, TEXT))
    assert "clock skew" in work.fails("made", *BY_CONTENT).text


def test_with_the_patch_it_is_built_from(tmp_path):
    work = with_a_sample_of_tomorrow(SmallWorkflow(tmp_path, TEXT, ["clock_skew"]))
    assert work.run("made", *BY_CONTENT).rules == {"make"}
    assert work.run("made", *BY_CONTENT).rules == set()
    work.write("sample", "two")
    os.utime(work / "sample", (time.time() + 86_400,) * 2)
    assert work.run("made", *BY_CONTENT).rules == {"make"}


def test_a_host_s_rule_is_checked_as_ever(tmp_path):
    work = with_a_sample_of_tomorrow(SmallWorkflow(tmp_path, "", ["clock_skew"]))
    work.use_as_module(TEXT)
    assert "clock skew" in work.fails("made", *BY_CONTENT).text
