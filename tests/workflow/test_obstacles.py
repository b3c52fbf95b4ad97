"""What is in the way of a file that is to be made."""

from __future__ import annotations

import os

from stemwright.workflow.obstacles import describe_obstacle


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
        "folder": f"folder: is a folder, but a file is to be made there: {remedy}",
        "fifo": f"fifo: is a FIFO, but a file is to be made there: {remedy}",
        "file/x/y": f"file: is a file, but a folder is needed there: {remedy}",
        "dangling": f"dangling: is a broken link: {remedy}",
        "dangling/x": f"dangling: is a broken link: {remedy}",
        "loop": f"loop: is a broken link: {remedy}",
        "loop/x": f"loop: is a broken link: {remedy}",
    }.items():
        assert describe_obstacle(str(tmp_path / name)) == (expected and f"{tmp_path}/{expected}")
