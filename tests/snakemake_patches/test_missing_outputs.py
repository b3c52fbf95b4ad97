"""Whatever is asked for, what it depends on is there: all that is missing is made again, and nothing else."""

import pytest
from small_workflow import SmallWorkflow

TEXT = """
rule last:
    input: "made", ancient("ok")
    output: "last", "log"
    shell: "cat made ok > last; touch log"

rule check:
    input: "made"
    output: "ok"
    shell: "cp made ok"

rule make:
    output: "made"
    shell: "echo 1 > made"
"""
DIGEST = 'params: stemwright_rule_digest="1"'
OF_A_SONG = f"""
rule raw:
    output: temp("raw"), "unneeded"
    {DIGEST}
    shell: "touch {{output}}"

rule bounced:
    input: "raw"
    output: "bounced"
    {DIGEST}
    shell: "cp {{input}} {{output}}"

rule uses:
    input: "bounced"
    output: "used"
    shell: "cp {{input}} {{output}}"
"""


def after_a_deletion(work, *names, targets=("last",)):
    """The rules that run in the next run."""
    work.run(*targets)
    assert work.run(*targets).rules == set()
    for name in names:
        (work / name).unlink()
    return work.run(*targets).rules


def test_snakemake_does_not_look_behind_what_is_there(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert after_a_deletion(SmallWorkflow(tmp_path, TEXT), "made", "ok") == set()


@pytest.mark.parametrize(
    ("names", "rules"),
    [
        (["made"], {"make", "check", "last"}),
        (["ok"], {"check"}),  # what is there and sound is not made again
        pytest.param(["log"], {"last"}, marks=pytest.mark.long),  # nobody asks for it, but its job makes it
    ],
)
def test_with_the_patch_each_is_made_again(tmp_path, names, rules):
    work = SmallWorkflow(tmp_path, TEXT, ["ancient_search", "missing_outputs"])
    assert after_a_deletion(work, *names) == rules
    assert work.run("last").rules == set()


@pytest.mark.long
def test_a_song_s_rule_need_not_keep_what_nothing_needs(tmp_path):
    work = SmallWorkflow(tmp_path, OF_A_SONG, ["missing_outputs"])
    assert after_a_deletion(work, "unneeded", targets=["used"]) == set()
    assert after_a_deletion(work, "bounced", targets=["used"]) == {"raw", "bounced", "uses"}


HOST = """
rule theirs:
    output: "theirs"
    shell: "touch {output}"

rule report:
    input: "theirs", "last"
    output: "{name}.report"
    shell: "cp last {output}"
"""


@pytest.mark.long
def test_a_host_s_rules_are_searched_as_ever_and_ours_behind_them(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["missing_outputs"])
    work.use_as_module(HOST)
    assert after_a_deletion(work, "theirs", targets=["a.report"]) == set()
    assert after_a_deletion(work, "made", targets=["a.report"]) == {
        "make",
        "check",
        "last",
        "report",
        "theirs",
    }
