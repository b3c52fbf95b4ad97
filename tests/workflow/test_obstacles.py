"""What is in the way of a file that is to be made."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

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


def test_a_file_that_cannot_be_read(tmp_path):
    """Of one's own, and of another user."""
    if os.geteuid():
        pytest.skip("only root can be two users")
    tmp_path.chmod(0o777)
    for parent in list(tmp_path.parents)[:3]:
        parent.chmod(0o755)
    own, other = tmp_path / "own.ok", tmp_path / "other.ok"
    for path in (own, other):
        path.write_text("a file")
        path.chmod(0)
    os.chown(own, 65_534, 65_534)
    code = f"""if True:
        import os, sys
        sys.path[:0] = {sys.path!r}
        from stemwright.workflow.obstacles import describe_obstacle
        os.setgroups([])
        os.setgid(65_534)
        os.setuid(65_534)
        print(describe_obstacle({str(own)!r}))
        print(describe_obstacle({str(other)!r}))
    """
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert f"{own}: Permission denied: chmod u+rw {own}\n" in said
    assert f"{other}: Permission denied: it belongs to root, and you are nobody. Somebody else" in said
