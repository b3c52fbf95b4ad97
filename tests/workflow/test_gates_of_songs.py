"""Gates that need more than their file: what the plan tells them, and what a build does then."""

import json
import shutil

import numpy as np
import pytest
import soundfile as sf

STAGES = {
    "stems/bass.wav": {"stereo", "placeholder"},
    "processed/bass.wav": {"stereo", "bandwidth"},
    "reference/reference.wav": {"stereo", "bandwidth"},
    "mix/mix.wav": {"stereo", "balance", "mono_fold_down", "edges", "duplicate", "null"},
    "master/master.wav": {"stereo", "balance", "mono_fold_down", "edges"},
}


def checks(workdir, artifact):
    sentinel = json.loads((workdir / f"build/tune/{artifact}.ok").read_text())
    return {check["id"]: check for check in sentinel["checks"]}


def refused(workdir, artifact):
    """The checks that failed last, by id."""
    lines = (workdir / f"build/tune/refused/{artifact}.jsonl").read_text().splitlines()
    return {c["id"]: c for c in json.loads(lines[-1])["checks"] if c["status"] == "fail"}


def test_each_kind_goes_through_its_gates(built):
    for artifact, gates in STAGES.items():
        found = {name.split(".")[0] for name in checks(built, artifact)}
        assert gates <= found, artifact
        assert not (set.union(*STAGES.values()) - gates) & found, artifact


@pytest.mark.long
def test_a_stem_built_twice_is_refused_with_the_mix(workdir):
    loop = {"source": {"audio": {"file": "audio/loop.wav"}}}
    workdir.edit("stems", "double", value={**loop, "gain_db": -9, "pan": -0.5})
    run = workdir.fails()
    assert "double and loop have the same samples" in run.text
    assert list(refused(workdir, "mix/mix.wav")) == ["duplicate"]
    # No check of a stem hangs on another stem.
    assert not {"verify loop", "verify loop, processed", "verify bass, processed"} & set(run.jobs)
    workdir.edit("stems", "double", "effects", value=[{"delay": {"delay_length": "20 ms"}}])
    workdir.snakemake()
    assert checks(workdir, "mix/mix.wav")["duplicate"]["status"] == "pass"


def test_a_low_pass_that_did_nothing_is_refused(workdir):
    workdir.edit("stems", "drums", "effects", value=[{"lowpass": {"cutoff_hz": 700}}])
    sentinel = "build/tune/processed/drums.wav.ok"
    workdir.snakemake(sentinel)
    check = checks(workdir, "processed/drums.wav")["bandwidth"]
    assert check["status"] == "pass" and check["measured"] > 24
    shutil.copyfile(workdir / "build/tune/stems/drums.wav", workdir / "build/tune/processed/drums.wav")
    assert workdir.fails(sentinel).jobs == ["verify drums, processed"]
    assert list(refused(workdir, "processed/drums.wav")) == ["made", "bandwidth"]
    assert "process drums" in workdir.snakemake(sentinel).jobs


def test_a_low_pass_that_is_not_judged_does_not_hang_on_the_raw_stem(workdir):
    workdir.edit("stems", "bass", "gates", value={"bandwidth": False})
    assert workdir.snakemake().jobs == ["verify bass, processed"]
    assert "bandwidth" not in checks(workdir, "processed/bass.wav")


def test_a_delivered_stem_that_was_changed_is_named(workdir):
    path = workdir / "build/tune/delivery/tune_drums.wav"
    samples, rate = sf.read(path)
    sf.write(path, np.roll(samples, 40, axis=0), rate, "PCM_24")
    workdir.fails("build/tune/delivery/tune_drums.wav.ok")
    why = refused(workdir, "delivery/tune_drums.wav")["null"]["reason"]
    assert "tune_drums.wav is 40 samples (5.00 ms) late" in why
