"""workflow/ and config/, where snakedeploy and the Snakemake workflow catalog look."""

import re

import pytest
import yaml
from snippets import named_snippets
from workdirs import ROOT, Workdir

from stemwright.song.house import load_house
from stemwright.song.load import load_song

README = (ROOT / "config/README.md").read_text(encoding="utf-8")
RULES = (ROOT / "config/config.yaml").read_text(encoding="utf-8")
SONG = "songs/first-song.yaml"


@pytest.fixture
def deployed(empty):
    """A folder with what config/README.md tells to write, and config.yaml as a clone reads it."""
    empty.write("config.yaml", RULES)
    empty.write(SONG, named_snippets(README)[SONG])
    return empty


def test_the_workflow_folder_plans_what_the_snakefile_plans(deployed):
    other = Workdir(deployed.path, deployed.code / "workflow")
    profile = ("--workflow-profile", deployed.code / "profiles/default")
    here, there = (work.snakemake("-n", *profile).jobs for work in (deployed, other))
    assert here == there and "pack first-song.zip" in here


def test_the_instructions_are_of_a_song_and_of_keys_that_there_are(deployed, monkeypatch):
    monkeypatch.chdir(deployed.path)
    house = load_house(yaml.safe_load(RULES), ["config.yaml"])
    assert house.house.songs == ["first-song"]
    assert not load_song("first-song", house, SONG).doubts
    keys = re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE)
    assert keys[0] == "songs" and set(keys) <= set(type(house.house).model_fields)


def test_what_the_catalog_reads():
    """Its generate-catalog.py: `usage.software-stack-deployment`, and `usage.report`."""
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage == {"software-stack-deployment": {"conda": False}, "report": True}
    text = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in text and "workflow" in text  # its search
