"""A job that runs elsewhere for a run that was killed leaves alone what the next run has made."""

from small_workflow import SmallWorkflow

TEXT = """
rule make:
    output: "made"
    shell: "cat number > {output}"
"""
JOB = ("--mode", "remote", "--force", "--nolock", "--target-jobs", "make:")


def after_an_orphan(work):
    """What a file says that the second run has made, after the job of the first one has come to its turn."""
    work.write(".snakemake/stemwright/claims/of-another-file", "")  # there were jobs elsewhere
    work.write("number", "2")
    work.run("made")
    work.write("number", "1")
    work.env["STEMWRIGHT_RUN"] = "the first"
    said = work.try_run(*JOB).text
    return work.read("made"), said


def test_snakemake_lets_an_orphan_replace_a_file(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    made, _ = after_an_orphan(SmallWorkflow(tmp_path, TEXT))
    assert made == "1"


def test_with_the_patch_it_does_not(tmp_path, monkeypatch):
    made, said = after_an_orphan(SmallWorkflow(tmp_path, TEXT, ["orphans"]))
    assert made == "2" and "made: the run that started this job has ended: nothing is done" in said


def test_a_job_whose_run_claims_its_file_makes_it(tmp_path):
    """And where no claims are shared, each does."""
    work = SmallWorkflow(tmp_path, TEXT, ["orphans"])
    work.write("number", "1")
    work.env["STEMWRIGHT_RUN"] = "the first"
    work.run(*JOB)
    assert work.read("made") == "1"
