"""Every example plans without a word of warning, and says how it is built."""

import re

import pytest
from workdirs import ROOT

NAMES = sorted(folder.name for folder in (ROOT / "examples").iterdir() if (folder / "config.yaml").exists())


@pytest.mark.parametrize("name", NAMES)
def test_it_plans_without_a_warning(copied, name):
    run = copied(name).snakemake("-n")
    assert re.search(r": pack \S+\.zip\b", run.text)
    assert not re.search(r"^songs/\S+\.yaml:", run.text, re.MULTILINE) and "arning" not in run.text
    readme = (ROOT / f"examples/{name}/README.md").read_text(encoding="utf-8")
    assert f"snakemake --cores 4 --directory examples/{name}" in readme
