"""Snakemake's issue 4166 is still there, and our mend of it holds."""

import subprocess

from workdirs import SNAKEMAKE

SNAKEFILE = """
{mend}
rule check:
    output: "ok"
    params: config["aa"]
    shell: "echo {{params}} > {{output}}"

rule make:
    input: ancient("ok")
    output: "made"
    params: config["bb"]
    shell: "echo {{params}} > {{output}}"
"""
MEND = "import sys; sys.path.insert(0, {scripts!r}); from stemwright.ancient import mend; mend()"


def rules_run(path, *config):
    args = [SNAKEMAKE, "--cores", "1", "made", "--config", *config]
    run = subprocess.run(args, cwd=path, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return {word for word in ("check", "make") if f"rule {word}:" in run.stderr}


def test_snakemake_overlooks_reasons_behind_ancient_inputs(tmp_path):
    """When this fails, Snakemake has mended it: delete stemwright/ancient.py."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE.format(mend=""))
    assert rules_run(tmp_path, "aa=1", "bb=1") == {"check", "make"}
    assert rules_run(tmp_path, "aa=2", "bb=2") == {"check"}


def test_with_the_mend_both_run(tmp_path, code):
    (tmp_path / "Snakefile").write_text(SNAKEFILE.format(mend=MEND.format(scripts=str(code / "scripts"))))
    assert rules_run(tmp_path, "aa=1", "bb=1") == {"check", "make"}
    assert rules_run(tmp_path, "aa=2", "bb=2") == {"check", "make"}
    assert rules_run(tmp_path, "aa=3", "bb=2") == {"check"}
    assert rules_run(tmp_path, "aa=3", "bb=3") == {"make"}
