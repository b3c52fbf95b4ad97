"""What a valid song means, with the house rules merged in."""

import datetime
import json
from pathlib import Path

import pytest
import yaml as pyyaml

from stemwright.audio import decoders
from stemwright.instruments.soundfonts import fluidsynth, sf2
from stemwright.plan.jobs import Plan
from stemwright.song.house import check_config, load_house
from stemwright.song.load import load_song
from stemwright.song.model import written_gates
from stemwright.validation.problems import InvalidFileError, format_path

ROOT = Path(__file__).resolve().parents[2]
SONGS = sorted((ROOT / "songs").glob("*.yaml"))
SMALL = "bpm: 120\nlength: 1 bar\nstems:\n  a: {source: {tone: {note: A2}}}\n"


@pytest.mark.parametrize("file", SONGS, ids=lambda path: path.stem)
def test_the_songs_here_are_valid(file, monkeypatch):
    monkeypatch.chdir(ROOT)
    house = load_house(pyyaml.safe_load(Path("config.yaml").read_text()), ["config.yaml"])
    made = ["songs/praia-neon/drums.wav"]  # by the song's own rule
    song = load_song(file.stem, house, f"songs/{file.name}", has_producer=made.__contains__)
    assert song.timeline.frames > 0
    assert file.stem in house.house.songs
    assert song.doubts == []


def test_defaults(read):
    song = read(SMALL)
    assert song.document.session.model_dump() == {"sample_rate": 48_000, "channels": 2, "pan_law": "balance"}
    assert [(d.role, d.stem, d.file) for d in song.deliverables] == [
        ("master", "", "x_master.wav"),
        ("stem", "a", "x_a.wav"),
    ]
    assert song.timeline.frames == 96_000
    assert song.document.master.limiter.ceiling_db == -1
    assert written_gates(song.document.gates) == {}


def test_a_song_overrides_the_house_key_by_key(read):
    house = (
        "songs: [x]\nsession: {sample_rate: 44100, channels: 1}\n"
        "gates: {silence: {floor_dbfs: -80, severity: warn}, dc: false, clipping: {consecutive: 5}}\n"
        "delivery: {container: FLAC, subtype: PCM_16, names: {stem: '{stem} of {song}', master: M}}\n"
    )
    song = read(
        SMALL
        + "session: {channels: 2}\ngates: {silence: {floor_dbfs: -70}, dc: true, true_peak: {max_dbtp: -2}}\n"
        "delivery: {names: {master: '{song}'}}\n",
        house,
    )
    assert song.document.session.model_dump() == {"sample_rate": 44_100, "channels": 2, "pan_law": "balance"}
    assert written_gates(song.document.gates) == {
        "silence": {"floor_dbfs": -70, "severity": "warn"},
        "dc": {},
        "clipping": {"consecutive": 5},
        "true_peak": {"max_dbtp": -2},
    }
    assert song.document.delivery.subtype == "PCM_16"
    assert [d.file for d in song.deliverables] == ["x.flac", "a of x.flac"]


def test_a_stem_overrides_the_gates_of_its_song_key_by_key(read):
    song = read(
        "bpm: 120\nlength: 1 bar\ngates: {silence: {floor_dbfs: -60}, dc: {warn: 0.1}}\nstems:\n"
        "  a: {source: {tone: {note: A2}}, gates: {silence: {severity: warn}, dc: false}}\n"
        "  b: {source: {tone: {note: A3}}, gates: {silence: , dc: {warn: 0.001}}}\n"
    )

    def gates(stem):
        plan = Plan(song, "build")
        return plan.gates(plan.graph.get("stem", stem))

    assert gates("a")["silence"] == {"floor_dbfs": -60, "severity": "warn"}
    assert "dc" not in gates("a")
    assert gates("b")["silence"] == {"floor_dbfs": -60}
    assert gates("b")["dc"] == {"warn": 0.001}
    assert gates("b")["finite"] == {}


def test_whose_notes_are_listened_for(read):
    song = read(
        "bpm: 120\nlength: 1 bar\ngates: {notes_heard: true}\nstems:\n"
        "  a: {source: {tone: {note: A2}}}\n"
        "  b: {source: {tone: {note: A3}}, gates: {notes_heard: false}}\n"
        '  c: {source: {drums: {patterns: {"*": {kick: x}}}}}\n'
    )
    assert [stem for stem in song.stems if song.is_heard_for_notes(stem)] == ["a"]


def test_the_level_of_what_is_muted_is_not_looked_for(read):
    song = read(
        "length: 1 s\nstems:\n  a: {source: {tone: {note: A2}}, gain_db: {lufs: -20}, mute: true, output: c}\n"
        "  b: {source: {tone: {note: A3}}, gain_db: {lufs: -20}}\nbuses: {c: {gain_db: {like: b}}}\n"
    )
    plan = Plan(song, "build")
    assert [artifact.name for artifact in plan.graph.stage("level")] == ["b"]
    (archive,) = plan.graph.stage("archive")
    strips = plan.job(archive)["params"]["stems"]
    for name in "ac":  # the bus has nothing else in it
        assert strips[name]["gain_db"] == 0 and "level" not in strips[name]
        assert not song.routing.fader(name).level
    assert strips["b"]["level"] == {"lufs": -20}


def test_dialogue_that_is_muted_is_none(read):
    """Else its loudness would be looked for in silence, and the master refused."""
    voice = "source: {tone: {note: A2}}, dialogue: true"
    song = read(
        f"length: 2 s\nstems: {{a: {{{voice}, mute: true}}, b: {{{voice}, mute: [{{at: 1 s, mute: true}}]}}}}\n"
    )
    assert song.dialogue == ["b"]


def test_empty_keys_of_a_kind_are_its_defaults(read):
    song = read(
        "bpm: 120\nlength: 1 bar\nstems: {a: {source: {tone: {note: A2}}, effects: [reverb: , limiter: ]}}\n"
        "master: {limiter: null, effects: [reverb: ]}\n"
    )
    reverb, limiter = song.document.stems["a"].effects
    assert reverb.reverb.room_size == 0.5
    assert limiter.limiter.ceiling_db == -1
    assert song.document.master.limiter is None


def test_words_that_snakemake_takes_for_something_else_are_read_as_written(read):
    song = read(SMALL, "songs: [x, on, 2024-05-01]\ndelivery:\n  names: {stem: '{stem}', master: no}\n")
    assert song.deliverables[0].file == "no.wav"


def test_words_of_the_config_file_stay_beside_values_of_the_command_line(read, tmp_path):
    read(SMALL)  # puts the files there
    (tmp_path / "config.yaml").write_text("songs: [2024-05-01]\ndelivery: {names: {master: no}}\n")
    config = {
        "songs": [datetime.date(2024, 5, 1)],
        "delivery": {"names": {"master": False, "stem": "{stem}"}},
        "session": {"channels": 1},
    }
    house = load_house(config, ["config.yaml"]).house
    assert house.songs == ["2024-05-01"]
    assert house.delivery.names.model_dump(exclude_unset=True) == {"master": "no", "stem": "{stem}"}
    assert house.session.channels == 1


def test_numbers_of_the_command_line_reach_us_as_text(read):
    read(SMALL)
    config = {
        "songs": ["1979"],
        "session": {"channels": "1", "sample_rate": "44100"},
        "gates": {"dc": {"warn": "1e-4"}, "silence": "false"},
        "delivery": {"names": {"master": "12"}},
    }
    rules = load_house(config, ["config.yaml"])
    assert rules.house.songs == ["1979"]
    assert rules.house.session.model_dump() == {"channels": 1, "sample_rate": 44_100, "pan_law": "balance"}
    assert written_gates(rules.house.gates) == {"dc": {"warn": 1e-4}, "silence": False}
    assert rules.house.delivery.names.master == "12"
    assert rules.data["session"] == {"channels": 1, "sample_rate": 44_100}  # which songs start from


def test_on_no_times_and_dates_are_words_in_a_song(read):
    song = read(
        "title: on\nartist: 2024-05-01\nbpm: 120\nlength: 1:22\nstems:\n  no: {source: {tone: {note: A2}}}\n"
    )
    assert (song.document.title, song.document.artist, list(song.document.stems)) == (
        "on",
        "2024-05-01",
        ["no"],
    )
    assert song.timeline.frames == 82 * 48_000


def test_order_and_layout_of_keys_do_not_matter(read):
    first = read(
        "bpm: 120\nlength: 1 bar\nstems:\n  a: &t {source: {tone: {note: A2}}, gain_db: 1}\n  b: *t\n"
    )
    other = read(
        "# the same\nstems:\n  b:\n    gain_db: 1.0\n    source:\n      tone: {'note': \"A2\"}\n"
        "  a: {gain_db: 1, source: {tone: {note: A2}}}\nlength: 1 bar\nbpm: 120.0\n"
    )
    plans = [Plan(song, "build") for song in (first, other)]
    for stage, name in (("stem", "a"), ("stem", "b"), ("mix", "")):
        jobs = [plan.job(plan.graph.get(stage, name)) for plan in plans]
        assert json.dumps(jobs[0]) == json.dumps(jobs[1])


def test_a_tab_at_which_snakemake_would_stop(tmp_path):
    (tmp_path / "config.yaml").write_text("songs: [a]\nsession:\t\n  channels: 2\n", encoding="utf-8")
    with pytest.raises(InvalidFileError, match=r"config\.yaml:2: has a tab where YAML requires a space"):
        check_config(str(tmp_path / "config.yaml"))


def test_merge_keys_in_both_files(read):
    config = "songs: [x]\n<<: &rules {session: {channels: 1}}\ndelivery: {<<: {subtype: PCM_16}, container: FLAC}\n"
    song = read(
        SMALL + "  b: &b {source: {tone: {note: A3}}, gain_db: -3}\n  c: {<<: *b, gain_db: -6}\n", config
    )
    assert song.document.session.channels == 1
    assert song.document.delivery.model_dump(include={"container", "subtype"}) == {
        "container": "FLAC",
        "subtype": "PCM_16",
    }
    assert (song.document.stems["c"].gain_db, song.source("c").note) == (-6, "A3")


def test_what_this_machine_lacks_is_no_mistake(read, tmp_path, monkeypatch):
    """Programs in which a recording is to be decoded, a SoundFont to be played, or that are commands."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(decoders, "ffmpeg_version", decoders.ffmpeg_version.__wrapped__)
    monkeypatch.setattr(fluidsynth, "version", lambda: "missing")
    monkeypatch.setattr(sf2, "find_preset", lambda *_: (0, 0))
    (tmp_path / "a.aac").write_bytes(bytes.fromhex("fff15080010000") + bytes(1))
    (tmp_path / "a.sf2").write_bytes(b"")
    song = read(
        "bpm: 120\nlength: 1 bar\nreference: {file: a.aac}\nstems:\n"
        "  a: {source: {audio: {file: a.aac}}}\n"
        "  b: {source: {play: {instrument: {soundfont: {file: a.sf2}}, parts: {'*': {notes: C4 1/4}}}}}\n"
        "  c: {source: {command: {argv: [csound, '{output}']}}}\n"
    )
    lacks = {format_path(each.path): each.message.partition(":")[0] for each in song.lacks}
    assert [each.line for each in song.lacks] == [3, 5, 6, 7]
    assert lacks == {
        "reference.file": "needs ffmpeg, which is not installed here",
        "stems.a.source.audio.file": "needs ffmpeg, which is not installed here",
        "stems.b.source.play.instrument.soundfont.file": "needs FluidSynth, which is not installed here",
        "stems.c.source.command.argv[0]": "there is no program 'csound' in PATH here",
    }
