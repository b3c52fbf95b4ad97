"""Refusal (DESIGN 1.4) and rot: what did not pass is told, kept, stale, and never shipped."""

import json
import os
import re
import zipfile

import numpy as np
import pytest
import soundfile as sf
from tune import STEMS


def ledger(workdir, name):
    path = workdir / "build/tune/refused" / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_refused_stem_is_told_kept_and_stale(workdir):
    shipped = (workdir / "build/tune/tune.zip").read_bytes()
    workdir.edit("stems", "bass", "source", "tone", "level_db", value=-100)
    run = workdir.fails()
    assert len(re.findall(r"^silence +FAIL +-100 dBFS peak ", run.text, re.MULTILINE)) == 1
    assert "check its source, its sections and its levels" in run.text
    log = (workdir / "logs/tune/stems/bass.wav.ok.log").read_text()
    assert log.startswith("build/tune/stems/bass.wav: REFUSED") and "silence" in log
    assert (workdir / "build/tune/stems/bass.wav").exists()
    assert not (workdir / "build/tune/stems/bass.wav.ok").exists()
    (record,) = ledger(workdir, "stems/bass.wav.jsonl")
    assert record["artifact"] == "build/tune/stems/bass.wav" and len(record["sha256"]) == 64
    assert [c["id"] for c in record["checks"] if c["status"] == "fail"] == ["silence"]
    # Nothing was built on it, and the old archive is no longer vouched for by a run that asks for it.
    assert not {"process bass", "mix", "pack tune.zip"} & set(run.jobs)
    assert (workdir / "build/tune/tune.zip").read_bytes() == shipped
    for target in (
        "build/tune/tune.zip",
        "build/tune/master/master.wav",
        "build/tune/stems/bass.wav.ok",
        "all",
    ):
        assert "render bass" in workdir.snakemake("-n", target).jobs, target
    workdir.fails()
    assert len(ledger(workdir, "stems/bass.wav.jsonl")) == 2
    workdir.edit("stems", "bass", "source", "tone", "level_db", value=-9)
    healed = workdir.snakemake()
    assert {"render bass", "pack tune.zip"} <= set(healed.jobs)
    assert workdir.snakemake().jobs == []
    assert (workdir / "build/tune/tune.zip").read_bytes() == shipped


def test_the_other_stems_are_still_built(empty, built):
    for name in ("config.yaml", "songs/tune.yaml", "audio/loop.wav", "audio/reference.wav"):
        (empty / name).parent.mkdir(exist_ok=True)
        (empty / name).write_bytes((built / name).read_bytes())
    empty.edit("stems", "bass", "source", "tone", "level_db", value=-100)
    empty.fails()
    for stem in STEMS:
        assert (empty / f"build/tune/stems/{stem}.wav.ok").exists() == (stem != "bass")


def test_a_limit_that_refuses_a_built_master(workdir):
    workdir.edit("gates", "true_peak", value={"max_dbtp": -20})
    run = workdir.fails()
    assert run.jobs == ["verify the master", "verify the mix", "verify tune_master.wav"]
    assert len(ledger(workdir, "master/master.wav.jsonl")) == 1
    workdir.edit("gates", "true_peak", value={"max_dbtp": -1})
    assert "master" in workdir.snakemake("build/tune/tune.zip").jobs


def test_severity_and_off(workdir):
    workdir.edit("gates", value={"true_peak": {"max_dbtp": -20, "severity": "warn"}, "dc": False})
    workdir.snakemake()
    sentinel = json.loads((workdir / "build/tune/master/master.wav.ok").read_text())
    checks = {check["id"]: check for check in sentinel["checks"]}
    assert checks["true_peak"]["status"] == "warn" and "dc" not in checks


def test_a_truncated_reference(workdir):
    path = workdir / "audio/reference.wav"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    run = workdir.fails()
    assert (
        "truncated: its header declares 1,058,400 bytes of audio, the file holds 705,585 (2.67 s of 4.00 s)"
        in run.text
    )
    assert "Get the file again; do not loop or pad it" in run.text
    assert run.jobs == []  # it is seen before anything is built
    path.write_bytes(whole)
    workdir.snakemake()
    assert workdir.snakemake().jobs == []


def test_no_stem_is_made_before_the_reference_passed(empty, built):
    for name in ("config.yaml", "songs/tune.yaml", "audio/loop.wav"):
        (empty / name).parent.mkdir(exist_ok=True)
        (empty / name).write_bytes((built / name).read_bytes())
    samples, rate = sf.read(built / "audio/reference.wav")
    sf.write(empty / "audio/reference.wav", samples * 0, rate, subtype="PCM_24")
    run = empty.fails()
    assert "silence" in run.text
    assert not (empty / "build/tune/stems").exists()


@pytest.mark.long
@pytest.mark.parametrize("damage", ["truncated", "zeroed", "flipped", "swapped"])
def test_audit_finds_rot_that_no_date_shows(workdir, damage):
    path = workdir / "build/tune/processed/bass.wav"
    good = path.read_bytes()
    bad = {
        "truncated": good[:-1000],
        "zeroed": bytes(len(good)),
        "flipped": good[:5000] + bytes([good[5000] ^ 1]) + good[5001:],
        "swapped": (workdir / "build/tune/processed/drums.wav").read_bytes(),
    }[damage]
    status = path.stat()
    path.write_bytes(bad)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert workdir.snakemake("-n").jobs == []  # no date shows it
    run = workdir.fails("audit")
    assert "build/tune/processed/bass.wav: is not what the job made" in run.text
    healed = workdir.snakemake()
    assert "process bass" in healed.jobs and path.read_bytes() == good
    workdir.snakemake("audit")


def test_an_archive_never_ships_what_was_not_verified(workdir):
    """A delivered file changes between its verification and packing: here, behind Snakemake's back."""
    path = workdir / "build/tune/delivery/tune_bass.wav"
    samples, rate = sf.read(path, dtype="int32")
    status = path.stat()
    sf.write(path, np.roll(samples, 1, axis=0), rate, subtype="PCM_24")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    (workdir / "build/tune/tune.zip").unlink()
    run = workdir.fails()
    assert "tune_bass.wav" in run.text and "verified" in run.text
    assert not (workdir / "build/tune/tune.zip").exists()
    assert "deliver tune_bass.wav" in workdir.snakemake().jobs
    with zipfile.ZipFile(workdir / "build/tune/tune.zip") as archive:
        assert archive.testzip() is None


def test_a_stem_that_cannot_be_read(workdir):
    (workdir / "audio/loop.wav").write_text("this is no audio, whatever its name says")
    run = workdir.fails()
    assert "audio/loop.wav: is not WAV, RF64, BW64, W64, AIFF, CAF, FLAC, Ogg, MP3, AAC or M4A" in run.text


@pytest.mark.long
def test_audit_tells_a_file_that_is_not_verified_yet_from_one_that_is_refused_or_rotten(workdir):
    workdir.edit("stems", "bass", "source", "tone", "note", value="B2")
    workdir.snakemake("build/tune/stems/bass.wav")
    said = workdir.snakemake("audit") and (workdir / "logs/audit.log").read_text()
    assert (
        "build/tune/stems/bass.wav: is not verified yet; to verify it: snakemake build/tune/stems/bass.wav.ok"
        in said
    )
    assert not (workdir / "build/tune/refused").exists()
    workdir.edit("stems", "bass", "source", "tone", "level_db", value=-100)
    workdir.fails()
    said = workdir.fails("audit").text
    assert "build/tune/stems/bass.wav: was refused and has not passed since" in said


def test_a_warning_comes_to_the_screen(workdir):
    workdir.edit("stems", "bass", "gates", value={"silence": {"severity": "warn", "floor_dbfs": -3}})
    run = workdir.snakemake()
    assert "warning: build/tune/stems/bass.wav: silence -9 dBFS peak (> -3)" in run.text


def test_a_command_that_fails(workdir, needs):
    """What it said is on the screen; nothing is built on it; mended, it is."""
    needs("sox")
    argv = ["sox", "-n", "-r", "{rate}", "{output}", "synth", "{seconds}", "sinus", "220", "gain", "-12"]
    workdir.edit("stems", "bass", "source", value={"command": {"argv": argv}})
    run = workdir.fails()
    assert "sox: failed with exit status" in run.text and "no type given" in run.text
    assert not (workdir / "build/tune/stems/bass.wav").exists()
    argv[argv.index("sinus")] = "sine"
    workdir.edit("stems", "bass", "source", "command", "argv", value=argv)
    assert "render bass" in workdir.snakemake().jobs
    samples, _ = sf.read(workdir / "build/tune/stems/bass.wav")
    assert samples.shape == (32_000, 2) and 0.2 < abs(samples).max() < 0.3


def test_a_refused_file_has_a_page_until_it_passes(workdir):
    """A click of 2.75 s into the song at 120 bpm, in bar 2 on beat 2.5, within a second of where a section begins."""
    clean = 0.1 * np.sin(2 * np.pi * 110 / 8_000 * np.arange(32_000))
    clicked = clean.copy()
    clicked[22_000] += 0.5
    sf.write(workdir / "audio/loop.wav", clicked, 8_000, "PCM_24")
    workdir.edit("stems", "loop", "gates", value={"click": {"boundary_ms": 1_000}})
    target, page = "build/tune/processed/loop.wav.ok", "build/tune/refused/processed/loop.wav.html"
    run = workdir.fails(target)
    assert f"What is wrong, and where: {page}\n" in run.text
    assert re.search("^click.boundary +FAIL +1 clicks ", run.text, re.MULTILINE)
    text = (workdir / page).read_text()
    assert "<strong>bar 2, beat 2.5, two</strong>" in text and "fade in and out where sound is cut" in text
    (record,) = ledger(workdir, "processed/loop.wav.jsonl")
    (((frame, frames),),) = (check["places"] for check in record["checks"] if "places" in check)
    assert abs(frame - 22_000) <= 1 and frames == 1
    index = workdir / "build/index.html"
    assert 'href="tune/refused/processed/loop.wav.html"' in index.read_text()
    assert page not in workdir.fails("audit").text + (workdir / "logs/audit.log").read_text()
    sf.write(workdir / "audio/loop.wav", clean, 8_000, "PCM_24")
    workdir.snakemake(target)
    assert not (workdir / page).exists()
    assert '<span class="verdict pass">verified</span>' in index.read_text()
