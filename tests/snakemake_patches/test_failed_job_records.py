"""A job that failed is tried again, whatever file is asked for next."""

import pytest
from small_workflow import SmallWorkflow

TEXT = """
rule last:
    input: "first"
    output: "last"
    shell: "cat {input} > {output}"

rule first:
    output: "first"
    params: config["param"]
    shell: "test ! -e broken && echo {params} > {output}"
"""


def last_after_a_failure(work):
    """What the file asked for says after an edit, the first run of which failed, for no fault of the rules."""
    work.run("last", "--config", "param=1")
    (work / "broken").touch()
    work.fails("last", "--config", "param=2")
    (work / "broken").unlink()
    work.run("last", "--config", "param=2")
    return work.read("last")


def test_snakemake_forgets_a_failure(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert last_after_a_failure(SmallWorkflow(tmp_path, TEXT)) == "1"


@pytest.mark.long
def test_it_is_not_enough_that_what_has_no_record_is_made_again(tmp_path):
    assert last_after_a_failure(SmallWorkflow(tmp_path, TEXT, ["missing_records"])) == "1"


def test_with_the_patch_the_job_is_tried_again(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["failed_job_records", "missing_records"])
    assert last_after_a_failure(work) == "2"
    assert work.run("last", "--config", "param=2").rules == set()


@pytest.mark.long
def test_a_job_that_begins_has_no_record(tmp_path):
    """If it is killed, and the mark that it began is lost, the record of the last time would speak for its output."""
    text = TEXT.replace("test ! -e broken", "ls .snakemake/metadata > seen")
    for patches, records in ([], 2), (["failed_job_records"], 1):
        work = SmallWorkflow(tmp_path / str(records), text, patches)
        work.run("last", "--config", "param=1")
        work.run("last", "--config", "param=2")
        assert len(work.read("seen").split()) == records
