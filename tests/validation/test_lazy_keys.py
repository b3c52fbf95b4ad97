"""The modules of kinds are imported where a document has them."""

import json
import subprocess
import sys
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ValidationError

from stemwright.effects.lowpass import Lowpass
from stemwright.validation.lazy_keys import LazyKeys


class Chain(BaseModel):
    lowpass: Annotated[Any, LazyKeys("stemwright.effects", "lowpass")] = None


def test_the_value_is_an_instance_of_the_kind():
    assert Chain(lowpass={"cutoff_hz": 700.0}).lowpass == Lowpass(700.0)


def test_mistakes_have_the_place_that_they_would_have_without_it():
    with pytest.raises(ValidationError) as found:
        Chain(lowpass={"cutoff_hz": 1e9, "cutof": 3})
    places = [(error["loc"][:2], error["type"]) for error in found.value.errors()]
    assert places == [
        (("lowpass", "cutoff_hz"), "less_than_equal"),
        (("lowpass", "cutof"), "unexpected_keyword_argument"),
    ]


def test_its_json_schema_is_a_definition_of_its_own():
    schema = Chain.model_json_schema()
    assert schema["properties"]["lowpass"]["$ref"] == "#/$defs/Lowpass"
    assert set(schema["$defs"]["Lowpass"]["properties"]) >= {"cutoff_hz", "order"}


def test_to_read_a_song_imports_the_kinds_that_it_has_and_no_others(tmp_path):
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs/tune.yaml").write_text(
        "bpm: 120\nlength: 2 s\nstems: {bass: {source: {tone: {note: A2}}, effects: [{lowpass: {cutoff_hz: 700}}]}}\n"
    )
    (tmp_path / "config.yaml").write_text("songs: [tune]\n")
    program = """
import json, sys
from stemwright.song.house import load_house
from stemwright.song.load import load_song
rules = load_house({"songs": ["tune"]}, ["config.yaml"])
load_song("tune", rules, "songs/tune.yaml", "build", lambda path: False, None)
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    found = set(json.loads(done.stdout))
    assert {"stemwright.sources.tone", "stemwright.effects.lowpass"} <= found
    assert (
        not {"stemwright.sources.command", "stemwright.effects.vst3", "stemwright.instruments.sampler"}
        & found
    )
