"""What reads notebooks is not imported to run scripts in Python."""

from small_workflow import SmallWorkflow

TEXT = """
import atexit, sys
atexit.register(lambda: print("reads notebooks:", "nbformat" in sys.modules))

rule make:
    output: "made"
    script: "make.%s"
"""
SCRIPTS = {
    "py": "open(snakemake.output[0], 'w').write('made')\n",
    "sh": 'echo made > "${snakemake_output[0]}"\n',
}


def run(path, ending, *patches):
    """What Snakemake has said of a run with one script, which has run."""
    work = SmallWorkflow(path, TEXT % ending, patches)
    work.write(f"ours/rules/make.{ending}", SCRIPTS[ending])
    text = work.run("made").text
    assert work.read("made") == "made"
    return text


def test_snakemake_imports_what_reads_notebooks(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert "reads notebooks: True" in run(tmp_path, "py")


def test_with_the_patch_it_does_not(tmp_path):
    assert "reads notebooks: False" in run(tmp_path, "py", "script_language")


def test_scripts_in_other_languages_run_as_before(tmp_path):
    assert "reads notebooks: True" in run(tmp_path, "sh", "script_language")
