"""Previews of a song with buses, sends, moving and found faders, a mute, a version and a reference: built for real."""

import base64
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import yaml
from routed_sounds import OFF, RATE, write_sounds
from workdirs import Workdir

from stemwright.audio import AudioFile
from stemwright.mixing.faders import Faders, read_levels
from stemwright.pages.track import heard
from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song

SONG = """
bpm: 120
meter: 2/4
sections: [{a: 1 bar}, {b: 1 bar}]
reference: {file: audio/lead.wav}
stems:
  kick: {source: {audio: {file: audio/kick.wav}}, output: rhythm}
  bass: {source: {audio: {file: audio/bass.wav}}, gain_db: {peak_dbfs: -12}, output: rhythm}
  pad:
    source: {audio: {file: audio/pad.wav}}
    effects: [{ducker: {key: kick, depth_db: 6}}]
    sends: {hall: -6}
    gain_db: [{at: bar 1, value: -12}, {at: bar 2, value: -3}]
    pan: -0.3
  lead: {source: {audio: {file: audio/lead.wav}}, sends: {hall: -6}, output: none}
  ghost: {source: {audio: {file: audio/lead.wav}}, mute: [a], gain_db: {lufs: -30}}
buses:
  rhythm: {effects: [{compressor: {threshold_db: -20, ratio: 3}}], pan: 0.2}
  hall: {effects: [{reverb: {room_size: 0.4, dry_level: 0, wet_level: 0.5}}]}
master: {target: {integrated_lufs: -18, severity: warn}}
versions: {backing: {without: [ghost]}}
"""
FEEDS = ("stem-pad", "stem-ghost", "bus-rhythm", "bus-hall")
STEMS = ("bass", "ghost", "kick", "lead", "pad")
TRACKS = [*(f"stem-{name}" for name in STEMS), "bus-rhythm", "bus-hall"]
TRACKS += ["mix", "master", "reference", "version-backing"]
TARGETS = [f"build/song/report/tracks/{track}.js.ok" for track in TRACKS]


pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def song(code, tmp_path_factory):
    """The song, built with its previews."""
    work = Workdir(tmp_path_factory.mktemp("previews"), code)
    off = dict.fromkeys((*OFF, "tempo", "grid", "reference_in_mix"), False)
    work.write("config.yaml", {"songs": ["song"], "session": {"sample_rate": RATE}, "gates": off})
    work.write("songs/song.yaml", SONG)
    write_sounds(work / "audio")
    return work, work.snakemake(*TARGETS)


def drawn(work, track):
    text = (work / f"build/song/report/tracks/{track}.js").read_text()
    return json.loads(text.removeprefix("stemwright.track(").removesuffix(");\n"))


def decoded(work, track):
    """The samples of the preview, whose only chunk it is."""
    _, chunk, _ = (work / f"build/song/report/tracks/{track}.audio.js").read_text().splitlines()
    samples, _ = sf.read(io.BytesIO(base64.b64decode(chunk[1:-2])), always_2d=True)
    return np.repeat(samples, 3 - samples.shape[1], axis=1)[:, :2]


def read(work, file):
    return sf.read(work / f"build/song/{file}", always_2d=True)[0]


def test_every_strip_and_every_whole_has_one(song):
    _, run = song
    made = [job for job in run.jobs if "preview" in job]
    assert made == sorted(f"{verb}preview of {track}" for verb in ("", "verify the ") for track in TRACKS)


def test_without_pages_there_are_none_but_those_that_are_asked_for(built, workdir):
    assert not (built / "build/tune/report").exists()
    asked = workdir.snakemake("build/tune/report/tracks/stem-bass.js.ok").jobs
    assert asked == ["preview of stem-bass", "verify the preview of stem-bass"]


def test_views_are_those_before_and_after_effects(song):
    work, _ = song
    files = {track: [view["file"] for view in drawn(work, track)["views"]] for track in TRACKS}
    assert files == {
        "stem-bass": ["processed/bass.wav"],
        "stem-ghost": ["processed/ghost.wav"],
        "stem-kick": ["processed/kick.wav"],
        "stem-lead": ["processed/lead.wav"],
        "stem-pad": ["stems/pad.wav", "processed/pad.wav"],
        "bus-rhythm": ["buses/rhythm.wav", "processed/rhythm.wav"],
        "bus-hall": ["buses/hall.wav", "processed/hall.wav"],
        "mix": ["mix/mix.wav"],
        "master": ["master/master.wav"],
        "reference": ["reference/reference.wav"],
        "version-backing": ["versions/backing/master.wav"],
    }
    measured = [track for track in TRACKS if drawn(work, track)["views"][-1]["loudness"]]
    assert measured == ["mix", "master", "reference", "version-backing"]


def test_what_feeds_the_mix_is_the_mix(song, monkeypatch):
    """To -100 dB before the codec, and roughly after it."""
    work, _ = song
    monkeypatch.chdir(work.path)
    house = load_house(yaml.safe_load((work / "config.yaml").read_text()), ["config.yaml"])
    plan = Plan(load_song("song", house, "songs/song.yaml"), "build")
    mix = read(work, "mix/mix.wav")
    before, after = (sum(strip(plan, track) for track in FEEDS) for strip in (as_heard, as_decoded))
    for total, most_db in ((before, -100), (after, -12)):
        assert 10 * np.log10(np.sum((total - mix) ** 2) / np.sum(mix**2)) < most_db


def as_heard(plan, track):
    """A strip as it goes into the codec."""
    artifact = plan.graph.get("preview", track)
    levels = read_levels(entry.path for entry in artifact.inputs.get("levels", ()))
    faders = Faders.from_dict(plan.job(artifact)["params"]["faders"], 2, levels)
    with AudioFile(artifact.inputs["audio"][-1].path) as file:
        return np.concatenate(list(heard(file.blocks(), faders)))


def as_decoded(plan, track):
    return decoded(Path(), track)


def test_what_a_send_alone_carries_is_heard_as_it_comes_into_its_bus(song):
    work, _ = song
    sent, source = decoded(work, "stem-lead"), read(work, "processed/lead.wav")
    assert np.vdot(sent, source) / np.vdot(source, source) == pytest.approx(10 ** (-6 / 20), rel=0.02)


def test_an_edit_of_a_fader_makes_its_own_preview_and_what_it_feeds_again(song, tmp_path):
    work = Workdir(shutil.copytree(song[0].path, tmp_path / "work"), song[0].code)
    work.edit("stems", "pad", "pan", value=0.3, song="song")
    planned = work.snakemake("-n", *TARGETS).jobs
    made = [job.removeprefix("preview of ") for job in planned if job.startswith("preview of ")]
    assert sorted(made) == ["bus-hall", "master", "mix", "stem-pad", "version-backing"]
    assert "0 files would be removed" in work.snakemake("-n", "prune").text
