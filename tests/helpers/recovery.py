"""What must be true after a mishap: no half-written file bears a final name, and the next run finishes the work."""

import hashlib
import json
import re
import signal
import time
import zipfile

import soundfile as sf

LOCKED = "can be removed with the --unlock argument"
FRAMES = 32_000
BASS = "build/tune/stems/bass.wav"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_whole(workdir):
    """Every file with a final name can be read to its end, and is what its sentinel, if newer, speaks of."""
    for name, data in workdir.tree("build").items():
        path = workdir / name
        if path.name.startswith(".") and path.suffix == ".part":
            continue
        if path.suffix == ".wav":
            assert len(data) == 8 + int.from_bytes(data[4:8], "little"), name
            assert len(sf.read(path)[0]) == FRAMES, name
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                assert archive.testzip() is None, name
        elif path.suffix in (".json", ".ok"):
            record, artifact = json.loads(data), path.with_suffix("")
            if path.suffix == ".ok" and artifact.exists() and artifact.stat().st_mtime < path.stat().st_mtime:
                assert record["sha256"] == sha256(artifact), name


def finish(workdir, *args):
    """The next run finishes, after `--unlock` if it asks for that, and leaves nothing to be done."""
    run = workdir.try_snakemake(*args)
    if run.code and LOCKED in run.text:
        workdir.snakemake("--unlock")
        run = workdir.try_snakemake(*args)
    assert run.code == 0, run.text
    assert workdir.snakemake(*args).jobs == []
    check_whole(workdir)
    assert not list(workdir.path.rglob("*.part"))


def killed(workdir, rng):
    """Kill a build and all its jobs at a random moment. Whether it was not over before."""
    build, share = workdir.start(), rng.uniform(-0.1, 1)

    def is_that_far():
        total = re.search(r"^total +(\d+)", build.run.text, re.MULTILINE)
        return total and len(build.run.jobs) > share * int(total[1])

    if share < 0:
        time.sleep(rng.uniform(0, 1.5))  # before it has planned
    else:
        build.until(is_that_far)
        time.sleep(rng.uniform(0, 0.1))
    build.send(signal.SIGKILL)
    return build.wait().code == -signal.SIGKILL
