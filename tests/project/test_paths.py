"""The path of an artifact is spelled in its stage alone, and the endings of its records in `records/paths.py` alone."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STAGES = [
    ROOT / "scripts/stemwright/plan" / folder for folder in ("stages", "album_stages", "dataset_stages")
]
CODE = sorted(
    path.relative_to(ROOT)
    for path in (*(ROOT / "scripts").rglob("*.py"), *(ROOT / "rules").glob("*.smk"), ROOT / "Snakefile")
)
RECORDS = re.compile(r"""\.(ok|made)\b""")
PLACES = re.compile(
    r"""(?<![\w.])(stems|processed|mix|master|reference|delivery|refused)/|timeline\.json|master\.json|\{\w*song\w*(\.name)?\}\.zip"""
)
RULE_PATTERN = re.compile(
    r'^ +(?:\w+=)?(?:dropped\("\w+", )?(?:f?r?)"<(results|logs|benchmarks)>/'
    r'(\{song\}|\{\{song\}\}|albums/\{album\}|datasets/\{dataset\})[^"]*"\)?,?$'
)


def spelled(pattern, path):
    """(line, text) of each line of a file that spells what a pattern finds, outside of docstrings and comments."""
    text = (ROOT / path).read_text(encoding="utf-8")
    text = re.sub(r'"""(?:.|\n)*?"""', lambda m: "\n" * m[0].count("\n"), text)
    for number, line in enumerate(text.split("\n"), 1):
        code = re.sub(r"(^|\s)#.*", "", line)
        if pattern.search(code) and not (path.parent.name == "rules" and RULE_PATTERN.match(line)):
            yield number, line.strip()


@pytest.mark.parametrize("path", CODE, ids=str)
def test_endings_of_records(path):
    if path != Path("scripts/stemwright/records/paths.py"):
        assert list(spelled(RECORDS, path)) == []


@pytest.mark.parametrize("path", CODE, ids=str)
def test_places_of_artifacts(path):
    if (ROOT / path).parent not in STAGES and path != Path("scripts/stemwright/records/paths.py"):
        assert list(spelled(PLACES, path)) == []


def test_the_search_finds_what_it_is_to_find():
    assert (
        RECORDS.search('f"{path}.ok"')
        and RECORDS.search('rglob("*.made")')
        and not RECORDS.search("self.okay")
    )
    for text in ('"stems/bass.wav"', 'f"{home}/mix/mix.wav"', '"timeline.json"', 'f"{song.name}.zip"'):
        assert PLACES.search(text), text
    assert RULE_PATTERN.match('        "<results>/{song}/stems/{stem}.wav.ok",')
    assert not RULE_PATTERN.match('    input: "build/{song}/stems/{stem}.wav"')
    assert list(spelled(PLACES, Path("scripts/stemwright/plan/stages/stem.py")))
