"""What a valid spec means, with the house rules merged in; and that no input breaks its reader."""

import contextlib
import datetime
import json
import time
from pathlib import Path

import pytest
import yaml as pyyaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from snakemake.common.configfile import load_configfile
from snakemake.pathvars import Pathvars

from stemwright.plan.jobs import Plan
from stemwright.song.house import check_config, load_house, merge
from stemwright.song.load import load_song
from stemwright.song.loaded import LoadedSong
from stemwright.song.model import written_gates
from stemwright.validation import yaml
from stemwright.validation.names import parse_name
from stemwright.validation.problems import InvalidFileError

ROOT = Path(__file__).resolve().parents[2]
SONGS = sorted((ROOT / "songs").glob("*.yaml"))
SMALL = "bpm: 120\nlength: 1 bar\nstems:\n  a: {source: {tone: {note: A2}}}\n"


@pytest.fixture
def read(tmp_path, monkeypatch):
    """`read(song, config)` is a song read from two texts, the house rules handed over as by Snakemake."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "songs").mkdir()

    def read(song, config="songs: [x]\n"):
        (tmp_path / "songs/x.yaml").write_text(song, encoding="utf-8")
        (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
        return load_song("x", load_house(pyyaml.safe_load(config), ["config.yaml"]), "songs/x.yaml")

    return read


@pytest.mark.parametrize("file", SONGS, ids=lambda path: path.stem)
def test_the_songs_here_are_valid(file, monkeypatch):
    monkeypatch.chdir(ROOT)
    house = load_house(pyyaml.safe_load(Path("config.yaml").read_text()), ["config.yaml"])
    made = ["songs/praia-neon/drums.wav"]  # by the song's own rule
    song = load_song(file.stem, house, f"songs/{file.name}", has_producer=made.__contains__)
    assert song.timeline.frames > 0
    assert file.stem in house.house.songs


def test_defaults(read):
    song = read(SMALL)
    assert song.document.session.model_dump() == {"sample_rate": 48_000, "channels": 2}
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
    assert song.document.session.model_dump() == {"sample_rate": 44_100, "channels": 2}
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
    assert house.delivery.names.model_dump() == {"master": "no", "stem": "{stem}"}
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
    assert rules.house.session.model_dump() == {"channels": 1, "sample_rate": 44_100}
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


def test_merge_replaces_all_but_mappings():
    base = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    assert merge(base, {"a": {"c": [3]}, "e": {}}) == {"a": {"b": 1, "c": [3]}, "d": 1, "e": {}}
    assert merge(base, {"a": False}) == {"a": False, "d": 1}
    assert base == {"a": {"b": 1, "c": [1, 2]}, "d": 1}


@given(st.text())
def test_a_name_is_plain_or_refused(text):
    try:
        parse_name(text)
    except ValueError:
        return
    assert (
        text.isascii()
        and text.replace("-", "a").replace("_", "a").isalnum()
        and 1 <= len(text) <= 64
        and text[0] != "-"
    )


def outcome(text, folder, seconds=1.0):
    """Reads a song where the files are that it names: it is valid, or a SpecError is raised, and soon."""
    file = folder / "x.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    began = time.process_time()
    try:
        with contextlib.chdir(ROOT):
            song = load_song("x", load_house({"songs": ["x"]}, []), str(file))
    except InvalidFileError as error:
        song = None
        assert error.problems
        for line in str(error).split("\n"):
            assert line.startswith(f"{file}:") and len(line) < 1000, line
    assert time.process_time() - began < seconds
    assert song is None or isinstance(song, LoadedSong)
    return song


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"key{n}: {n}\n" for n in range(5_000)),
        "stems:\n" + "".join(f"  s{n}: {{source: {{tone: {{nota: A2}}}}, gain: 1}}\n" for n in range(2_000)),
        SMALL + "".join(f"  b{n}: {{source: {{tone: {{note: A2}}}}}}\n" for n in range(5_000)),
        SMALL
        + "sections: ["
        + ", ".join(f"s{n}: 1/4" for n in range(4))
        + "]\nchanges: ["
        + "{bar: 2, bpm: 90}, " * 9_000
        + "]",
        SMALL.replace("1 bar", "1000 bars")
        + "sections: ["
        + ", ".join(f"s{n}: 1/8" for n in range(8_000))
        + "]",
        "songs: " + "[" * 49 + "]" * 49,
    ],
    ids=["unknown keys", "mistakes in stems", "stems", "changes", "sections", "depth"],
)
def test_long_songs_and_many_mistakes_take_no_long_time(text, tmp_path):
    outcome(text, tmp_path, seconds=4.0)


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NASTY = [
    "",
    "~",
    "null",
    "true",
    "on",
    "0",
    "-1",
    "1e999",
    ".nan",
    "9" * 400,
    "[]",
    "{}",
    "[[]]",
    "{a: {b: c}}",
    "''",
    "*x",
    "&x y",
]
NASTY += [
    '"\\0"',
    '"\\ud800"',
    '"\\n"',
    "\t",
    "../..",
    "1/0",
    "1/8t",
    "bar 1",
    "0 s",
    "999999999 bars",
    "4/32",
    "reference",
]
NASTY += [
    "x" * 50_000,
    "remainder",
    "'*'",
    "{song}",
    "A4",
    "x" * 300,
    "😀",
    "\u2028",
    "- a",
    "!!int 3",
    "<<: {a: b}",
    "? x",
    "10",
    "1000/7",
]
real = st.sampled_from([file.read_text(encoding="utf-8") for file in SONGS])


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def mutated(data, texts=real):
    """A real file with a few lines and words changed."""
    lines = data.draw(texts).split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        i, j = (data.draw(st.integers(0, len(lines) - 1)) for _ in "ij")
        match data.draw(st.sampled_from(["drop", "copy", "swap", "indent", "value", "key", "character"])):
            case "drop":
                del lines[i]
                lines = lines or [""]
            case "copy":
                lines.insert(j, lines[i])
            case "swap":
                lines[i], lines[j] = lines[j], lines[i]
            case "indent":
                lines[i] = data.draw(st.sampled_from([" ", "  ", "\t", "- "])) + lines[i]
            case "value":
                lines[i] = lines[i].partition(":")[0] + ": " + data.draw(st.sampled_from(NASTY))
            case "key":
                lines[i] = data.draw(st.sampled_from(NASTY)) + ":" + lines[i].partition(":")[2]
            case "character":
                at = data.draw(st.integers(0, len(lines[i])))
                lines[i] = lines[i][:at] + data.draw(st.text(max_size=2)) + lines[i][at + 1 :]
    return "\n".join(lines)


@FUZZ
@given(data=st.data())
def test_fuzz_mutated_songs(data, scratch):
    outcome(mutated(data), scratch)


yaml_like = st.text(st.sampled_from("ab01:-[]{}&*!|>'\"#%@`?,.~ \n\t\\\x85\u2028é"), max_size=80)


@FUZZ
@given(text=st.one_of(st.text(), yaml_like, st.binary()))
def test_fuzz_random_text(text, scratch):
    outcome(text, scratch)


def places(data, path=()):
    """The path of every value in plain data."""
    yield path
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(NASTY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@FUZZ
@given(data=st.data())
def test_fuzz_values_of_any_kind_anywhere(data, scratch):
    song = yaml.parse(data.draw(real), "song").data
    path = data.draw(st.sampled_from([path for path in places(song) if path]))
    parent = song
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = data.draw(json_like)
    outcome(json.dumps(song, ensure_ascii=False), scratch)


def config_outcome(text, folder):
    """Reads a config.yaml as Snakemake and our rules do: it is valid, or a SpecError is raised, in plain lines."""
    file = folder / "config.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    try:
        check_config(str(file))
        config = load_configfile(str(file))
        Pathvars.from_config(config)  # where Snakemake would stumble over pathvars
        assert load_house(config, [str(file)]).house.songs
    except InvalidFileError as error:
        for line in str(error).split("\n"):
            assert line.startswith(f"{file}:") and len(line) < 1000, line


CONFIG = (ROOT / "config.yaml").read_text(encoding="utf-8") + "pathvars: {results: out, logs: my/logs}\n"


def test_a_tab_at_which_snakemake_would_stop(tmp_path):
    (tmp_path / "config.yaml").write_text("songs: [a]\nsession:\t\n  channels: 2\n", encoding="utf-8")
    with pytest.raises(InvalidFileError, match=r"config\.yaml:2: has a tab where YAML requires a space"):
        check_config(str(tmp_path / "config.yaml"))


@FUZZ
@given(data=st.data())
def test_fuzz_mutated_config(data, scratch):
    config_outcome(mutated(data, st.just(CONFIG)), scratch)


@FUZZ
@given(text=st.one_of(st.text(), yaml_like, st.binary()))
def test_fuzz_random_config(text, scratch):
    config_outcome(text, scratch)


@FUZZ
@given(data=st.data())
def test_fuzz_values_of_any_kind_anywhere_in_config(data, scratch):
    config = yaml.parse(CONFIG, "config").data
    path = data.draw(st.sampled_from([path for path in places(config) if path]))
    parent = config
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = data.draw(json_like)
    text = json.dumps(config, ensure_ascii=False)
    assume(
        "Infinity" not in text and "NaN" not in text
    )  # no JSON, but Snakemake takes it for that: numbers, not words
    config_outcome(text, scratch)
