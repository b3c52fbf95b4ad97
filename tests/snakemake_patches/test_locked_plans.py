"""A plan beside a build is told to be one; a second build is refused."""

import pytest
from small_workflow import SmallWorkflow
from test_own_locks import TEXT, until_begun

ERROR, NOTE = "Error: Directory cannot be locked", "Note: a build runs here"


def planned_during_a_build(tmp_path, *patches, host=None):
    """What a plan and a build say while another build runs; and a plan after it."""
    work = SmallWorkflow(tmp_path, TEXT, patches)
    if host is not None:
        work.use_as_module(host)
    build = work.start("slow")
    until_begun(work, 1, build)
    said = [work.run("-n", "slow").text, work.fails("slow", "--rerun-incomplete").text]
    (work / "on").touch()
    build.communicate(timeout=60)
    return [*said, work.run("-n", "slow").text]


def test_snakemake_calls_it_an_error(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert ERROR in planned_during_a_build(tmp_path)[0]


def test_with_the_patch_it_is_a_note(tmp_path):
    plan, second, after = planned_during_a_build(tmp_path, "locked_plans")
    assert plan.count(NOTE) == 1 and "Error" not in plan
    assert ERROR in second and NOTE not in second and NOTE not in after
    assert "rule slow" in plan


@pytest.mark.long
def test_a_host_s_plans_are_as_without_us(tmp_path):
    host = planned_during_a_build(tmp_path, "locked_plans", host="")
    assert ERROR in host[0] and NOTE not in host[0]
