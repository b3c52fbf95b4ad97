"""A file that nothing is known of is made again."""

import json
import os
import shutil
import subprocess
from types import SimpleNamespace

import pytest
from small_workflow import ROOT, SmallWorkflow

TEXT = """
rule make:
    output: "made"
    params: config["param"]
    shell: "echo {params} > {output}"
"""


def made_without_records(work, *args):
    """What a file says after an edit, when the records were deleted before it."""
    work.run("made", "--config", "param=1")
    shutil.rmtree(work / ".snakemake/metadata")
    work.run("made", "--config", "param=2", *args)
    return work.read("made")


def test_snakemake_trusts_what_it_knows_nothing_of(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert made_without_records(SmallWorkflow(tmp_path, TEXT)) == "1"


def test_with_the_patch_it_is_made_again(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["missing_records"])
    assert made_without_records(work) == "2"
    assert work.run("made", "--config", "param=2").rules == set()


def with_record(work, content):
    """A workflow of which the one record is another."""
    work.run("made", "--config", "param=1")
    (path,) = (work / ".snakemake/metadata").iterdir()
    path.write_bytes(content(path.read_bytes()))
    return work


def test_snakemake_ends_at_a_damaged_record(tmp_path):
    """When this fails, Snakemake has mended it."""
    work = with_record(SmallWorkflow(tmp_path, TEXT), lambda data: b"\xff" + data)
    assert "Traceback" in work.fails("made", "--config", "param=1").text


def test_with_the_patch_a_damaged_record_is_none(tmp_path):
    work = with_record(SmallWorkflow(tmp_path, TEXT, ["missing_records"]), lambda data: b"\xff" + data)
    assert work.run("made", "-n", "--config", "param=1").rules == {"make"}
    (path,) = (work / ".snakemake/metadata").iterdir()
    path.write_text("[1, 2]")
    assert work.run("made", "-n", "--config", "param=1").rules == {"make"}


RECORD = {"record_format_version": 6, "params": ["1"], "input": [], "input_checksums": {"a": "sha256:0"}}


@pytest.mark.parametrize(
    "change",
    [
        {"record_format_version": 2},
        {"record_format_version": "x"},
        {"params": None},
        {"params": [[1]]},
        {"params": "1"},
        {"input": None},
        {"input": [{}]},
        {"input_checksums": {"a": 5}},
        {"input_checksums": []},
        {"input_checksums": None},
    ],
)
def test_what_is_not_compared_is_no_record(change):
    """Also where Snakemake would leave a part out of the comparison, or fail there."""
    from snakemake.persistence import MetadataRecord

    from stemwright.snakemake_patches import _ours
    from stemwright.snakemake_patches.missing_records import PATCH

    ours = SimpleNamespace(
        rule=SimpleNamespace(snakefile="", params=SimpleNamespace(**{_ours.RULE_DIGEST: ""}))
    )
    known = PATCH.replacements[0].make(lambda self, record: MetadataRecord.model_validate(record.data))
    ours.data = json.loads(json.dumps(RECORD))
    assert known(None, ours).params == ["1"]
    ours.data |= change
    assert known(None, ours).params == []


def test_a_record_of_another_user(tmp_path, needs):
    if os.geteuid():
        pytest.skip("only root can be two users")
    work = SmallWorkflow(tmp_path / "work", TEXT, ["missing_records"])
    work.run("made", "--config", "param=1")
    for path in (work / ".snakemake/metadata").iterdir():
        path.chmod(0o660)
    code = f"""if True:
        import os, sys
        sys.path.insert(0, {str(ROOT / "scripts")!r})
        from stemwright.base.ownership import describe_denied
        os.setuid(65534)
        print(describe_denied({str(next((work / ".snakemake/metadata").iterdir()))!r}))
    """
    said = subprocess.run([needs("python3"), "-c", code], capture_output=True, text=True, check=True).stdout
    assert "belongs to root, and you are nobody" in said and "sudo chown -R nobody ." in said
