"""`--touch` makes nothing pass for done that was not done."""

from small_workflow import SmallWorkflow

TEXT = """
rule make:
    output: "made"
    params: config["param"]
    shell: "echo {params} > {output}"
"""


def test_snakemake_records_what_was_not_done(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    work = SmallWorkflow(tmp_path, TEXT)
    work.run("made", "--config", "param=1")
    work.run("made", "--config", "param=2", "--touch")
    assert work.run("made", "--config", "param=2").rules == set() and work.read("made") == "1"


def test_with_the_patch_it_is_refused(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["touch"])
    work.run("made", "--config", "param=1")
    text = work.fails("made", "--config", "param=2", "--touch").text
    assert "--touch: made is out of date (1 such jobs)" in text and "Traceback" not in text
    work.run("made", "--config", "param=1", "--touch")
    assert work.run("made", "--config", "param=2").rules == {"make"}


def test_a_host_may_touch_its_own(tmp_path):
    work = SmallWorkflow(tmp_path, "", ["touch"])
    work.use_as_module(TEXT)
    work.run("made", "--config", "param=1")
    work.run("made", "--config", "param=2", "--touch")
    assert work.read("made") == "1"
