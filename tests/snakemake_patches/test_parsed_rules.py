"""Files of rules are parsed once, and again when they are edited."""

import json
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from small_workflow import SmallWorkflow
from snakemake.parser import parse
from snakemake.sourcecache import LocalSourceFile

from stemwright.base.kept import keep, read_kept
from stemwright.snakemake_patches import parsed_rules

INCLUDE = """
include: "more.smk"
"""
RULES = """
rule hello:
    output: "hello"
    shell: "printf hello > {output}"
"""


@pytest.fixture
def work(tmp_path):
    """Rules in a file that is read once the patch is in place."""
    work = SmallWorkflow(tmp_path, INCLUDE, ["parsed_rules"])
    work.write("ours/rules/more.smk", RULES)
    return work


def kept(work):
    return list((work / ".snakemake/stemwright/rules").glob("*"))


def test_snakemake_parses_each_file_again(work):
    """When this fails, Snakemake has mended it: the patch may go."""
    plain = SmallWorkflow(work.path, INCLUDE)
    plain.run("hello")
    plain.write("ours/rules/more.smk", RULES.replace("rule hello", "rule other"))
    (work / "hello").unlink()
    assert plain.run("hello").rules == {"other"} and kept(plain) == []


def test_with_the_patch_what_was_parsed_is_used(work):
    assert work.run("hello").rules == {"hello"}
    (place,) = kept(work)
    key, text = read_kept(place)
    keep(place, [key, text.replace(b"printf hello", b"printf kept")])  # to see that it is used
    (work / "hello").unlink()
    assert work.run("hello").rules == {"hello"} and work.read("hello") == "kept"
    for damaged in (b"", place.read_bytes()[:-1], b"x" * 64 + place.read_bytes()[64:]):
        place.write_bytes(damaged)
        (work / "hello").unlink()
        work.run("hello")
        assert work.read("hello") == "hello"


def test_an_edit_is_parsed_and_its_mistakes_are_told_by_line(work):
    work.run("hello")
    work.write("ours/rules/more.smk", "# moved\n" + RULES.replace("printf hello", "printf edited"))
    (work / "hello").unlink()
    for _ in range(2):
        work.run("hello", "--forceall")
        assert work.read("hello") == "edited"
    work.write("ours/rules/more.smk", RULES + "\nraise ValueError(f'{1}')\n")
    told = [work.fails("hello").text for _ in range(2)]
    assert all('more.smk", line 6' in text for text in told), told


def test_what_is_kept_is_what_snakemake_makes_of_the_file(tmp_path, monkeypatch):
    """After any number of other rules: functions of rules without a name are numbered."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(parsed_rules, "is_file_of_ours", lambda file: True)
    text = RULES.replace("rule hello", "rule")
    Path("more.smk").write_text(text)
    source = LocalSourceFile("more.smk")
    workflow = SimpleNamespace(sourcecache=SimpleNamespace(open=lambda source: StringIO(text)))
    parse_once = parsed_rules._make_parse(parse)
    for number in (0, 0, 3, 3):
        lines, expected = {}, {}
        assert parse_once(source, workflow, lines, None, number) == parse(
            source, workflow, expected, None, number
        )
        assert lines == expected


def test_a_host_s_rules_are_parsed_as_ever(work):
    work.use_as_module("include: 'theirs.smk'\n")
    work.write("theirs.smk", "rule theirs:\n    output: 'theirs'\n    shell: 'touch {output}'\n")
    work.run("theirs")
    places = kept(work)
    assert [json.loads(read_kept(place)[0])[3] for place in places] == [str(work / "ours/rules/more.smk")]
