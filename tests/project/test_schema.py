"""The JSON Schemas: complete, current, and one with what is accepted."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

import make_docs
from stemwright.song import album, dataset, model
from stemwright.validation import yaml

ROOT = Path(__file__).resolve().parents[2]
SONGS = sorted([*ROOT.glob("songs/*.yaml"), *ROOT.glob("examples/*/songs/*.yaml")])
CONFIGS = [ROOT / "config.yaml", *sorted(ROOT.glob("examples/*/config.yaml"))]
MODELS = {"config": model.House, "song": model.Song, "album": album.Album, "dataset": dataset.Dataset}
SCHEMAS = {
    name: json.loads((ROOT / f"schema/{name}.schema.json").read_text(encoding="utf-8")) for name in MODELS
}


def accepted(name, data):
    """What the schema, and what the model, says of data: two booleans that should be one."""
    try:
        MODELS[name].model_validate(data)
        valid = True
    except ValidationError:
        valid = False
    return Draft202012Validator(SCHEMAS[name]).is_valid(data), valid


def test_what_is_here_is_what_the_code_says():
    run = subprocess.run(
        [sys.executable, ROOT / "scripts/make_docs.py", "--check"], capture_output=True, text=True, cwd="/"
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_check_says_what_differs_and_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(make_docs, "ROOT", tmp_path)
    assert make_docs.main(["--check"]) == 1
    assert list(tmp_path.iterdir()) == []
    assert make_docs.main([]) == 0
    capsys.readouterr()
    assert make_docs.main(["--check"]) == 0
    assert capsys.readouterr().out == ""
    page = tmp_path / "docs/reference.md"
    page.write_text(page.read_text().replace("| Gain of the send. |", "| Gain of the knob. |"))
    assert make_docs.main(["--check"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("docs/reference.md is not up to date: run make docs\n")
    assert [line[0] + line[-21:] for line in said.splitlines() if line.startswith(("-|", "+|"))] == [
        "-| Gain of the knob. |",
        "+| Gain of the send. |",
    ]
    assert "schema" not in said


@pytest.mark.parametrize("name", MODELS)
def test_schemas_are_schemas_and_forbid_unknown_keys(name):
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] and schema["description"]
    nodes, parts = [schema], 0
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            nodes += node.values()
            if isinstance(node.get("properties"), dict):
                parts += 1
                assert node["additionalProperties"] is False, node
                for key, about in node["properties"].items():
                    assert about.get("description") or "$ref" in about or "$ref" in about["anyOf"][0], key
        elif isinstance(node, list):
            nodes += node
    assert parts > 10
    for part in ("Effect", "Source"):
        if name == "song":
            assert (schema["$defs"][part]["minProperties"], schema["$defs"][part]["maxProperties"]) == (1, 1)


@pytest.mark.parametrize("file", [*CONFIGS, *SONGS], ids=lambda path: str(path.relative_to(ROOT)))
def test_the_files_here_name_their_schema_and_satisfy_it(file):
    modeline = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", file.read_text().splitlines()[0])
    name = "config" if file.name == "config.yaml" else "song"
    assert (file.parent / modeline[1]).resolve() == ROOT / f"schema/{name}.schema.json"
    data = yaml.load(str(file)).data
    assert [error.message for error in Draft202012Validator(SCHEMAS[name]).iter_errors(data)] == []
    assert accepted(name, data) == (True, True)


TONE = {"tone": {"note": "A2"}}
PLAY = {
    "instrument": {"organ": None},
    "parts": {
        "a": {"degrees": "1 . 5 ."},
        "b": {"chords": None},
        "c": {},
        "*": {"steps": {"pattern": "x-", "note": "E2"}},
    },
}
GOOD = {
    "bpm": 120,
    "length": "8 bars",
    "sections": [{"a": "4 bars"}, {"b": {"length": "4 bars", "key": "D minor"}}],
    "stems": {
        "bass": {
            "source": TONE,
            "effects": [{"lowpass": {"cutoff_hz": 800}}, {"reverb": None}],
            "gain_db": -3,
        },
        "pad": {"source": {"play": PLAY}},
    },
}
EDITS = {  # path → (a value that is right, values that are wrong)
    ("bpm",): ("400/3", [None, True, [], {}]),
    ("title",): ("x", [1979, "", "x" * 201, []]),
    ("key",): (None, [3, {}]),
    ("bmp",): (..., [120]),
    ("changes",): (
        [{"bar": 3, "meter": "3/4"}, {"at": "bar 4 beat 2", "hold": "1 beat"}],
        [{}, [{}], [{"bar": 0}], [{"bar": 3, "at": "bar 3"}], [{"bar": 2.5}], [{"bar": "3"}], [{"beat": 3}]],
    ),
    ("sections",): (
        [],
        [
            {},
            ["a"],
            [{}],
            [{"a": "1 bar", "b": "1 bar"}],
            [{"a": 8}],
            [{"a": {}}],
            [{"a": {"len": "1 bar"}}],
            [{"a": {"length": "1 bar", "chords": 7}}],
            [{"a": {"length": "1 bar", "transpose": 0.5}}],
        ],
    ),
    ("reference",): ({"file": "x.wav"}, [{}, "x.wav", {"file": ""}, {"path": "x"}]),
    ("stems",): (
        {"a": {"source": {"reference": None}}},
        [{}, None, [], {"a": None}, {"a": {}}, {"a": {"source": None}}],
    ),
    ("stems", "bass", "source"): (
        {"reference": {}},
        [{}, "tone", {**TONE, "reference": {}}, {"ton": {}}, {"tone": {"nota": 1}}],
    ),
    ("stems", "bass", "source", "tone", "level_db"): (0, [1, -121, "0", True, None]),
    ("stems", "bass", "source", "tone", "note"): ("A4", [5, []]),
    ("stems", "pad"): (
        {"source": {"play": PLAY}},
        [
            {"source": {"play": edit}}
            for edit in (
                {},
                {**PLAY, "instrument": {}},
                {**PLAY, "instrument": "organ"},
                {**PLAY, "instrument": {"organ": {}, "plucked": {}}},
                {**PLAY, "instrument": {"organ": {"level_db": 99}}},
                {**PLAY, "parts": {}},
                {**PLAY, "parts": {"a": "1 . 5"}},
                {**PLAY, "parts": {"a": {"degree": "1"}}},
                {**PLAY, "parts": {"a": {"degrees": None}}},
                {**PLAY, "parts": {"a": {"degrees": 1}}},
                {**PLAY, "parts": {"a": {"degrees": "1", "chords": None}}},
                {**PLAY, "parts": {"a": {"steps": "x--x"}}},
                {**PLAY, "parts": {"a": {"arpeggio": "sideways"}}},
                {**PLAY, "parts": {"a": {"midi": {"file": "x.mid", "channel": 0}}}},
            )
        ],
    ),
    ("stems", "pad", "source", "play", "parts"): (
        {"a": {"arpeggio": "up"}, "b": {"same": "a"}, "*": {"midi": {"file": "x.mid", "track": 2}}},
        [None, []],
    ),
    ("stems", "bass", "effects"): (
        [],
        [{}, [{}], ["gain"], [{"gain": None}], [{"gain": {}}], [{"gane": {"gain_db": 1}}]],
    ),
    ("stems", "bass", "effects", 0): (
        {"fade": {"curve": "linear"}},
        [{"fade": {"curve": "bent"}}, {"fade": {}, "reverb": {}}],
    ),
    ("stems", "bass", "gain_db"): (24, [24.1, -96.1, "3", True]),
    ("stems", "bass", "pan"): (
        {"value": 0, "lfo": {"length": "1/4", "depth": 0.5}},
        [
            {},
            {"value": 0},
            {"lfo": {"length": "1/4", "depth": 0.5, "deep": 1}, "value": 0},
            {"lfo": None, "value": 0},
            {"lfo": {"length": "1/4"}, "value": 0},
            {"lfo": {"length": "1/4", "depth": 0.5}, "points": []},
            {"lfo": {"length": "1/4", "depth": 0.5}, "value": "0"},
        ],
    ),
    ("stems", "bass", "effects", 0, "lowpass", "cutoff_hz"): (
        [{"at": "bar 1", "value": 800}, {"at": "b", "value": 2_000, "curve": "exponential"}],
        [
            [],
            [800],
            [{}],
            [{"at": "bar 1"}],
            [{"value": 800}],
            [{"at": 1, "value": 800}],
            [{"at": "bar 1", "value": "800"}],
            [{"at": "bar 1", "value": 800, "curve": "bent"}],
            [{"at": "bar 1", "value": 800, "until": "bar 2"}],
        ],
    ),
    ("stems", "bass", "sections"): (["a"], [[], "a", [1], {}]),
    ("stems", "bass", "deliver"): (False, ["no", 0]),
    ("master",): (
        {"limiter": None, "target": {"integrated_lufs": -14}},
        [None, {"target": {}}, {"limitr": {}}],
    ),
    ("master", "target"): (
        "ebu-r128",
        [
            "ebu",
            -23,
            [],
            {"preset": "ebu"},
            {"preset": None},
            {"tolerance_lu": 1},
            {"preset": "acx", "integrated_lufs": -20},
            {"preset": "acx", "severity": "off"},
        ],
    ),
    ("session",): (
        {"channels": 1},
        [{"channels": 3}, {"channels": True}, {"channels": "1"}, {"sample_rate": 7999}, {"rate": 1}],
    ),
    ("gates",): (
        {"dc": {"warn": 0.5}, "silence": False, "finite": True, "frames": None},
        [{"dc": {"warn": 0}}, {"dc": 3}, {"x": {}}],
    ),
    ("gates", "clipping"): (
        {"severity": "warn"},
        [{"severity": "off"}, {"consecutive": 0}, {"consecutive": 3.5}, "off", []],
    ),
    ("delivery",): (
        {"names": {"stem": "{stem}"}},
        [{"names": {"stems": "x"}}, {"names": None}, {"container": "WMA"}, {"subtype": 24}],
    ),
}


def edited(data, path, value):
    data = copy.deepcopy(data)
    *above, last = path
    place = data
    for key in above:
        place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]
    place[last] = value
    return data


@pytest.mark.parametrize("path", EDITS, ids=lambda path: ".".join(map(str, path)))
def test_schema_and_reader_agree(path):
    right, wrong = EDITS[path]
    assert accepted("song", GOOD) == (True, True)
    if right is not ...:
        assert accepted("song", edited(GOOD, path, right)) == (True, True)
    for value in wrong:
        assert accepted("song", edited(GOOD, path, value)) == (False, False), value


CONFIG = {"songs": ["x"], "session": {"sample_rate": 44_100}, "delivery": {"names": {"stem": "{stem}"}}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"songs": []},
        {"songs": "x"},
        {"songs": [1]},
        {"song": []},
        {"session": None},
        {"pathvars": {"results": 1}},
        {"gates": []},
    ],
    ids=str,
)
def test_schema_and_reader_agree_on_the_house_rules(wrong):
    assert accepted("config", CONFIG) == (True, True)
    assert accepted("config", {**CONFIG, **wrong}) == (False, False)
    assert accepted("config", {key: value for key, value in CONFIG.items() if key != "songs"}) == (
        False,
        False,
    )


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-10, 10)
    | st.floats(-99, 99)
    | st.sampled_from(["", "x", "1 bar", "A2", "warn"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "gain", "length", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from([path for path in EDITS if path != ("bmp",)]), value=values)
def test_what_the_schema_refuses_the_reader_refuses(path, value):
    by_schema, by_reader = accepted("song", edited(GOOD, path, value))
    assert by_schema or not by_reader
