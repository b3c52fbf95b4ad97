"""An input that is replaced while a job reads it is no input that its output was made from."""

import os
import time

from small_workflow import SmallWorkflow

TEXT = """
rule make:
    input: "sample"
    output: "made"
    shell: "cat {input} > {output}; touch reading; while [ ! -e on ]; do sleep 0.02; done"
"""


def replaced_while_read(work):
    """A run in which the input is replaced after it was read, and the next one."""
    work.write("sample", "old")
    build = work.start("made")
    end = time.monotonic() + 60
    while not (work / "reading").exists():
        assert build.poll() is None and time.monotonic() < end
        time.sleep(0.01)
    work.write("other", "new")
    os.replace(work / "other", work / "sample")
    (work / "on").touch()
    said, _ = build.communicate(timeout=60)
    work.run("made")
    return build.returncode, said


def test_snakemake_records_what_was_not_read(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    work = SmallWorkflow(tmp_path, TEXT)
    code, _ = replaced_while_read(work)
    assert code == 0 and work.read("made") == "old"


def test_with_the_patch_the_job_fails_and_is_done_again(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["inputs_as_read"])
    code, said = replaced_while_read(work)
    assert code == 1 and work.read("made") == "new"
    assert "sample: changed or went away while made was made from it." in said and "Traceback" not in said
    assert work.run("made").rules == set()
