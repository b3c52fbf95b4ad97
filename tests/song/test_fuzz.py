"""No input breaks the reader of songs."""

import contextlib
import json
import time
from pathlib import Path

import pytest
from fuzz import FUZZ, mutated, put_anywhere, yaml_like
from hypothesis import given
from hypothesis import strategies as st

from stemwright.song.house import load_house
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
        "".join(f"key{n}: {n}\n" for n in range(60_000)),
        SMALL.replace("1 bar", "1000 bars")
        + "    sections: ["
        + ", ".join(f"t{n}" for n in range(8_000))
        + "]\nsections: ["
        + ", ".join(f"s{n}: 1/8" for n in range(8_000))
        + "]",
        SMALL + "gates:\n" + "- a\n" * 2_000_000,
        SMALL + "key: C\nsections: [a: {length: 1 bar, chords: '" + "| Q " * 500_000 + "'}]",
        SMALL.replace("1 bar", "1440:00").replace("120", "1000") + "meter: 32/32",
        SMALL.replace("1 bar", "500 bars")
        + f"key: C\nsections: [a: {{length: 500 bars, chords: '|{' C' * 250}'}}]",
    ],
    ids=[
        "unknown keys",
        "mistakes in stems",
        "stems",
        "changes",
        "sections",
        "depth",
        "800 KB of unknown keys",
        "unknown sections",
        "values",
        "chart",
        "beats",
        "chords",
    ],
)
def test_long_songs_and_many_mistakes_take_no_long_time(text, tmp_path):
    outcome(text, tmp_path, seconds=4.0)


real = st.sampled_from([file.read_text(encoding="utf-8") for file in SONGS])


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@FUZZ
@given(data=st.data())
def test_fuzz_mutated_songs(data, scratch):
    outcome(mutated(data, real), scratch)


@FUZZ
@given(text=st.one_of(st.text(), yaml_like, st.binary()))
def test_fuzz_random_text(text, scratch):
    outcome(text, scratch)


@FUZZ
@given(data=st.data())
def test_fuzz_values_of_any_kind_anywhere(data, scratch):
    song = put_anywhere(data, yaml.parse(data.draw(real), "song").data)
    outcome(json.dumps(song, ensure_ascii=False), scratch)
