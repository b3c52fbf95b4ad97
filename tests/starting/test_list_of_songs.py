"""A name is added to the list of songs, and nothing else is changed."""

import difflib

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stemwright.starting.list_of_songs import with_song

LISTS = [
    "# c\nsongs: # d\n  - a # x\n  - b\n\n# e\nsession: {channels: 2}\n",
    "songs:\n- a\n- b",
    "songs: [a, b] # c\nalbums: []\n",
    "songs: [\n  a,\n  b,\n]\n",
    "songs: []\n",
    "songs:\nsession: {}\n",
    'songs: ["a"]\n',
    '{"songs": ["a"], "albums": []}\n',
    "songs:\r\n  - a\r\nsession: {}\r\n",
    "\ufeffsongs:\n - a\n",
    "songs:\n  - a\n...\n",
    "songs:\n  - a\n  - table: t.csv\n    template: x.yaml\n\n# e\nsession: {}\n",
]


@pytest.mark.parametrize("name", ["new", "on", "1e3", "007"])
@pytest.mark.parametrize("text", LISTS)
def test_only_a_name_is_added(text, name):
    """Judged by PyYAML, which reads `on` and 1e3 otherwise, and by a comparison of characters."""
    new = with_song(text, name, "config.yaml")
    before, after = yaml.safe_load(text), yaml.safe_load(new)
    assert after == {**before, "songs": [*(before["songs"] or []), name]}
    kept = [op for op in difflib.SequenceMatcher(None, text, new, False).get_opcodes() if op[0] != "equal"]
    assert {op[0] for op in kept} == {"insert"}, kept


@pytest.mark.parametrize(
    "text",
    [
        "songs: &s [a]\nalbums: *s\n",
        "house: {songs: [a]}\n",
        "songs: a\n",
        "songs: {a: b}\n",
        "<<: {songs: [a]}\n",
        "x: 1\n",
    ],
)
def test_a_list_of_another_shape_is_left_alone(text):
    assert with_song(text, "new", "config.yaml") is None


@settings(max_examples=25)
@given(
    st.lists(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,8}", fullmatch=True), min_size=1, max_size=4),
    st.sampled_from([None, True, False]),
)
def test_any_names(names, style):
    text = yaml.safe_dump({"songs": names[1:], "session": {"channels": 1}}, default_flow_style=style)
    new = with_song(text, names[0], "config.yaml")
    assert yaml.safe_load(new) == {"songs": [*names[1:], names[0]], "session": {"channels": 1}}
