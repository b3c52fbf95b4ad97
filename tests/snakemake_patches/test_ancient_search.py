"""A changed param is seen behind an `ancient()` input, though what makes that input is made again, too."""

import pytest
from small_workflow import SmallWorkflow

TEXT = """
rule make:
    input: ancient("ok")
    output: "made"
    params: config["make"]
    shell: "echo {params} > {output}"

rule check:
    output: "ok"
    params: config["check"]
    shell: "echo {params} > {output}"
"""


def rules_run(work, check, make):
    return work.run("made", "--config", f"check={check}", f"make={make}").rules


def after_two_edits(work):
    """The rules that run in the next run."""
    assert rules_run(work, check=1, make=1) == {"check", "make"}
    return rules_run(work, check=2, make=2)


def test_snakemake_overlooks_a_reason(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert after_two_edits(SmallWorkflow(tmp_path, TEXT)) == {"check"}


def test_with_the_patch_both_run(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["ancient_search"])
    assert after_two_edits(work) == {"check", "make"}
    assert rules_run(work, check=3, make=2) == {"check"}
    assert rules_run(work, check=3, make=3) == {"make"}
    assert rules_run(work, check=3, make=3) == set()


HOST = """
rule theirs:
    input: ancient("ok")
    output: "theirs"
    params: config["theirs"]
    shell: "echo {params} > {output}"

rule last:
    input: "theirs", made=ancient("made")
    output: "last"
    params: config["last"]
    shell: "echo {params} > {output}"
"""


@pytest.mark.long
def test_a_host_s_rule_is_hidden_by_its_own_ancient_inputs_as_ever(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["ancient_search"])
    work.use_as_module(HOST)

    def run(**config):
        return work.run("last", "--config", *(f"{key}={value}" for key, value in config.items())).rules

    assert run(check=1, make=1, theirs=1, last=1) == {"check", "make", "theirs", "last"}
    assert run(check=2, make=2, theirs=2, last=2) == {"check", "make"}
    assert run(check=2, make=2, theirs=2, last=2) == {"theirs", "last"}


BEHIND_A_HOST = """
rule start:
    output: "start"
    params: config["start"]
    shell: "echo {params} > {output}"

rule between:
    input: ancient("start")
    output: "between"
    shell: "echo > {output}"
"""
OURS_BEHIND = """
rule make:
    input: "between"
    output: "made"
    params: config["make"]
    shell: "echo {params} > {output}"
"""


@pytest.mark.long
def test_ours_is_seen_behind_a_host_s_ancient_input(tmp_path):
    work = SmallWorkflow(tmp_path, OURS_BEHIND, ["ancient_search"])
    work.use_as_module(BEHIND_A_HOST)
    work.run("made", "--config", "start=1", "make=1")
    assert work.run("made", "--config", "start=2", "make=2").rules == {"start", "make"}
