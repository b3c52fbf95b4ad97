"""What YAML is taken for: the values, the lines, and what is said of a file that is none."""

import math
import os
import subprocess
import sys
import time

import pytest
import yaml as pyyaml

from stemwright.validation import yaml
from stemwright.validation.problems import InvalidFileError


def said(text):
    """Everything that is said of a text that is not accepted."""
    with pytest.raises(InvalidFileError) as caught:
        yaml.parse(text, "x.yaml")
    return str(caught.value)


WORDS = (
    "on off yes no y N 1:30 1:22.5 2024-01-01 2024-01-01T10:00:00Z 1/8. 4/4 0x10 0o17 1_000 .inf -.inf .nan "
)
WORDS += "inf nan truE nULL ---x x---x ="


@pytest.mark.parametrize("word", WORDS.split())
def test_words_stay_words(word):
    assert yaml.parse(f"a: {word}", "x.yaml").data == {"a": word}


VALUES = {
    **{"true": True, "True": True, "FALSE": False, "null": None, "~": None, "": None},
    **{"0": 0, "-7": -7, "+7": 7, "010": 10, "120": 120, "9" * 300: int("9" * 300)},
    **{"120.5": 120.5, "-1.94": -1.94, ".5": 0.5, "3.": 3.0, "1e3": 1000.0},
    **{"'120'": "120", '"true"': "true", "|\n  1": "1", "9" * 301: "9" * 301},
}


@pytest.mark.parametrize(("text", "value"), VALUES.items())
def test_values(text, value):
    found = yaml.parse(f"a: {text}", "x.yaml").data["a"]
    assert found == value
    assert type(found) is type(value)


def test_a_number_too_large_for_a_float_is_infinite_and_left_to_the_range_of_its_key():
    assert yaml.parse("a: 1e999", "x.yaml").data["a"] == math.inf


def test_every_key_is_text():
    assert list(yaml.parse("null: 1\ntrue: 2\n5: 3\n2024-01-01: 4", "x.yaml").data) == [
        "null",
        "true",
        "5",
        "2024-01-01",
    ]


def test_lines_of_keys_and_list_entries():
    document = yaml.parse("# one\na:\n  - b: 1\n\n    c: 2\n  - {d: 3,\n     e: [4,\n       5]}\n", "x.yaml")
    lines = {
        ("a",): 2,
        ("a", 0): 3,
        ("a", 0, "b"): 3,
        ("a", 0, "c"): 5,
        ("a", 1, "d"): 6,
        ("a", 1, "e", 1): 8,
    }
    assert {path: document.line(path) for path in lines} == lines
    assert document.line(("a", 1, "not", "there")) == 6  # the nearest that is


def test_a_value_behind_an_alias_has_the_line_where_its_key_stands():
    document = yaml.parse("a: &x\n  k: 1\nb: *x\n", "x.yaml")
    assert document.data == {"a": {"k": 1}, "b": {"k": 1}}
    assert [document.line(path) for path in [("a", "k"), ("b",), ("b", "k")]] == [2, 3, 2]


MERGED = """\
house: &house
  gain_db: -3
  keys: &keys {low: 1, high: 2}
other: &other {gain_db: -9, pan: 1}
a: {<<: *house, gain_db: 0}
b:
  pan: 2
  <<: [*other, *house]
c: &c {<<: *keys, low: 7}
d: {<<: *c, <<x: 1, "<<": text}
e: {<<: {x: 1}, y: 2}
"""


@pytest.mark.parametrize("load", [yaml.load, lambda file: yaml.load_config(file)[0]])
def test_merge_keys(load, tmp_path):
    """As PyYAML merges them, for whom a quoted << is a key too."""
    file = tmp_path / "x.yaml"
    file.write_text(MERGED)
    document = load(str(file))
    assert document.data == pyyaml.safe_load(MERGED)
    assert document.data["b"] == {"pan": 2, "gain_db": -9, "keys": {"low": 1, "high": 2}}
    lines = {
        ("a", "gain_db"): 5,
        ("a", "keys", "low"): 3,
        ("b", "gain_db"): 4,
        ("b", "<<"): 8,
        ("d", "low"): 9,
    }
    assert {path: document.line(path) for path in lines} == lines


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_bytes("a: 1\r\nb: é\r\n".encode("utf-8-sig"))
    document = yaml.load(str(file))
    assert document.data == {"a": 1, "b": "é"}
    assert document.line(("b",)) == 2


NOT_YAML = [
    (
        "a: 1\nb: 2\na: 3\nb: 4",
        "3: a: is given twice (first in line 1)",
        "4: b: is given twice (first in line 2)",
    ),
    ("a:\n  - b: {c: 1, c: 2}", "2: a[0].b.c: is given twice (first in line 2)"),
    ("a: 1\n'a': 2", "2: a: is given twice (first in line 1)"),
    ("a:\n\tb: 1", "2: is indented with a tab: YAML requires spaces"),
    ("a:\n  b: 1\n\tc: 1", "3: is indented with a tab: YAML requires spaces"),
    ("a: !foo 1", "1: a: YAML tags are not supported (is !foo)"),
    (
        "a: !!str 1\nb: !!set {c}",
        "1: a: YAML tags are not supported (is !!str)",
        "2: b: YAML tags are not supported (is !!set)",
    ),
    (
        "!!str a: 1\nb: {!!str c: 2}",
        "1: YAML tags are not supported (is !!str)",
        "2: b: YAML tags are not supported (is !!str)",
    ),
    (
        "a:\n  - !!python/name:os.system x",
        "2: a[0]: YAML tags are not supported (is !!python/name:os.system)",
    ),
    (
        "a: &x {b: 1}\nc:\n  <<: *x\n  <<: *x\nd: {<<: 5}\ne: {<<: [*x, no]}",
        "4: c.<<: is given twice (first in line 3)",
        "5: d.<<: must be a mapping, or a list of mappings, such as <<: *name",
        "6: e.<<: must be a mapping, or a list of mappings, such as <<: *name",
    ),
    ("a: &x {<<: *x}", "1: a: is nested more than 50 levels deep; aliases may be the reason"),
    ("? [a, b]\n: 1", "1: a key must be a single word"),
    ("", "1: must be keys and values at its top level (is nothing)"),
    ("# nothing\n\n# here", "1: must be keys and values at its top level (is nothing)"),
    ("- a", "1: must be keys and values at its top level (is a list)"),
    ("\n\nword", "1: must be keys and values at its top level (is a single value)"),
    (
        "a: 1\n---\nb: 1",
        "2: is not YAML: expected a single document in the stream, but found another document",
    ),
    (
        "a: 1\nb: [2,\n\nc: 3\n",
        "4: is not YAML: while parsing a flow sequence that begins in line 2, did not find expected "
        "',' or ']': text with { } [ ] , or # in it must be in quotes",
    ),
    (
        "a: 'b",
        "1: is not YAML: while scanning a quoted scalar that begins in line 1, found unexpected end "
        "of stream",
    ),
    ("a: b: c", "1: is not YAML: mapping values are not allowed in this context"),
    ("a: *nobody", "1: is not YAML: found undefined alias: text that begins with * must be in quotes"),
    (
        "patterns:\n  *: x",
        "2: is not YAML: while scanning an alias that begins in line 2, did not find expected alphabetic or "
        "numeric character: text that begins with * must be in quotes",
    ),
    (
        "kick: |x---|",
        "1: is not YAML: while scanning a block scalar that begins in line 1, did not find expected comment "
        "or line break: text that begins with | must be in quotes",
    ),
    (
        "a: @b",
        "1: is not YAML: while scanning for the next token that begins in line 1, found character that "
        "cannot start any token: text that begins with @ must be in quotes",
    ),
    (
        "a: 1\nb: \x07",
        "2: is not YAML: unacceptable character #x0007: control characters are not allowed",
    ),
    ("a: &x [*x]", "1: a[0][0]: is nested more than 50 levels deep; aliases may be the reason"),
    ("a: &x {b: *x}", "1: a.b.b: is nested more than 50 levels deep; aliases may be the reason"),
]


@pytest.mark.parametrize(("text", "messages"), [(text, messages) for text, *messages in NOT_YAML])
def test_what_is_said_of_a_text_that_is_not_accepted(text, messages):
    assert said(text).splitlines() == [f"x.yaml:{message}" for message in messages]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: "])
def test_deep_nesting_does_not_exhaust_the_stack(opening):
    assert said("a: 1\nb:\n " + opening * 100_000) == "x.yaml:3: is nested more than 50 levels deep"


def test_nesting_of_a_plausible_depth_is_read():
    assert yaml.parse("a: " + "[" * 45 + "]" * 45, "x.yaml").data["a"]


def bomb(leaf):
    return f"a0: &a0 {leaf}\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40)
    )


@pytest.mark.parametrize("sources", ["[" + "*a0, " * 50_000 + "]", "*a39"])
def test_a_bomb_of_merges_takes_little_time(sources):
    keys = ", ".join(f"k{n}: x" for n in range(1_000))
    levels = "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 40))
    began = time.process_time()
    assert "holds more than 200,000 values" in said(f"a0: &a0 {{{keys}}}\n{levels}b: {{<<: {sources}}}")
    assert time.process_time() - began < 3


@pytest.mark.parametrize("leaf", ["[x, x, x, x, x, x, x, x, x]", "{a: x, b: x, c: x, d: x}"])
def test_a_bomb_of_aliases_takes_little_time(leaf):
    began = time.process_time()
    assert "holds more than 200,000 values; aliases may be the reason" in said(bomb(leaf))
    assert time.process_time() - began < 3


def test_a_bomb_of_aliases_takes_little_memory(tmp_path):
    (tmp_path / "x.yaml").write_text(bomb("[x, x]"))
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (400_000_000,) * 2)\n"
    code += "from stemwright.validation import yaml; yaml.load('x.yaml')"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert "InvalidFileError: x.yaml:" in run.stderr
    assert "holds more than 200,000 values" in run.stderr


def test_a_file_that_is_too_large_is_not_parsed(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_bytes(b"a: 1\n# " + b"x" * 10_000_000)
    with pytest.raises(
        InvalidFileError, match=r"x\.yaml: is 10,000,007 bytes long; at most 10,000,000 are read$"
    ):
        yaml.load(str(file))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"a: 1\nb: \xff\n", ":2: is not UTF-8 (byte 0xff): save the file as UTF-8"),
        ("a: é\n".encode("latin-1"), ":1: is not UTF-8 (byte 0xe9): save the file as UTF-8"),
        ("a: 1\n".encode("utf-16"), ":1: is not UTF-8 (byte 0xff): save the file as UTF-8"),
        (b"a: \xed\xa0\x80", ":1: is not UTF-8 (byte 0xed): save the file as UTF-8"),
        (
            b"a: 1\nb: \x00",
            ":2: is not YAML: unacceptable character #x0000: control characters are not allowed",
        ),
    ],
)
def test_bytes_that_are_no_text(tmp_path, raw, message):
    file = tmp_path / "x.yaml"
    file.write_bytes(raw)
    with pytest.raises(InvalidFileError) as caught:
        yaml.load(str(file))
    assert str(caught.value) == f"{file}{message}"


def test_files_that_cannot_be_read(tmp_path):
    for path, message in [
        (tmp_path / "no.yaml", "is missing, or not a regular file"),
        (tmp_path, "is a folder, expected a file"),
        ("/dev/null", "is missing, or not a regular file"),
        ("a\0b", "is missing, or not a regular file"),
    ]:
        with pytest.raises(InvalidFileError) as caught:
            yaml.load(str(path))
        assert str(caught.value) == f"{path}: {message}".replace("\0", r"\x00")
