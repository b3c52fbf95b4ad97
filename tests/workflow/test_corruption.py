"""Corruption: what a hand or a disk has changed is refused, made again by the next run, and never shipped."""

import json
import os
import shutil

import pytest
from contract import FINISH, PACK, from_stem
from marks import long_but
from workdirs import Workdir

from stemwright.records.paths import artifact_of
from stemwright.records.sentinel import write_sentinel

HOME = "build/tune"
FROM_MASTER = [*FINISH[2:], *PACK]


def flipped(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def truncated(path):
    os.truncate(path, path.stat().st_size - 1000)


def zeroed(path):
    path.write_bytes(bytes(path.stat().st_size))


def swapped(path):
    """With a file of another stem, or of another song that sounds the same: as good, but not this one."""
    other = next(p for p in sorted(path.parent.glob(f"*{path.suffix}"), reverse=True) if p != path)
    path.write_bytes(other.read_bytes())


def linked(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))
    flipped(path.with_name("elsewhere"))


def edited(path):
    """Still good JSON: one number is another."""
    path.write_text(
        path.read_text().replace('"gain_db": ', '"gain_db": 1').replace('"frames": 3', '"frames": 4')
    )


DAMAGES = {  # which artifact is damaged how, and the check that refuses it
    "timeline.json": (edited, "verify the timeline"),
    "reference/reference.wav": (flipped, "verify the reference"),
    "stems/bass.wav": (linked, "verify bass"),
    "stems/loop.wav": (truncated, "verify loop"),
    "processed/drums.wav": (swapped, "verify drums, processed"),
    "mix/mix.wav": (flipped, "verify the mix"),
    "master/master.wav": (zeroed, "verify the master"),
    "master/master.json": (edited, "verify the master"),
    "delivery/tune_bass.wav": (swapped, "verify tune_bass.wav"),
    "delivery/tune_loop.wav": (flipped, "verify tune_loop.wav"),
    "tune.zip": (flipped, "verify tune.zip"),
}


def damage(workdir, name, how=None, keep_date=False):
    path = workdir / HOME / name
    status = path.stat()
    (how or DAMAGES[name][0])(path)
    if keep_date:
        for follow in (True, False):
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=follow)


def without_ledgers(tree):
    return {path: data for path, data in tree.items() if "/refused/" not in path and "elsewhere" not in path}


@pytest.mark.parametrize(
    ("names", "made_again"),
    [  # those of a set do not hang on each other
        (["reference/reference.wav", "stems/bass.wav", "stems/loop.wav", "processed/drums.wav"], None),
        pytest.param(["timeline.json", "delivery/tune_bass.wav"], None, marks=pytest.mark.long),
        pytest.param(["mix/mix.wav", "delivery/tune_loop.wav"], [*FINISH, *PACK, "deliver tune_loop.wav", "verify tune_loop.wav"], marks=pytest.mark.long),
        pytest.param(["master/master.wav"], FROM_MASTER, marks=pytest.mark.long),
        pytest.param(["master/master.json"], FROM_MASTER, marks=pytest.mark.long),
        pytest.param(["tune.zip"], PACK, marks=pytest.mark.long),
    ],
)  # fmt: skip
def test_what_a_hand_changed_is_refused_and_made_again(workdir, names, made_again):
    """With a new date, and within all limits of its gates or not: it is not what its job made."""
    before = workdir.tree("build")
    for name in names:
        damage(workdir, name)
    run = workdir.fails()
    assert run.jobs == sorted(DAMAGES[name][1] for name in names)
    for name in names:
        assert f"made: {HOME}/{name}: is not what the job made: sha256 " in run.text
    if "tune.zip" in names:
        assert not (workdir / f"{HOME}/tune.zip.ok").exists()
    else:
        assert (workdir / f"{HOME}/tune.zip").read_bytes() == before[f"{HOME}/tune.zip"]
    healed = workdir.snakemake()
    if made_again is not None:
        assert healed.jobs == sorted(made_again)
    assert without_ledgers(workdir.tree("build")) == before
    assert workdir.snakemake().jobs == []


@pytest.mark.long
def test_no_target_is_built_on_it(workdir):
    damage(workdir, "stems/bass.wav", flipped)
    before = (workdir / f"{HOME}/processed/bass.wav").read_bytes()
    assert workdir.fails(f"{HOME}/processed/bass.wav").jobs == ["verify bass"]
    assert (workdir / f"{HOME}/processed/bass.wav").read_bytes() == before
    assert workdir.snakemake().jobs == from_stem("bass")


def test_audit_finds_what_no_date_shows(workdir):
    before = workdir.tree("build")
    for name in DAMAGES:
        damage(workdir, name, keep_date=True)
    assert workdir.snakemake("-n").jobs == []
    run = workdir.fails("audit")
    told = [name for name in DAMAGES if f"{HOME}/{name}: is not what the job made: sha256 " in run.text]
    assert set(DAMAGES) - set(told) == {"master/master.json"}  # the master is told before what goes with it
    assert "17 files audited, 10 refused" in run.text
    workdir.snakemake()
    assert without_ledgers(workdir.tree("build")) == before
    workdir.snakemake("audit")


def test_audit_finds_what_is_missing(workdir):
    """A sentinel, or a file with it; not what was never built."""
    for name in ("mix/mix.wav.ok", "stems/bass.wav", "stems/bass.wav.ok", "processed/loop.wav"):
        (workdir / HOME / name).unlink()
    text = workdir.fails("audit").text
    assert "15 files audited, 1 refused, 2 missing" in text
    for name in (
        "mix/mix.wav.ok: is missing",
        "stems/bass.wav: is missing",
        "processed/loop.wav: is not what",
    ):
        assert f"{HOME}/{name}" in text
    shutil.rmtree(workdir / HOME)
    workdir.snakemake("audit")


def test_audit_while_a_run_builds(workdir):
    """What is being made is not judged, and no refusal is recorded; all else is."""
    (workdir / HOME / "stems/bass.wav").unlink()
    damage(workdir, "stems/loop.wav", keep_date=True)
    lock = workdir / ".snakemake/locks/0.output.lock"
    lock.parent.mkdir(exist_ok=True)
    lock.write_text(f"{HOME}/stems/bass.wav\n{HOME}/stems/bass.wav.made\n{HOME}/stems/bass.wav.ok\n")
    text = workdir.fails("audit").text
    assert "16 files audited, 1 refused, 1 not looked at: a run is building them" in text
    assert [path.name for path in workdir.path.glob(f"{HOME}/refused/*/*")] == ["loop.wav.jsonl"]


@pytest.mark.long
def test_audit_finds_a_master_json_alone(workdir):
    damage(workdir, "master/master.json", keep_date=True)
    assert f"{HOME}/master/master.json: is not what the job made" in workdir.fails("audit").text
    assert workdir.snakemake().jobs == sorted(FROM_MASTER)


@pytest.mark.long
@pytest.mark.parametrize("name", ["timeline.json", "master/master.json", "delivery/tune_bass.wav"])
def test_packing_refuses_what_no_date_shows(workdir, name):
    """Packing reads the bytes of what it packs and of what it tells: here a new title is its reason to run."""
    before = (workdir / f"{HOME}/tune.zip").read_bytes()
    damage(workdir, name, truncated if name == "timeline.json" else None, keep_date=True)
    workdir.edit("title", value="Another")
    run = workdir.fails()
    assert run.jobs == ["pack tune.zip"]
    assert f"{HOME}/{name}: " in run.text and "The next run makes it again." in run.text
    workdir.edit("title", value="Tune")
    healed = workdir.snakemake()
    assert set(PACK) < set(healed.jobs)
    assert (workdir / f"{HOME}/tune.zip").read_bytes() == before
    workdir.snakemake("audit")


@pytest.mark.long
def test_packing_refuses_all_that_no_date_shows_at_once(workdir):
    before = workdir.tree("build")
    names = ["timeline.json", "delivery/tune_bass.wav", "delivery/tune_loop.wav"]
    for name in names:
        damage(workdir, name, truncated if name == "timeline.json" else None, keep_date=True)
    (workdir / f"{HOME}/tune.zip").unlink()
    run = workdir.fails()
    assert all(f"{HOME}/{name}: " in run.text for name in names) and "makes them again" in run.text
    workdir.snakemake()
    assert without_ledgers(workdir.tree("build")) == without_ledgers(before)


EDITED = {  # what is damaged, the edit of what is made from it, and the job that must not use it
    "stems/bass.wav": (("stems", "bass", "effects"), [{"lowpass": {"cutoff_hz": 700}}], "process bass"),
    "reference/reference.wav": (("stems", "guide", "sections"), ["one"], "render guide"),
    "processed/loop.wav": (("stems", "loop", "pan"), -0.3, "mix"),
    "mix/mix.wav": (("master", "target", "integrated_lufs"), -18, "master"),
    "master/master.wav": (("delivery",), {"subtype": "PCM_16"}, "deliver tune_master.wav"),
}


@pytest.mark.parametrize("name", long_but(("stems/bass.wav",), EDITED))
def test_no_job_builds_on_what_no_date_shows(workdir, tmp_path, name):
    """Whatever is edited downstream, the next run refuses the damaged input, and the one after it builds from a sound one."""
    keys, value, job = EDITED[name]
    clean = Workdir(shutil.copytree(workdir.path, tmp_path / "clean"), workdir.code)
    damage(workdir, name, flipped, keep_date=True)
    for folder in (workdir, clean):
        folder.edit(*keys, value=value)
    clean.snakemake()
    run = workdir.fails()
    assert job in run.jobs and f"verify {job}" not in run.jobs
    assert f"{HOME}/{name}: is not what the job made: sha256 " in run.text
    assert "The next run makes it again." in run.text
    workdir.snakemake()
    made, wanted = (without_ledgers(each.tree("build")) for each in (workdir, clean))
    assert {path for path in wanted if made[path] != wanted[path]} == set()
    assert workdir.snakemake().jobs == []


def test_a_job_that_fails_because_of_it_says_what_is_wrong(workdir):
    """The master cannot read the mix to its end. That this is not the mix that passed is what helps."""
    damage(workdir, "mix/mix.wav", truncated, keep_date=True)
    workdir.edit("master", "target", "integrated_lufs", value=-18)
    run = workdir.fails()
    assert run.jobs == ["master"]
    assert f"{HOME}/mix/mix.wav: is not what the job made: sha256 " in run.text
    assert not list((workdir / HOME / "master").glob("*.made")) and "Traceback" not in run.text


@pytest.mark.long
def test_no_verification_blames_another_for_what_no_date_shows(workdir):
    """Verifying the mix reads the processed stems: a damaged one is named, and not the mix refused."""
    damage(workdir, "processed/loop.wav", truncated, keep_date=True)
    workdir.edit("gates", value={"duplicate": {"residual_db": -70}})
    run = workdir.fails()
    assert run.jobs == ["verify the mix"]
    assert f"{HOME}/processed/loop.wav: is not what the job made: sha256 " in run.text
    assert sorted((workdir / HOME / "refused").rglob("*.jsonl")) == [
        workdir / HOME / "refused/processed/loop.wav.jsonl"
    ]


def another_digest(path):
    record = json.loads(path.read_text())
    path.write_text(path.read_text().replace(record["sha256"], record["sha256"][::-1]))


def another_status(path):
    path.write_text(path.read_text().replace('"status": "pass"', '"status": "warn"', 1))


def empty(path):
    path.write_bytes(b"")


def not_json(path):
    os.truncate(path, path.stat().st_size // 2)


def of_another_song(path):
    record = json.loads(path.read_text())
    del record["seal"]
    write_sentinel(
        artifact_of(str(path)), {**record, "artifact": record["artifact"].replace("tune", "other")}
    )


FORGED = {
    "stems/bass.wav.ok": another_digest,
    "stems/drums.wav.ok": another_status,
    "stems/loop.wav.ok": empty,
    "mix/mix.wav.ok": not_json,
    "processed/bass.wav.ok": swapped,
    "delivery/tune_bass.wav.ok": of_another_song,
    "tune.zip.ok": another_digest,
    "master/master.wav.made": flipped,
    "reference/reference.wav.made": empty,
}


@pytest.mark.long
def test_audit_finds_damaged_sentinels_and_records(workdir):
    before = workdir.tree("build")
    for name, how in FORGED.items():
        damage(workdir, name, how, keep_date=True)
    run = workdir.fails("audit")
    assert f"17 files audited, {len(FORGED)} refused" in run.text
    workdir.snakemake()
    assert without_ledgers(workdir.tree("build")) == before
    workdir.snakemake("audit")


def test_damaged_records_are_made_again(workdir):
    """By the run that finds them, before anything is built on what they speak of: one run is enough for them all."""
    before = workdir.tree("build")
    for name, how in FORGED.items():
        damage(workdir, name, how, keep_date=True)
    (workdir / f"{HOME}/tune.zip").unlink()
    run = workdir.snakemake()
    assert "Damaged records: build/tune/stems/bass.wav.ok" in run.text
    again = {"verify bass", "verify drums", "verify loop", "verify bass, processed", "verify tune_bass.wav"}
    assert again <= set(run.jobs) and "render bass" not in run.jobs
    assert workdir.tree("build") == before
    assert workdir.snakemake("audit").text.count("17 files audited, 0 refused") == 1


@pytest.mark.long
def test_a_record_of_what_was_made_that_changed_or_is_missing(workdir):
    before = workdir.tree("build")
    damage(workdir, "stems/bass.wav.made", empty)
    (workdir / f"{HOME}/master/master.wav.made").unlink()
    assert "render bass" in workdir.snakemake().jobs
    assert workdir.tree("build") == before
    workdir.snakemake("audit")


def folder(path):
    path.mkdir()


@pytest.mark.parametrize("target", long_but(("all",), ["all", "audit", f"{HOME}/mix/mix.wav"]))
def test_what_can_be_no_file_is_named_before_anything_runs(workdir, target):
    """Snakemake would build on a folder, wait for a FIFO for ever, and stumble over a link to nothing."""
    for name, what in (
        ("stems/bass.wav", folder),
        ("mix/mix.wav.ok", folder),
        ("processed/loop.wav", os.mkfifo),
        ("tune.zip.ok", os.mkfifo),
        ("master/master.json", folder),
        ("stems/loop.wav", lambda path: path.symlink_to("nowhere")),
        ("tune.zip", lambda path: path.symlink_to(path.name)),
    ):
        (workdir / HOME / name).unlink()
        what(workdir / HOME / name)
    shutil.rmtree(workdir / f"{HOME}/delivery")
    (workdir / f"{HOME}/delivery").write_text("a file")
    (workdir / f"{HOME}/refused/stems/loop.wav.jsonl").mkdir(parents=True)
    run = workdir.fails(target)
    for name, what in {
        "stems/bass.wav": "is a folder, but a file is to be made there",
        "mix/mix.wav.ok": "is a folder, but a file is to be made there",
        "processed/loop.wav": "is a FIFO, but a file is to be made there",
        "tune.zip.ok": "is a FIFO, but a file is to be made there",
        "master/master.json": "is a folder, but a file is to be made there",
        "stems/loop.wav": "is a broken link",
        "tune.zip": "is a broken link",
        "delivery": "is a file, but a folder is needed there",
        "refused/stems/loop.wav.jsonl": "is a folder, but a file is to be made there",
    }.items():
        assert run.text.count(f"{HOME}/{name}: {what}: delete it and run snakemake again") == 1
    assert run.jobs == [] and "Nothing was built." in run.text
