"""What survives a full disk, folders that cannot be written to, and inputs that vanish or are replaced."""

import os
import re
import shutil
import subprocess

import numpy as np
import pytest
import soundfile as sf
from marks import long_but
from recovery import BASS, check_whole, finish
from workdirs import Workdir

LOOP = "build/tune/stems/loop.wav"
AMPLE = 64 << 20
STAGES = long_but((0.45,), [0.02, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9, 0.97])
DISOBEYING_MODES = "-dac_override,-dac_read_search"  # what root can and others cannot


@pytest.fixture
def disk(tmp_path, needs):
    """A small disk, as a function of its size in bytes; called again, it is that large."""
    where = tmp_path / "disk"
    where.mkdir()

    def sized(size):
        options = f"size={size}" + (",remount" if os.path.ismount(where) else "")
        done = subprocess.run(
            [needs("mount"), "-t", "tmpfs", "-o", options, "tmpfs", where], stderr=subprocess.PIPE
        )
        if done.returncode:
            pytest.skip(f"a file system cannot be mounted here: {done.stderr.decode().strip()}")
        return where

    yield sized
    if os.path.ismount(where):
        subprocess.run(["umount", where], check=True)


@pytest.fixture
def as_others(needs):
    """A command under which root obeys the modes of files, as others do."""
    if os.geteuid():
        return []
    return [needs("setpriv"), f"--bounding-set={DISOBEYING_MODES}", f"--inh-caps={DISOBEYING_MODES}"]


def space(path):
    """What the files in a folder take of a tmpfs, in bytes: whole pages."""
    return sum(-(-file.stat().st_size // 4096) * 4096 for file in path.rglob("*") if file.is_file())


@pytest.mark.parametrize("stage", STAGES)
def test_a_full_disk(stage, disk, unbuilt, built):
    inputs = space(unbuilt.path)
    where = disk(int(inputs + stage * (space(built.path) - inputs)))
    work = Workdir(shutil.copytree(unbuilt.path, where / "work"), built.code)
    (where / "tmp").mkdir()
    env = {"TMPDIR": str(where / "tmp")}
    run = work.fails(env=env)
    assert "No space left on device" in run.text
    check_whole(work)
    good = built.tree("build")
    assert [name for name, data in work.tree("build").items() if data != good[name]] == []
    passed = re.findall(r"^\[[ 0-9/]+\] tune: verify .*(?<!FAILED) \([0-9.]+ s\)$", run.text, re.MULTILINE)
    assert len(list(work.path.rglob("*.ok"))) == len(passed)  # all that passed is kept
    with open(where / "filler", "wb", buffering=0) as filler, pytest.raises(OSError):
        while True:
            filler.write(bytes(4096))
    for args in ([], ["-n"]):
        assert "No space left on device" in work.fails(*args, env=env).text
    disk(AMPLE)
    finish(work)
    assert work.tree("build") == good


@pytest.mark.long
def test_a_full_disk_in_a_rebuild_is_not_forgotten(disk, workdir, built):
    """What could not be made again is missing; no target that hangs on it is then held to be up to date."""
    size = space(workdir.path)
    where = disk(size + (64 << 10))  # for locks and logs, not for a stem
    work = Workdir(shutil.copytree(workdir.path, where / "work"), built.code)
    os.link(work / LOOP, where / "kept")  # else the room of the old stem is enough for the new one
    work.edit("stems", "loop", "source", "audio", "gain_db", value=-1)
    assert "No space left on device" in work.fails().text
    assert "render loop" in work.snakemake("-n", "build/tune/tune.zip").jobs
    disk(AMPLE)
    work.snakemake("build/tune/tune.zip")
    finish(work)
    shutil.copyfile(built / "songs/tune.yaml", work / "songs/tune.yaml")
    finish(work)
    assert work.tree("build") == built.tree("build")


def test_a_failed_job_is_not_forgotten(workdir, built):
    """The same where the input is at fault: a sample that only its job refuses, then the right one again."""
    sf.write(workdir / "audio/loop.wav", np.full(8_000, np.nan), 8_000, "FLOAT")
    for target in ("all", "build/tune/tune.zip", "build/tune/master/master.wav.ok"):
        assert workdir.fails(target).jobs == ["render loop"]
    shutil.copyfile(built / "audio/loop.wav", workdir / "audio/loop.wav")
    workdir.snakemake("build/tune/tune.zip")
    finish(workdir)
    assert workdir.tree("build") == built.tree("build")


@pytest.mark.parametrize("folder", long_but(("build",), ["build", "logs", ".snakemake", "."]))
def test_a_folder_that_cannot_be_written_to(folder, workdir, as_others):
    workdir.edit("stems", "bass", "source", "tone", "note", value="B2")
    folders = [path for path in (workdir / folder, *(workdir / folder).rglob("*")) if path.is_dir()]
    for path in folders:
        path.chmod(0o555)
    run = workdir.fails(BASS, under=as_others)
    for path in folders:
        path.chmod(0o755)
    assert "Permission denied" in run.text and (folder in run.text or folder == ".")
    assert workdir.snakemake(BASS).jobs == ["render bass"]
    assert workdir.snakemake(BASS).jobs == []


@pytest.fixture
def other(workdir, built, tmp_path):
    """Another sample as long, and the stem that it makes, as a clean build has it."""
    samples, rate = sf.read(workdir / "audio/loop.wav")
    sf.write(tmp_path / "other.wav", samples[::-1] / 2, rate, subtype="PCM_16")
    clean = Workdir(shutil.copytree(workdir.path, tmp_path / "clean"), built.code)
    shutil.copyfile(tmp_path / "other.wav", clean / "audio/loop.wav")
    clean.snakemake(LOOP)
    return tmp_path / "other.wav", (clean / LOOP).read_bytes()


def rename_old(other, sample):
    """As `mv` does with a file of last year."""
    os.utime(other, (10**9, 10**9))
    os.replace(other, sample)


def write_over(other, sample):
    with open(sample, "r+b") as file:
        file.write(other.read_bytes())


def link(other, sample):
    sample.unlink()
    sample.symlink_to(other)


@pytest.mark.parametrize("replace", long_but((rename_old,), [os.replace, rename_old, write_over, link]))
def test_a_sample_replaced(replace, workdir, other):
    replace(other[0], workdir / "audio/loop.wav")
    assert workdir.snakemake(LOOP).jobs == ["render loop"]
    assert (workdir / LOOP).read_bytes() == other[1]
    assert workdir.snakemake(LOOP).jobs == []


@pytest.mark.long
def test_a_folder_of_samples_replaced(workdir, other):
    """All that is in it was there before the build, and bears its old date."""
    shutil.copytree(workdir / "audio", workdir / "other")
    shutil.copyfile(other[0], workdir / "other/loop.wav")
    (workdir / LOOP).unlink()
    workdir.snakemake(LOOP)
    (workdir / "audio").rename(workdir / "old")
    (workdir / "other").rename(workdir / "audio")
    assert workdir.snakemake(LOOP).jobs == ["render loop"]
    assert (workdir / LOOP).read_bytes() == other[1]


@pytest.mark.parametrize("replace", long_but((write_over,), [os.replace, rename_old, write_over]))
def test_a_sample_replaced_while_it_is_read(replace, workdir, other):
    """Either the job had begun to read it, and fails; or all that it has read is of the new one."""
    (workdir / LOOP).unlink()
    build = workdir.start(LOOP)
    assert build.until(lambda: build.runs(LOOP))
    replace(other[0], workdir / "audio/loop.wav")
    run = build.wait()
    assert "Traceback" not in run.text
    if run.code:
        assert f"audio/loop.wav: changed or went away while {LOOP} was made from it" in run.text
        assert not (workdir / LOOP).exists()
        assert workdir.snakemake(LOOP).jobs == ["render loop"]
    assert (workdir / LOOP).read_bytes() == other[1]
    assert workdir.snakemake(LOOP).jobs == []


@pytest.mark.parametrize("replace", long_but((rename_old,), [os.replace, rename_old]))
def test_a_sample_replaced_after_it_was_read(replace, workdir, other):
    """Between rendering and verification. This run ends well, and the next one notices."""
    for path in (LOOP, f"{LOOP}.ok"):
        (workdir / path).unlink()
    build = workdir.start(f"{LOOP}.ok")
    assert build.until(lambda: build.runs(LOOP)) and build.until(lambda: not build.runs(LOOP))
    replace(other[0], workdir / "audio/loop.wav")
    assert build.wait().code == 0
    assert workdir.snakemake(f"{LOOP}.ok").jobs == ["render loop", "verify loop"]
    assert (workdir / LOOP).read_bytes() == other[1]
    assert workdir.snakemake(f"{LOOP}.ok").jobs == []


@pytest.mark.parametrize("during", long_but((LOOP,), [LOOP, "build/tune/timeline.json"]))
def test_a_sample_that_vanishes(during, workdir, built):
    """When its job has begun, or before."""
    for name in (LOOP, "build/tune/timeline.json", "build/tune/timeline.json.ok"):
        (workdir / name).unlink()
    build = workdir.start(LOOP)
    assert build.until(lambda: build.runs(during))
    (workdir / "audio/loop.wav").unlink()
    run = build.wait()
    assert run.code == 1 and "Traceback" not in run.text and "audio/loop.wav" in run.text
    assert not (workdir / LOOP).exists()
    assert "audio.file: there is no such file (is 'audio/loop.wav'" in workdir.fails(LOOP).text
    (workdir / "audio/loop.wav").symlink_to("nowhere.wav")
    assert "audio.file: there is no such file (is 'audio/loop.wav'" in workdir.fails(LOOP).text
    (workdir / "audio/loop.wav").unlink()
    shutil.copyfile(built / "audio/loop.wav", workdir / "audio/loop.wav")
    finish(workdir, LOOP)
    assert (workdir / LOOP).read_bytes() == (built / LOOP).read_bytes()


@pytest.mark.long
@pytest.mark.parametrize("edited", [False, True])
def test_a_folder_in_the_place_of_a_file(edited, workdir, built):
    (workdir / LOOP).unlink()
    (workdir / LOOP).mkdir()
    (workdir / LOOP / "notes.txt").write_text("not ours")
    if edited:
        workdir.edit("stems", "loop", "source", "audio", "gain_db", value=-1)
    run = workdir.fails(f"{LOOP}.ok")
    assert (
        f"{LOOP}: is a folder, but a file is to be made there: delete it and run snakemake again" in run.text
    )
    assert (workdir / LOOP / "notes.txt").exists()
    shutil.rmtree(workdir / LOOP)
    shutil.copyfile(built / "songs/tune.yaml", workdir / "songs/tune.yaml")
    finish(workdir)  # which asks for every file
    assert (workdir / LOOP).read_bytes() == (built / LOOP).read_bytes()
