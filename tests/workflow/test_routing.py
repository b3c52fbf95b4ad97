"""One short song with buses, sends, side-chains, moving faders, a tail, and stems printed through the master."""

import json
import shutil

import numpy as np
import pytest
import soundfile as sf
from contract import next_run, processing_of, rendering_of
from routed_sounds import OFF, RATE, write_sounds
from workdirs import Workdir

SONG = """
title: Routed
bpm: 120
sections: [{a: 1 bar}]
tail: 0.5 s
stems:
  kick:
    source: {audio: {file: audio/kick.wav}}
    output: rhythm
  bass:
    source: {audio: {file: audio/bass.wav}}
    effects: [{compressor: {threshold_db: -30, ratio: 4, key: kick}}]
    gain_db: [{at: 0 s, value: -6}, {at: 1 s, value: 0}]
  pad:
    source: {audio: {file: audio/pad.wav}}
    effects: [{ducker: {key: kick, depth_db: 12, attack_ms: 1, hold_ms: 100, release_ms: 100}}]
    gain_db: -6
    sends: {hall: {gain_db: -9, pre_fader: true}}
  lead:
    source: {audio: {file: audio/lead.wav}}
    gain_db: -4
    sends: {hall: -6}
  quiet:
    source: {audio: {file: audio/lead.wav}}
    mute: true
    sends: {hall: -6}
buses:
  rhythm:
    effects: [{compressor: {threshold_db: -20, ratio: 3}}]
    gain_db: -1
  hall:
    effects: [{reverb: {room_size: 0.4, dry_level: 0, wet_level: 0.5}}]
    gain_db: -2
master:
  effects: [{compressor: {threshold_db: -12, ratio: 2}}]
  target: {integrated_lufs: -18, severity: warn}
delivery: {stems: {buses: printed, through: master}}
"""
STEMS = ("bass", "kick", "lead", "pad", "quiet")
FINISH = [
    "mix",
    "verify the mix",
    "master",
    "verify the master",
    "deliver song_master.wav",
    "verify song_master.wav",
    "gain curves of master",
    "verify the gain curves of master",
    *(f"{verb} {stem}{end}" for stem in STEMS for verb, end in (("print", ""), ("verify", ", printed"))),
    *(f"{verb} song_{stem}.wav" for stem in STEMS for verb in ("deliver", "verify")),
    "pack song.zip",
    "verify song.zip",
]
"""What any edit of the mix brings about: the master is in every stem that is delivered."""


@pytest.fixture(scope="module")
def routed(code, tmp_path_factory):
    """The song, built; first the bus alone."""
    work = Workdir(tmp_path_factory.mktemp("routed"), code)
    work.write(
        "config.yaml",
        {"songs": ["song"], "session": {"sample_rate": RATE}, "gates": dict.fromkeys(OFF, False)},
    )
    work.write("songs/song.yaml", SONG)
    write_sounds(work / "audio")
    return work, work.snakemake("build/song/buses/rhythm.wav"), work.snakemake()


def copy_of(work, tmp_path):
    """A copy of the built song, to be changed."""
    shutil.copytree(work.path, tmp_path / "work")
    return Workdir(tmp_path / "work", work.code)


def read(work, file):
    return sf.read(work / f"build/song/{file}.wav")[0]


def checks(work, file):
    return {
        check["id"]: check for check in json.loads((work / f"build/song/{file}.ok").read_text())["checks"]
    }


def level(samples, start, end):
    """The RMS from one time to another in seconds, in dB."""
    return 10 * np.log10(np.mean(samples[round(start * RATE) : round(end * RATE)] ** 2))


def around(*buses):
    return [f"{verb} {bus}" for bus in buses for verb in ("bus", "verify bus")] + processing_of(*buses)


def test_everything_is_built_and_verified(routed):
    work, _, _ = routed
    strips = (*STEMS, "rhythm", "hall")
    expected = {
        "timeline.json",
        "song.zip",
        "mix/mix.wav",
        "master/master.wav",
        "buses/rhythm.wav",
        "buses/hall.wav",
        "gains/rhythm.npy",
        "gains/master.npy",
        "delivery/song_master.wav",
        *(f"processed/{name}.wav" for name in strips),
        *(f"{folder}/{stem}.wav" for folder in ("stems", "printed") for stem in STEMS),
        *(f"delivery/song_{stem}.wav" for stem in STEMS),
    }
    home = work / "build/song"
    assert {str(path.relative_to(home))[:-3] for path in home.rglob("*.ok")} == expected
    assert all((home / file).is_file() for file in expected)


def test_a_bus_alone(routed):
    _, bus, rest = routed
    assert bus.jobs == sorted(
        [
            "timeline",
            "verify the timeline",
            *rendering_of("kick"),
            *processing_of("kick"),
            "bus rhythm",
        ]
    )
    assert "verify bus rhythm" in rest.jobs and not set(bus.jobs) & set(rest.jobs)


def test_a_bus_is_the_sum_of_outputs_and_sends(routed):
    """A send before the fader takes no notice of it, one after it does, and what is muted sends nothing."""
    work, _, _ = routed
    pad, lead = read(work, "processed/pad"), read(work, "processed/lead")
    left = read(work, "buses/hall") - pad * 10 ** (-9 / 20) - lead * 10 ** ((-4 - 6) / 20)
    assert np.abs(left).max() < 1e-7
    assert np.array_equal(read(work, "buses/rhythm"), read(work, "processed/kick"))


def test_a_fader_moves(routed):
    """From -6 dB to 0 dB in the first second, in a line of decibels; seen in the mix, from which all else is taken."""
    work, _, _ = routed
    faders = {"rhythm": -1, "pad": -6, "lead": -4, "hall": -2}
    rest = sum(read(work, f"processed/{name}") * 10 ** (db / 20) for name, db in faders.items())
    moved = (
        read(work, "processed/bass")
        * 10 ** (-6 * np.clip(1 - np.arange(2.5 * RATE) / RATE, 0, 1) / 20)[:, None]
    )
    assert np.abs(read(work, "mix/mix") - rest - moved).max() < 1e-6


def test_a_side_chain(routed):
    work, _, _ = routed
    ducked, compressed = (
        [
            level(read(work, f"processed/{name}"), *span) - level(read(work, f"stems/{name}"), *span)
            for span in ((0.01, 0.06), (1.01, 1.06), (0.6, 0.95), (1.6, 1.9))
        ]
        for name in ("pad", "bass")
    )
    assert ducked == pytest.approx([-12, -12, 0, 0], abs=0.05)
    assert max(compressed[:2]) < -6 and compressed[2:] == pytest.approx([0, 0], abs=0.3)


def test_the_tail_is_that_of_the_reverb(routed):
    work, _, _ = routed
    for file in ("stems/pad", "processed/hall", "printed/lead", "master/master"):
        assert len(read(work, file)) == 2.5 * RATE
    assert not read(work, "processed/pad")[2 * RATE :].any()
    assert level(read(work, "processed/hall"), 2.0, 2.2) > -60
    assert level(read(work, "master/master"), 2.0, 2.2) > -60


def test_stems_add_up_to_the_master(routed):
    work, _, _ = routed
    delivered = [read(work, f"delivery/song_{stem}") for stem in STEMS]
    master = read(work, "delivery/song_master")
    assert np.abs(sum(delivered) - master).max() < 1.5 * 2.0**-23 * (len(STEMS) + 1)
    assert level(delivered[STEMS.index("pad")], 2.0, 2.2) > -70  # with its share of the reverb
    assert level(master, 0, 2) > -40
    assert checks(work, "song.zip")["null"]["status"] == "pass"


def test_a_stem_that_is_muted_is_silent_and_fails_nothing(routed):
    work, _, _ = routed
    assert read(work, "stems/quiet").any() and not read(work, "delivery/song_quiet").any()
    assert "silence" in checks(work, "stems/quiet.wav")
    assert "silence" not in checks(work, "printed/quiet.wav") | checks(work, "delivery/song_quiet.wav")


EDITS = {
    "a send": ({"stems lead sends hall": -8}, around("hall")),
    "an effect of a bus": (
        {"buses rhythm effects 0 compressor ratio": 4},
        [*processing_of("rhythm"), "gain curves of rhythm", "verify the gain curves of rhythm"],
    ),
    "a fader after which there is a send": ({"stems lead gain_db": -5}, around("hall")),
    "faders after which there is none": (
        {"stems pad gain_db": -7, "buses hall gain_db": -3, "stems bass gain_db 1 value": -1},
        [],
    ),
    "what side-chains listen to": (
        {"stems kick source audio gain_db": -1},
        [
            *rendering_of("kick"),
            *processing_of("kick", "bass", "pad"),
            *around("rhythm", "hall"),
            "gain curves of rhythm",
            "verify the gain curves of rhythm",
        ],
    ),
}


def edited(work, tmp_path, edit):
    """A copy of the song with an edit, and the jobs that follow from it."""
    here = copy_of(work, tmp_path)
    values, expected = EDITS[edit]
    for keys, value in values.items():
        path = [int(key) if key.isdigit() else key for key in keys.split()]
        here.edit(*path, value=value, song="song")
    return here, sorted([*expected, *FINISH])


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_built_again(routed, tmp_path, edit):
    here, expected = edited(routed[0], tmp_path, edit)
    assert here.snakemake("-n").jobs == expected


@pytest.mark.long
@pytest.mark.parametrize("edit", ["a send", "what side-chains listen to"])
def test_what_is_planned_runs(routed, tmp_path, edit):
    here, expected = edited(routed[0], tmp_path, edit)
    assert next_run(here) == expected


def test_solo(routed, tmp_path):
    here = copy_of(routed[0], tmp_path)
    before = here.tree("build")
    run = here.snakemake("--config", "solo=bass")
    assert run.jobs == ["solo bass", "verify the solo of bass"]
    new = set(here.tree("build")) - set(before)
    assert new == {f"build/song/solo/bass.wav{end}" for end in ("", ".made", ".ok")}
    alone, bass = read(here, "solo/bass"), read(here, "processed/bass")
    assert np.abs(alone - bass)[RATE:].max() < 1e-7  # its fader is at 0 dB from there on
    run = here.fails("--config", "solo=nope")
    assert "--config solo: no song has a stem or bus 'nope'" in run.text and run.jobs == []
    assert here.snakemake("-n").jobs == []
    assert {file: here.tree("build")[file] for file in before} == before
