"""What a job is about to replace loses its name at once, and its pages while the job runs."""

import os

import pytest
from small_workflow import SmallWorkflow

TEXT = """
import os

remove = os.remove


def tell(path):
    if str(path) == "made":
        open_files = [f"/proc/self/fd/{{number}}" for number in os.listdir("/proc/self/fd")]
        held = [os.stat(each).st_ino for each in open_files if os.path.exists(each)]
        with open("told", "w") as file:
            file.write(str(os.lstat(path).st_ino in held))
    remove(path)


os.remove = tell


rule make:
    output: {output}
    shell: {shell!r}
"""


def workflow(path, *patches, output='"made"', shell="test ! -e made && echo new > made"):
    work = SmallWorkflow(path, TEXT.format(output=output, shell=shell), patches)
    return work


def test_snakemake_waits_for_the_pages(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    work = workflow(tmp_path)
    work.write("made", "old")
    work.run("made", "--force")
    assert (work.read("told"), work.read("made")) == ("False", "new")


def test_with_the_patch_the_file_is_held_until_its_name_is_gone(tmp_path):
    work = workflow(tmp_path, "quick_removal")
    work.write("made", "old")
    work.run("made", "--force")
    assert (work.read("told"), work.read("made")) == ("True", "new")


@pytest.mark.parametrize("old", ["nothing", "a pipe", "a link to nothing", "what may not be read"])
def test_whatever_stands_there_is_replaced(tmp_path, old):
    work = workflow(tmp_path, "quick_removal")
    if old == "a pipe":
        os.mkfifo(work / "made")
    elif old == "a link to nothing":
        (work / "made").symlink_to("nowhere")
    elif old == "what may not be read":
        work.write("made", "old")
        (work / "made").chmod(0)
    work.run("made", "--force")
    assert work.read("made") == "new" and not (work / "made").is_symlink()


def test_a_folder_is_removed_as_ever(tmp_path):
    work = workflow(
        tmp_path, "quick_removal", output='directory("made")', shell="test ! -e made/old && mkdir made"
    )
    work.write("made/old", "old")
    work.run("made", "--force")
    assert [each.name for each in (work / "made").iterdir()] == [".snakemake_timestamp"]
