"""How plans are kept in memory."""

import json

import pytest

from stemwright.plan.planned import Packing, _with_parts_shared

LINES = [
    json.dumps({"gates": ["dc", "finite"] * 20, "path": f"song/{number}"}).encode() for number in range(9)
]


def test_lines_like_others_take_little():
    packing = Packing()
    packing.begin({"stem": LINES[0]})
    packing.begin({"stem": b"another"})  # of a later plan
    packed = list(map(packing.pack, LINES))
    assert list(map(packing.unpack, packed)) == LINES
    assert max(map(len, packed)) < len(LINES[0]) / 10


@pytest.mark.parametrize("line", [b"", b"\xff\n" * 5_000], ids=["none", "others"])
def test_lines_like_no_others(line):
    packing = Packing()
    packing.begin({"stem": LINES[0], "mix": LINES[1]})
    assert packing.unpack(packing.pack(line)) == line


def test_equal_parts_are_the_same():
    text = '{"a": {"format": {"rate": 8000}, "name": "Lead 1"}, "b": {"format": {"rate": 8000}, "name": "Lead 1"}}'
    found = _with_parts_shared(json.loads(text), {})
    assert found == json.loads(text)
    assert found["a"]["format"] is found["b"]["format"] and found["a"]["name"] is found["b"]["name"]


def test_what_only_compares_as_equal_stays_what_it_is():
    text = '[{"x": 1}, {"x": 1.0}, {"x": true}, {"x": [1]}, {"x": [true]}, {"x": "1"}]'
    assert json.dumps(_with_parts_shared(json.loads(text), {})) == text
