"""The tour of the README does what it says: its commands and edits are taken from the Markdown, and done one by one."""

import re
import shlex
import subprocess
import sys
import zipfile

import pytest
import yaml
from documents import ROOT

SONG = "songs/night-bus.yaml"
HOME = "build/night-bus"
STEMS = {"bass", "chords", "drums", "lead"}


def tour():
    """The steps, in order: commands, and the values that `gain_db` of the bass is set to."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("\n## Five minutes, from nothing to a zip\n")[2].partition("\n## ")[0]
    step = re.compile(
        r"^```\n(.*?)^```$|\bset (?:`gain_db` of the (?:stem )?`?bass`?|it back) to `(-?\d+)`",
        re.DOTALL | re.MULTILINE | re.IGNORECASE,
    )
    for commands, gain_db in step.findall(section):
        yield from commands.splitlines() if commands else [int(gain_db)]


def set_gain(work, gain_db):
    """As in an editor: all else of the file stays as it is."""
    file = work / SONG
    text, number = re.subn(
        r"(\n  bass:\n.*?\n    gain_db: )-?\d+",
        rf"\g<1>{gain_db}",
        file.read_text(),
        count=1,
        flags=re.DOTALL,
    )
    assert number
    file.write_text(text)


@pytest.mark.long
def test_it_does_what_it_says(empty):
    steps = tour()

    def run(expected):
        command = next(steps)
        assert command == expected
        return empty.try_snakemake(*shlex.split(command)[1:])

    def succeeds(expected):
        done = run(expected)
        assert done.code == 0, done.text
        return done

    empty.write("config.yaml", "songs: []\nsession: {sample_rate: 8000}\nreport: true\n")
    assert next(steps) == ". .venv/bin/activate"

    new = succeeds("snakemake --cores 1 new --config song=night-bus")
    assert f"{SONG}: written, and added to `songs` in config.yaml" in new.text
    assert yaml.safe_load((empty / "config.yaml").read_text())["songs"] == ["night-bus"]
    assert (empty / SONG).read_text().count(" # ") > 20

    first = succeeds("snakemake --cores 4")
    zipped, page = empty / f"{HOME}/night-bus.zip", empty / f"{HOME}/report/index.html"
    for place in (zipped, page):
        assert f"  {place.relative_to(empty.path)}\n" in first.text.partition("\nDone in ")[2]
    tracks = {file.name for file in page.parent.glob("tracks/*.js")}
    assert tracks >= {f"stem-{stem}.audio.js" for stem in STEMS} | {"mix.audio.js", "master.audio.js"}
    before = zipped.read_bytes()
    stems = empty.tree(f"{HOME}/stems", f"{HOME}/processed", f"{HOME}/buses")

    quieter = next(steps)
    assert quieter < -6
    set_gain(empty, quieter)
    copy = next(steps)
    subprocess.run(shlex.split(copy), cwd=empty.path, check=True)
    assert (empty / "before.zip").read_bytes() == before
    as_it_was = empty.tree("build")
    plan = succeeds("snakemake -n")
    assert f"faders changed (bass.fader.gain_db 0 → {quieter})" in plan.text and plan.jobs
    assert empty.tree("build") == as_it_was
    second = succeeds("snakemake --cores 4")
    assert second.jobs == plan.jobs and {"mix", "master", "pack night-bus.zip", "write the page"} <= set(
        second.jobs
    )
    assert empty.tree(f"{HOME}/stems", f"{HOME}/processed", f"{HOME}/buses") == stems
    after = zipped.read_bytes()

    diff = succeeds("snakemake --cores 4 diff --config against=before.zip")
    assert (
        re.search(rf"^  bass: {quieter}\.0 dB$", diff.text, re.MULTILINE)
        and "3 of 4 stems identical" in diff.text
    )
    assert (
        f"to listen to: {HOME}/diff/index.html" in diff.text and (empty / f"{HOME}/diff/index.html").exists()
    )

    louder = next(steps)
    assert louder > 12
    set_gain(empty, louder)
    refused = empty.fails("--cores", "4")
    file = "delivery/night-bus_bass.wav"
    assert re.search(r"^clipping +FAIL +[\d,]+ runs += 0 ", refused.text, re.MULTILINE)
    assert "lower its gain_db" in refused.text and "pack night-bus.zip" not in refused.jobs
    assert zipped.read_bytes() == after
    shown = empty / f"{HOME}/refused/{file}.html"
    assert f"see {shown.relative_to(empty.path)}" in refused.text
    assert "clipping" in shown.read_text(encoding="utf-8")

    assert next(steps) == quieter and next(steps, None) is None
    set_gain(empty, quieter)
    empty.snakemake("--cores", "4")
    assert not shown.exists() and zipped.read_bytes() == after

    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(empty / "client")
        sent = set(archive.namelist())
    assert sent >= {f"night-bus_{name}.wav" for name in ("master", *STEMS)}
    assert sent >= {"manifest.json", "SHA256SUMS", "verify.py"}
    check = [sys.executable, "-I", "-S", "verify.py"]  # without any library
    assert subprocess.run(check, cwd=empty / "client", stdout=subprocess.DEVNULL).returncode == 0
