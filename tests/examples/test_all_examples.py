"""Every example plans without a word of warning, and says how it is built."""

import pytest
from workdirs import ROOT

NAMES = sorted(folder.name for folder in (ROOT / "examples").iterdir() if (folder / "config.yaml").exists())


@pytest.mark.parametrize("name", NAMES)
def test_it_plans_without_a_warning(copied, name):
    run = copied(name).snakemake("-n")
    assert f"{name}: pack the archive" in run.text
    said = [
        line for line in run.text.splitlines() if "songs/" in line and not line.startswith(("    ", "rule"))
    ]
    assert said == [] and "arning" not in run.text
    assert (
        f"snakemake --cores 4 --directory examples/{name}"
        in (ROOT / f"examples/{name}/README.md").read_text()
    )
