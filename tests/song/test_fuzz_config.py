"""No config.yaml breaks its reader, Snakemake's or ours: it is valid, or its mistakes are told by file and line."""

import json
import random
import time
from pathlib import Path

import pytest
from fuzz import FUZZ, mutated, put_anywhere, yaml_like
from hypothesis import given
from hypothesis import strategies as st
from snakemake.common.configfile import load_configfile
from snakemake.pathvars import Pathvars

from stemwright.song.house import check_config, load_house
from stemwright.validation import yaml
from stemwright.validation.problems import InvalidFileError

ROOT = Path(__file__).resolve().parents[2]
CONFIG = (ROOT / "config.yaml").read_text(encoding="utf-8") + "pathvars: {results: out, logs: my/logs}\n"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def outcome(text, folder, seconds=2.0):
    """What is said of a config.yaml, read in the order in which Snakemake and our rules do; "" if it is valid."""
    file = folder / "config.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    began, said = time.process_time(), ""
    try:
        check_config(str(file))
        config = load_configfile(str(file))
        Pathvars.from_config(config)  # where Snakemake would stumble over pathvars
        assert load_house(config, [str(file)]).house.songs
    except InvalidFileError as error:
        said = str(error)
        assert all(
            line.startswith(f"{file}:") and len(line) < 1000 and line.isprintable()
            for line in said.split("\n")
        ), said
    assert time.process_time() - began < seconds
    return said


@FUZZ
@given(data=st.data())
def test_fuzz_mutated_config(data, scratch):
    outcome(mutated(data, st.just(CONFIG)), scratch)


@FUZZ
@given(text=st.one_of(st.text(), yaml_like, st.binary()))
def test_fuzz_random_config(text, scratch):
    outcome(text, scratch)


@FUZZ
@given(data=st.data())
def test_fuzz_values_of_any_kind_anywhere_in_config(data, scratch):
    outcome(json.dumps(put_anywhere(data, yaml.parse(CONFIG, "config").data), ensure_ascii=False), scratch)


# Words that YAML 1.1, as PyYAML reads it, takes for a value of each of its types (https://yaml.org/type/), and words
# that only look like one.
WORDS = [
    *("~", "null", "Null", "", "true", "on", "No", "y", "OFF", "=", "<<", "!", "-", "?", "|", ">", "%", "@"),
    *("0", "-7", "+1_000", "010", "08", "0o17", "0x1F", "0x_", "-0x_", "0b11", "0b_", "+0b_", "0_", "1_"),
    *("190:20:30", "1:59:59.5", "1:_", "-1:00", "1" + ":59" * 3000, "1" + ":59" * 3000 + ".0"),
    *("9" * 5000, "-" + "9" * 5000, "0x" + "f" * 5000, "0" + "7" * 5000, "0b" + "1" * 5000, "1." + "0" * 5000),
    *(".5", "1e3", "1.e+3", "._", "-._e+1", ".inf", "-.INF", ".nan", ".NaN", "1e999", "6.8523015e+5", "685_230.15"),
    *("2024-05-01", "2024-13-45", "0000-00-00", "9999-12-31", "2024-5-1 1:2:3", "2001-12-14t21:59:43.10-05:00"),
    *("2001-12-14 25:61:61", "2001-12-14 21:59:43 -99:00", "9999-12-31 23:59:59 -23:00", "0001-01-01 0:0:0 +23:00"),
]  # fmt: skip
QUOTED = [
    *('""', "''", '"\\0"', '"\\x1b[31m"', '"\\u202e"', '"\\ud800"', '"\\u005f"', "'{song}'", "'<results>'"),
    *("'../..'", "'/'", "'~'", "'-n'", "'build/'", "'a//b'", "'" + "x" * 5000 + "'", "|\n    a\n    b", ">-\n    a"),
]  # fmt: skip
TAGGED = [
    f"!!{tag} {value}"
    for tag in ("str", "int", "float", "bool", "null", "binary", "timestamp", "merge", "value")
    for value in ("", "1", "a", "zzz=", "2024-13-45")
]
TAGGED += [
    *("!!set {a, b}", "!!omap [a: 1]", "!!pairs [a: 1, a: 2]", "!!seq [a]", "!!map {a: 1}", "!!set [a]", "!!map [a]"),
    *("!local x", "!<tag:yaml.org,2002:int> 0x_", "!!python/tuple [1]", "!!python/name:os.system", "!e!x 1"),
    *("!!python/object/apply:os.system [touch pwned]", "!!python/module:os", "!!python/object/new:dict [a]"),
]  # fmt: skip
NESTED = [
    *("[]", "{}", "[[]]", "{a: {b: c}}", "[a, 1, ~]", "{1: a, true: b, ~: c}", "{[a]: 1}", "{{a: b}: 1}", "[a: 1]"),
    *("[" * 49 + "]" * 49, "[" * 3000, "{a: " * 60 + "}" * 60, "&x [*x]", "&x {a: *x}", "*nobody", "&a &b c", "*s"),
    *("{<<: {a: 1}}", "{<<: [1]}", "{<<: x}", "{<<: [*s, {a: 1}]}", "{<<: *s}", "{a: 1, a: 2}", "{=: 1}"),
]  # fmt: skip
VALUES = [*WORDS, *QUOTED, *TAGGED, *NESTED]
KEYS = [
    *WORDS,
    *QUOTED[:-2],
    "__use_yte__",
    "__variables__",
    "__definitions__",
    "?True",
    "pathvars",
    "results",
    "stats",
]
KEYS += ["songs", "session", "gates", "dc", "&k a", "*k ", "!!str a", "[a]", "{a: b}", "? a\n"]
LINES = [
    *("---", "...", "--- a", "%YAML 1.1", "%YAML 9.9", "%TAG ! tag:x:", "# \x85", "\t", "\0", "\x1b"),
    *("\ufffe", "\ud800"),
    *("a0: &a0 [x, x]\n" + "\n".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]" for n in range(1, 12)), "\r", "\u2028"),
    *("__use_yte__: true\n?open('pwned', 'w'):\n  a: 1", "__use_yte__: true\na: ?open('pwned', 'w')"),
    *("y: &y {__use_yte__: true}\n<<: *y\na: ?open('pwned', 'w')", "__use_yte__: 1\n__definitions__: [import os]"),
    *('"\\x5f_use_yte__": yes\na: ?open("pwned", "w")', "&s songs: [x]", "session: &s {channels: 1}"),
]  # fmt: skip
ENCODINGS = ["utf-8"] * 30 + ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-7", "cp500", "latin-1"]


def changed(chance):
    """A config with some values, keys or lines changed, as bytes; sometimes as JSON."""
    lines = CONFIG.split("\n")
    for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
        at = chance.randrange(len(lines))
        key, colon, value = lines[at].partition(":")
        match chance.randrange(6):
            case 0 | 1:
                lines[at] = f"{key}: {chance.choice(VALUES)}"
            case 2:
                lines[at] = f"{' ' * chance.choice([0, 2])}{chance.choice(KEYS)}{colon}{value}"
            case 3:
                lines.insert(at, f"{chance.choice(KEYS)}: {chance.choice(VALUES)}")
            case 4:
                lines.insert(at, chance.choice(LINES))
            case 5:
                lines.append(f"pathvars: {{{chance.choice(KEYS)}: {chance.choice(VALUES)}}}")
    text = "\n".join(lines)
    if chance.random() < 0.1:
        keys = {chance.choice(KEYS).strip("'\""): chance.choice([1, None, "a", [], {}, 1e308]) for _ in "ab"}
        text = json.dumps({"songs": ["x"], **keys}).replace(
            "1e+308", chance.choice(["NaN", "1e999", "9" * 5000])
        )
    if "\ud800" in text:
        raw = text.encode("utf-8", "surrogatepass")
    else:
        raw = text.encode(chance.choice(ENCODINGS), "replace")
    if chance.random() < 0.05:
        raw = raw[: chance.randrange(len(raw))] + bytes(chance.choices(range(256), k=3))
    return raw


def read_many(number, seed, scratch, monkeypatch):
    monkeypatch.chdir(scratch)
    valid = 0
    for n in range(number):
        raw = changed(random.Random(f"{seed} {n}"))
        try:
            valid += not outcome(raw, scratch)
        except Exception as error:
            raise AssertionError(f"config {n}: {raw[:3000]!r}") from error
    assert not (scratch / "pwned").exists()  # no code in it was run
    return valid


def test_hundreds_of_changed_configs(scratch, monkeypatch):
    assert 10 < read_many(300, "quick", scratch, monkeypatch) < 200


@pytest.mark.long
def test_thousands_of_changed_configs(scratch, monkeypatch):
    read_many(4000, "long", scratch, monkeypatch)


@pytest.mark.parametrize("value", [value for value in VALUES if "\n" not in value])
def test_every_kind_of_value(value, scratch, monkeypatch):
    """In each place of a config that it may come to."""
    monkeypatch.chdir(scratch)
    for form in ("songs: %s", "songs: [x, %s]", "songs: [x]\n%s: 1", "songs: [x]\npathvars: {results: %s}"):
        outcome(form % value, scratch)
    assert not (scratch / "pwned").exists()
