"""Every command that the documents show is one that works: planned by Snakemake, or run by its program."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import soundfile as sf
from documents import ROOT, fenced
from workdirs import Workdir

COMMANDS = sorted(
    {
        re.split(r"\s+#", line)[0].strip()
        for _, text in fenced("")
        for line in text.replace("\\\n", "").splitlines()
    }
)
PLANNED = [
    command
    for command in COMMANDS
    if command.startswith("snakemake ")
    and not command.startswith(
        (
            "snakemake --executor",
            "snakemake --report",
            "snakemake --cores 4 --directory",
            "snakemake --profile",
        )
    )
]
PROGRAMS = [
    command
    for command in COMMANDS
    if command.startswith("python scripts/") and not command.startswith("python scripts/watch.py")
]
MADE = [command for command in COMMANDS if command.split()[0] == "make"]
OTHERS = {
    "": "an empty line",
    ". .venv/bin/activate": "of a shell",
    "cp build/night-bus/night-bus.zip before.zip": "of a shell",
    "cp build/harbour-lights/harbour-lights.zip sent-monday.zip": "of a shell",
    'pip install "snakemake-executor-plugin-slurm>=2.8,<3"': "not ours",
    "find /mnt/cache -type f -mtime +30 -delete": "of a shell",
    "find build -name '*.ok' -delete": "of a shell",
    "install -d -o ci -m 755 /mnt/cache": "of a shell",
    "snakemake --report report.html": "tried in tests/workflow/test_snakemake_report.py",
    "snakemake --report report.zip": "tried in tests/workflow/test_snakemake_report.py",
    "snakemake --profile profiles/slurm": "tried in tests/workflow/test_slurm.py",
    "snakemake --executor kubernetes --jobs 20 --default-storage-provider s3 "
    "--default-storage-prefix s3://BUCKET/FOLDER   --shared-fs-usage none --container-image IMAGE": "needs a cloud",
    "python scripts/watch.py build/first-light/preview/bar5-13.wav": "tried in tests/test_watch.py",
    "snakemake --cores 4 --directory examples/game-pack": "tried in tests/examples",
    "cd build/datasets/studies && cut -c 67- SHA256SUMS | tar -czf ../studies-1.0.tar.gz SHA256SUMS -T -": "of a shell",
    "sha256sum -c SHA256SUMS": "tried in tests/delivery/test_zip_writer.py",
}
SONG = {
    "title": "Song",
    "bpm": 120,
    "sections": [{"verse": "16 bars"}],
    "stems": {name: {"source": {"tone": {"note": "A2"}}} for name in ("bass", "drums")},
}


def test_each_line_is_a_command_that_is_tried_here():
    tried = {*PLANNED, *PROGRAMS, *MADE}
    unknown = {
        command
        for command in COMMANDS
        if command not in tried and not command.startswith("python3 verify.py")
    }
    assert unknown <= OTHERS.keys() and len(PLANNED) > 15 and len(PROGRAMS) > 8 and MADE


def test_what_is_delivered_is_asked_for_verified():
    """A zip, or a page, without `.ok` would not be: the README says so where such a target is named first."""
    asked = [
        word
        for command in PLANNED
        for word in command.split()
        if re.match(r"build/.*(\.zip|index\.html)", word)
    ]
    assert len(asked) > 2 and all(word.endswith(".ok") for word in asked)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = text.index("first-light/first-light.zip.ok ")
    assert (
        text[commands:]
        .partition("```\n")[2]
        .lstrip()
        .startswith("`FILE.ok`, the sentinel of a file, is there once")
    )


@pytest.mark.parametrize("command", MADE)
def test_make_has_the_target(command):
    subprocess.run([*shlex.split(command), "-n"], cwd=ROOT, check=True, capture_output=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the songs and the files that the commands name."""
    work = Workdir(tmp_path_factory.mktemp("commands"), ROOT)
    names = sorted(
        {
            name
            for command in COMMANDS
            for name in re.findall(r"build/([a-z-]+)/\1\.|build/([a-z-]+)/stems", command)
            for name in name
            if name
        }
    )
    work.write("config.yaml", {"songs": names, "session": {"sample_rate": 8000}})
    for name in names:
        work.write(f"songs/{name}.yaml", SONG)
    rng = np.random.default_rng(3)
    parts = {name: rng.normal(0, 0.05, (80_000, 2)).astype("float32") for name in ("Bass", "Drums")}
    mix = sum(parts.values())
    (work / "stems").mkdir()
    (work / "delivery").mkdir()
    for to in ("stems", "delivery"):
        for name, sound in (*parts.items(), ("Mix", mix)):
            sf.write(work / f"{to}/{name}.wav", sound, 16_000, "PCM_24")
    for name in ("take", "master", "my", "other"):
        sf.write(work / f"{name}.wav", mix, 16_000, "PCM_24")
    sf.write(work / "take.mp3", mix, 16_000)
    with zipfile.ZipFile(work / "Night Bus stems.zip", "w") as archive:
        for name in parts:
            archive.write(work / f"stems/{name}.wav", f"{name}.wav")
    sf.write(work / "Night Bus mix.wav", mix, 16_000, "PCM_24")
    (work / "build/harbour-lights").mkdir(parents=True)
    shutil.copyfile(work / "Night Bus stems.zip", work / "build/harbour-lights/harbour-lights.zip")
    for name, song in (("before.zip", "night-bus"), ("sent-monday.zip", "harbour-lights")):
        with zipfile.ZipFile(work / name, "w") as archive:
            archive.writestr("manifest.json", json.dumps({"song": song, "files": []}))
    for args in (["init", "-q", "-b", "main"], ["add", "songs"], ["commit", "-qm", "songs"]):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *args], cwd=work.path, check=True)
    return work


@pytest.mark.long
@pytest.mark.parametrize("command", PLANNED)
def test_snakemake_plans_it(folder, command):
    command = command.replace("$(git rev-parse HEAD)", 40 * "a")
    if " new " in command:  # of a song that there is not yet
        command = command.replace("song=night-bus", "song=new-song")
    args = shlex.split(command)[1:]
    run = folder.try_snakemake(*args, *([] if "-n" in args else ["-n"]))
    assert run.code == 0, run.text


@pytest.mark.parametrize("command", PROGRAMS)
def test_a_program_does_it(folder, command):
    program, *args = shlex.split(command)[1:]
    args = [str(each) for arg in args for each in (sorted(folder.path.glob(arg)) if "*" in arg else [arg])]
    run = subprocess.run(
        [sys.executable, ROOT / program, *args], cwd=folder.path, capture_output=True, text=True
    )
    assert run.returncode in (0, 1) and "Traceback" not in run.stderr, run.stderr
    assert len(run.stdout.splitlines()) > 3
