"""The code or a library's version behind one step: the jobs of that step run again, and no others."""

import pytest
from contract import from_processing, from_stem, next_run
from workdirs import copy_code


@pytest.fixture
def edited(workdir, tmp_path):
    """The built folder under a copy of the code that may be edited."""
    workdir.code = copy_code(tmp_path / "code")
    return workdir


def append(workdir, module, text="\nEDITED = True\n"):
    with open(workdir.code / "scripts" / module, "a", encoding="utf-8") as file:
        file.write(text)


def test_an_effect_that_one_stem_uses(edited):
    append(edited, "stemwright/effects/compressor.py")
    assert next_run(edited) == from_processing("drums")


@pytest.mark.long
def test_an_effect_that_no_stem_uses(edited):
    append(edited, "stemwright/effects/reverb.py")
    assert next_run(edited) == []


@pytest.mark.long
def test_a_source(edited):
    append(edited, "stemwright/sources/tone.py")
    assert next_run(edited) == from_stem("bass")


@pytest.mark.long
def test_a_module_that_a_source_imports(edited):
    append(edited, "stemwright/instruments/dsp/drum_kit.py")
    assert next_run(edited) == from_stem("drums")


def test_a_gate(edited):
    append(edited, "stemwright/gates/true_peak.py")
    assert next_run(edited) == ["verify the master", "verify the mix", "verify tune_master.wav"]


@pytest.mark.long
def test_a_script(edited):
    append(edited, "pack_archive.py")
    assert next_run(edited) == ["pack tune.zip", "verify tune.zip"]


def test_what_only_the_plan_uses(edited):
    append(edited, "stemwright/song/load.py")
    append(edited, "stemwright/plan/jobs.py")
    append(edited, "stemwright/validation/yaml.py")
    assert next_run(edited) == []


def test_a_library_s_version(edited):
    """Simulated: the plan is told another version of pedalboard, which the drums' compressor runs on."""
    fingerprint = edited.code / "scripts/stemwright/plan/fingerprint.py"
    text = fingerprint.read_text(encoding="utf-8")
    told = text.replace(
        "        return version(library)\n",
        '        return "99" if library == "pedalboard" else version(library)\n',
    )
    assert told != text
    fingerprint.write_text(told, encoding="utf-8")
    run = edited.snakemake("-n")
    assert {"process drums", "master", "pack tune.zip"} <= set(run.jobs)
    assert not {"process bass", "render drums", "mix the stems"} & set(run.jobs)
    assert "pedalboard changed" in run.text and "→ 99" in run.text
