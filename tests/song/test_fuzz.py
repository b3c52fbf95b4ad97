"""No input breaks the reader of songs and of config.yaml."""

import contextlib
import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from snakemake.common.configfile import load_configfile
from snakemake.pathvars import Pathvars

from stemwright.song.house import check_config, load_house
from stemwright.song.load import load_song
from stemwright.song.loaded import LoadedSong
from stemwright.validation import yaml
from stemwright.validation.problems import InvalidFileError

ROOT = Path(__file__).resolve().parents[2]
SONGS = sorted((ROOT / "songs").glob("*.yaml"))
SMALL = "bpm: 120\nlength: 1 bar\nstems:\n  a: {source: {tone: {note: A2}}}\n"


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


FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
