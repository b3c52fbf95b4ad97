"""The plan says in words why a job runs."""

import re

import pytest


@pytest.mark.parametrize(
    ("keys", "value", "job", "says"),
    [
        (("stems", "bass", "effects", 0, "lowpass", "cutoff_hz"), 900, "process bass", "effects changed (lowpass.cutoff_hz 1000 → 900)"),
        (("stems", "bass", "source", "tone", "note"), "B2", "render bass", "source changed (tone.note A2 → B2)"),
        (("stems", "bass", "effects"), [], "process bass", "effects changed (lowpass, gain → none)"),
        (("stems", "bass", "gain_db"), -4, "mix", "faders changed (bass.fader.gain_db -3 → -4)"),
        (("gates", "true_peak"), {"max_dbtp": -0.5}, "verify the master", "gates changed (true_peak.max_dbtp none → -0.5"),
        (("delivery", "subtype"), "PCM_16", "deliver tune_bass.wav", "encoding changed (subtype PCM_24 → PCM_16)"),
        (("title",), "Else", "pack tune.zip", "title changed (Tune → Else)"),
        (("master", "target", "integrated_lufs"), -17, "master", "target changed (integrated_lufs -16 → -17)"),
    ],
)  # fmt: skip
def test_the_plan_says_why(workdir, keys, value, job, says):
    workdir.edit(*keys, value=value)
    text = workdir.snakemake("-n").text
    reason = text.split(f"tune: {job}\n")[1].split("\n")[0]
    assert f"Params have changed since last execution: {says}" in reason
    assert "{" not in reason


def test_a_refusal_is_a_reason(workdir):
    workdir.edit("gates", "true_peak", value={"max_dbtp": -20})
    workdir.fails()
    assert "refused since it was made" in workdir.snakemake("-n").text


def test_the_plan_is_the_edit_and_a_count(workdir):
    """Without -p, only the job that the edit causes is told. A build says the same before it starts."""
    workdir.edit("stems", "bass", "effects", 1, "gain", "gain_db", value=-2)
    every = workdir.snakemake("-n")
    number = re.search(r"^Job (\d+): tune: process bass$", every.text, re.MULTILINE)[1]
    told = (
        "To run, and why:\n"
        f"    Job {number}: tune: process bass: effects changed (gain.gain_db -1 → -2)\n"
        f"    … and {len(every.jobs)} jobs that follow from these\n"  # with the target itself
    )
    short = workdir.start("-n").wait()
    assert told in short.text and short.jobs == [] and "Reason" not in short.text
    assert short.text.count("Job stats") == 1 and "--rerun-triggers" not in short.text
    assert told in workdir.snakemake().text and "To run" not in workdir.snakemake().text
