"""What is in the way of a file that is to be made."""

from __future__ import annotations

import os

from stemwright.workflow.obstacles import obstacle


def test_what_is_in_the_way_of_a_file(tmp_path):
    (tmp_path / "file").write_text("a file")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "good").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    remedy = "delete it and run snakemake again"
    for name, expected in {
        "file": "",
        "missing": "",
        "missing/file": "",
        "good": "",
        "folder": f"folder: is a folder where a file is made: {remedy}",
        "fifo": f"fifo: is a FIFO where a file is made: {remedy}",
        "file/x/y": f"file: is a file where a folder is needed: {remedy}",
        "dangling": f"dangling: is a link to nothing: {remedy}",
        "dangling/x": f"dangling: is a link to nothing: {remedy}",
        "loop": f"loop: is a link to nothing: {remedy}",
        "loop/x": f"loop: is a link to nothing: {remedy}",
    }.items():
        assert obstacle(str(tmp_path / name)) == (expected and f"{tmp_path}/{expected}")
