"""profiles/slurm: every job of a song, an album or a dataset is in the submission of that."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
RULE = re.compile(r"^(?:rule (\w+):|use rule \w+ as (\w+) with:)(.*?)(?=^(?:rule|use rule) |\Z)", re.M | re.S)


def test_each_rule_is_in_the_group_of_what_it_makes():
    expected = {}
    for file in (ROOT / "rules").glob("*.smk"):
        for rule, heir, text in RULE.findall(file.read_text(encoding="utf-8")):
            made = re.search(r"    output:\n.*?\{(song|album|dataset)\}", text, re.S)
            if made:
                expected[rule or heir] = f"{made[1]}-{{{made[1]}}}"
                assert re.search(r"^    resources:\n", text, re.M), f"{file.name}: {rule or heir}"
    profile = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text(encoding="utf-8"))
    assert len(expected) > 50 and profile["groups"] == expected
