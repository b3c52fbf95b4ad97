"""A batch has whole songs. Of our own songs: tests/workflow/test_batches.py."""

import re

from small_workflow import SmallWorkflow

TEXT = """
rule all:
    input: lambda w: [f"{song}/{name}" for song in "abc" for name in ("one", "two", "three")]

rule make:
    output: "{song}/{name}"
    message: "make {wildcards.song} {wildcards.name}"
    shell: "touch {output}"
"""
BY_SONG = """
from stemwright.snakemake_patches import batch_by
batch_by(lambda files, index, number: [file for file in files if file[0] == "abc-"[index - 1]])
"""


def songs_of(work, batch):
    """The songs of which a batch makes something."""
    text = work.run("all", "-n", "-p", "--batch", f"all={batch}/4").text
    return set(re.findall(r"^Job \d+: make (\w)", text, re.MULTILINE))


def test_snakemake_cuts_anywhere(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    work = SmallWorkflow(tmp_path, TEXT)
    assert songs_of(work, 2) & songs_of(work, 3) == {"b"}


def test_with_the_patch_songs_stay_whole(tmp_path):
    work = SmallWorkflow(tmp_path, BY_SONG + TEXT, ["whole_batches"])
    assert (songs_of(work, 2), songs_of(work, 3)) == ({"b"}, {"c"})
