"""What names the version agrees, and CITATION.cff says what citation managers read."""

import re
from pathlib import Path

import yaml

import stemwright

ROOT = Path(__file__).resolve().parents[2]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
HEADING = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (unreleased|\d{4}-\d\d-\d\d)$", re.MULTILINE)


def test_the_version_is_the_same_everywhere():
    version, date = HEADING.search((ROOT / "CHANGELOG.md").read_text(encoding="utf-8")).groups()
    assert stemwright.__version__ == CITATION["version"] == version
    released = {"date-released": date} if date != "unreleased" else {}
    assert {k: str(v) for k, v in CITATION.items() if k == "date-released"} == released


def test_every_version_has_its_heading_once_newest_first():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = [tuple(map(int, version.split("."))) for version, _ in HEADING.findall(text)]
    assert len(versions) == text.count("\n## ") and versions == sorted(set(versions), reverse=True)
    assert text.count("unreleased\n") <= 1


def test_the_citation_has_the_keys_that_its_schema_asks_for():
    """CFF 1.2.0; the whole schema was tried by cffconvert."""
    assert {"cff-version", "message", "title", "authors"} <= CITATION.keys() and CITATION[
        "cff-version"
    ] == "1.2.0"
    assert CITATION["license"] == "GPL-3.0-or-later" and all(author["name"] for author in CITATION["authors"])
