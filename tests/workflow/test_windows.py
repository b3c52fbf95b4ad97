"""Windows of a short song with a send, a side-chain, long notes, tails and moving keys, beside its mix."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import yaml
from routed_sounds import OFF
from workdirs import Workdir

from stemwright.base.errors import StemwrightError
from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song

RATE = 8_000
SONG = """
title: Windows
bpm: 120
key: D minor
sections: [{a: 2 bars}, {b: 1 bar}, {a: 1 bar}]
stems:
  kick:
    source: {drums: {patterns: {"*": {kick: x---x-x-, hat: x-xx}}, timing_ms: 8}}
    sends: {hall: -9}
  bass:
    source: {tone: {frequency_hz: 110}}
    effects: [{limiter: {ceiling_db: -9}}]
    gain_db: [{at: 0 s, value: -20}, {at: 8 s, value: 0}]
    pan: {value: 0, lfo: {length: 3/8, depth: 0.8}}
    mute: [b]
  lead:
    source:
      play:
        instrument: {plucked: {decay_s: 4}}
        parts: {"*": {degrees: "1 - - - 3> - 5 -"}}
        timing_ms: 9
    effects:
      - convolution: {file: audio/room.wav, wet_level: 0.2, dry_level: 1}
      - lowpass: {cutoff_hz: {value: 1500, lfo: {length: 3/8, depth: 900}}}
      - ducker: {key: kick, depth_db: 12}
    sends: {hall: -6}
buses:
  hall: {effects: [{reverb: {room_size: 0.1, dry_level: 0, wet_level: 0.5}}]}
"""
WINDOWS = {"bar2-4": (2, 6), "a-2": (6, 8)}
LIMIT = 10 ** (-80 / 20)


@pytest.fixture(scope="module")
def song(code, tmp_path_factory):
    """The song with some windows and its mix, built."""
    work = Workdir(tmp_path_factory.mktemp("windows"), code)
    work.write(
        "config.yaml",
        {"songs": ["song"], "session": {"sample_rate": RATE}, "gates": dict.fromkeys(OFF, False)},
    )
    work.write("songs/song.yaml", SONG)
    (work / "audio").mkdir()
    rng = np.random.default_rng(7)
    n = np.arange(RATE // 4)
    room = rng.normal(0, 0.1, (len(n), 2)) * np.exp(-n / 300)[:, None]
    sf.write(work / "audio/room.wav", room, RATE, "FLOAT")
    first = work.snakemake("build/song/preview/bar2-4.wav")
    others = [f"build/song/preview/{name}.wav.ok" for name in WINDOWS]
    work.snakemake("build/song/mix/mix.wav", *others)
    return work, first


def test_a_window_is_that_of_the_mix(song):
    work, _ = song
    mix, _ = sf.read(work / "build/song/mix/mix.wav")
    for name, (start, end) in WINDOWS.items():
        with sf.SoundFile(work / f"build/song/preview/{name}.wav") as file:
            assert file.comment.startswith("Preview of song, ") and file.comment.endswith("not for delivery")
            window = file.read()
        there = mix[round(start * RATE) : round(end * RATE)]
        assert window.shape == there.shape
        assert np.abs(window - there).max() < LIMIT * np.abs(there).max(), name
    assert np.abs(mix).max() > 0.1


def test_an_edit_of_a_stem_makes_its_stretch_and_the_window(song):
    work, first = song
    # No full-length file of a strip but of the one whose limiter must hear all of it.
    assert [job for job in first.jobs if job.startswith("process")] == ["process bass"]
    assert not any("mix" in job for job in first.jobs)
    assert work.snakemake("-n", "build/song/preview/bar2-4.wav.ok").jobs == []
    work.edit("stems", "lead", "effects", 1, value={"lowpass": {"cutoff_hz": 800}}, song="song")
    run = work.snakemake("-n", "build/song/preview/bar2-4.wav.ok")
    what = ["window bar2-4", "window bar2-4: lead", "window bar2-4: hall"]  # which it is sent to
    assert run.jobs == sorted([*what, *(f"verify {each}" for each in what)])
    work.write("songs/song.yaml", SONG)
    run = work.fails("build/song/preview/chorus.wav")
    assert (
        "window chorus: is not in the song; there are sections (a-1, b, a-2), bars (bar1-5; the last is bar 4)"
        in run.text
    )
    assert run.jobs == []


def test_what_is_nearly_the_name_of_a_window_is_told_the_window(song):
    """Snakemake is asked once, the plan for the others."""
    work, _ = song
    run = work.fails("-n", "build/song/previews/bar1-3.wav")
    said = "build/song/previews/bar1-3.wav: song song has no such target; did you mean build/song/preview/bar1-3.wav?"
    assert said in run.text
    with contextlib.chdir(work.path):
        rules = load_house(yaml.safe_load(Path("config.yaml").read_text()), ["config.yaml"])
        plan = Plan(load_song("song", rules, "songs/song.yaml"), "build")
        for asked, meant in {
            "prevew/bar1-3.wav.ok": "preview/bar1-3.wav.ok",
            "windows/a-2.wav": "preview/a-2.wav",
            "bar1-3": "preview/bar1-3.wav",
            "preview/0.5s-1s": "preview/0.5s-1s.wav",
            "previews/bar1-3/lead.wav": "preview/bar1-3/lead.wav",
            "stems/bar1-3.wav": "",  # a folder that the song has: what is near is looked for there
            "master/a-1.wav": "",
            "windows/chorus.wav": "",
            "masters/master.wav": "",
        }.items():
            assert plan.near_on_request(f"build/song/{asked}") == (meant and f"build/song/{meant}"), asked
        with pytest.raises(StemwrightError, match="window chorus: is not in the song; there are sections"):
            plan.near_on_request("build/song/previews/chorus.wav")


@pytest.mark.long
def test_audit_and_prune_know_windows_that_were_built(song):
    work, _ = song
    assert "no song claims" not in work.snakemake("audit").text
    assert "0 files would be removed" in work.snakemake("-n", "prune").text
    damaged = work / "build/song/preview/bar2-4/lead.wav"
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-4])
    assert "preview/bar2-4/lead.wav" in work.fails("audit").text
    work.write("songs/song.yaml", SONG.replace("{a: 1 bar}", "{c: 1 bar}"))
    run = work.snakemake("prune")
    removed = {line.split()[1] for line in run.text.splitlines() if line.startswith("removed build")}
    assert {"build/song/preview/a-2.wav", "build/song/preview/a-2/lead.wav.ok"} <= removed
    assert not any(file.startswith("build/song/preview/bar") for file in removed)
