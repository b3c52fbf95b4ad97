"""The rules that make a file are those that Snakemake finds, with fewer patterns tried."""

import re

import pytest
from small_workflow import SmallWorkflow
from snakemake.io import IOFile
from snakemake.output_index import OutputIndex

from stemwright.snakemake_patches import quick_producers

TEXT = """
from snakemake.io import _IOFile

tried = []
match = _IOFile.match
_IOFile.match = lambda self, target: tried.append(target) or match(self, target)

rule all:
    input: expand("out/a/{kind}/x.wav", kind=[f"kind{number}" for number in range(8)])

for number in range(8):
    rule:
        output: f"out/{{song}}/kind{number}/{{stem}}.wav"
        shell: "touch {output}"

onsuccess:
    print(f"{len(tried)} tried")
"""


def tried(work):
    return int(re.search(r"^(\d+) tried$", work.run("all").text, re.MULTILINE)[1])


def test_snakemake_tries_many_patterns(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert tried(SmallWorkflow(tmp_path, TEXT)) >= 64


def test_with_the_patch_it_tries_what_may_fit(tmp_path):
    assert tried(SmallWorkflow(tmp_path, TEXT, ["quick_producers"])) <= 16


class Rule:
    """What an index of rules needs of one."""

    def __init__(self, *patterns):
        self.patterns = [IOFile(pattern, rule=None) for pattern in patterns]

    def products(self):
        return self.patterns

    def is_producer(self, file):
        return any(pattern.match(file) for pattern in self.patterns)


RULES = [
    Rule("out/{song}/{song}.zip", "out/{song}/{song}.zip.made", "logs/{song}/{song}.zip.log"),
    Rule("out/{song}/stems/{stem,[a-z.-]+}.wav"),
    Rule("out/{song,a|b/c}/stems/{stem}.wav"),
    Rule("out/{song}/{file}"),
    Rule("{any}"),
    Rule("out/a/one"),
    Rule("out/a.b/{name}"),
    Rule("{a}.{b}"),
    Rule("{song}/stems/x{n,\\d{1,2}}"),
    Rule("stems/{song}/stems/stems/{n}"),
]
FILES = [
    *("out/a/a.zip", "out/a/b.zip", "out/b/c/stems/x.wav", "out/b/stems/x.y.wav", "out/a.b/c", "out/a/one"),
    *(
        "a",
        "",
        ".",
        "a.b/c",
        "out/a/stems/.wav",
        "out//stems/a.wav",
        "out/a/stems/X.wav\n",
        "logs/a/a.zip.log",
    ),
    *("a/stems/x12", "a/stems/x123", "stems/a/stems/stems/b", "stems/stems/stems/b", "out/a/a.zip.made"),
]


@pytest.mark.parametrize("file", FILES)
def test_the_rules_are_those_that_snakemake_finds(file):
    index = OutputIndex(RULES)
    match = quick_producers._make_match(OutputIndex.match_producers)
    assert match(index, file) == {rule for rule in index.match(file) if rule.is_producer(file)}


@pytest.mark.parametrize("is_in_use", [True, False])
def test_a_wildcard_stands_for_one_of_its_names(is_in_use, monkeypatch):
    monkeypatch.setattr(quick_producers.PATCH, "is_in_use", is_in_use)
    monkeypatch.setattr(quick_producers, "_names", {})
    monkeypatch.setattr(quick_producers, "is_ours", lambda rule: True)
    rule = Rule(f"out/{{song,{quick_producers.one_of('song', ['a.b', 'c'])}}}/x.wav")
    match = quick_producers._make_match(OutputIndex.match_producers)
    names = ("a.b", "c", "axb", "d", "")
    assert [name for name in names if match(OutputIndex([rule]), f"out/{name}/x.wav")] == ["a.b", "c"]
