"""Programs as effects in a build: what is built again, and what is said of those that do not repeat."""

import json

import pytest
from contract import from_processing, next_run

SAID = (
    "build/tune/processed/bass.wav: is not repeatable (insert): while it is up to date it is kept as it was made; "
    "made again, it may sound otherwise"
)


def insert(work, code, **keys):
    work.write("audio/louder.sh", code)
    argv = ["sh", "{input:script}", "{input}", "{output}"]
    value = {"insert": {"argv": argv, "inputs": {"script": "audio/louder.sh"}, **keys}}
    work.edit("stems", "bass", "effects", value=[value])


def test_one_that_does_not_repeat(workdir):
    """It is refused; where that is written, it is marked, and each run says so, also one with nothing to do."""
    change = 'printf 1234 | dd of="$2" bs=1 seek=20000 conv=notrunc'
    insert(workdir, f'cp "$1" "$2"; [ -e {workdir.path}/ran ] && {change}; touch {workdir.path}/ran')
    run = workdir.fails("build/tune/processed/bass.wav")
    assert "sh: gave another sound when it was run again, first at frame" in run.text
    insert(workdir, 'cp "$1" "$2"', repeatable=False)
    target = "build/tune/processed/bass.wav.ok"
    run = workdir.snakemake(target)
    assert run.jobs == ["process bass", "verify bass, processed"] and SAID in run.text
    assert "warning: build/tune/processed/bass.wav: repeatable insert" in run.text
    checks = json.loads((workdir / target).read_text())["checks"]
    assert [check["status"] for check in checks if check["id"] == "repeatable"] == ["warn"]
    run = workdir.snakemake(target)
    assert run.jobs == [] and SAID in run.text and "Nothing to be done" in run.text


@pytest.mark.long
def test_its_words_and_the_bytes_of_its_inputs_count(workdir):
    insert(workdir, 'cp "$1" "$2"')
    assert next_run(workdir) == from_processing("bass")
    insert(workdir, 'cp "$1" "$2" # of the same sound')
    assert next_run(workdir) == from_processing("bass")
    workdir.edit("stems", "bass", "effects", 0, "insert", "argv", 0, value="bash")
    assert next_run(workdir) == from_processing("bass")
