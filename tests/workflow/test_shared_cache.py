"""What one machine has built another does not build again: real runs that share a cache."""

import json
import shutil

import pytest
from tune import CONFIG
from workdirs import Workdir

BEEP = {
    "title": "Beep",
    "length": "1 s",
    "stems": {
        "beep": {"source": {"tone": {"note": "A3", "level_db": -12}}, "effects": [{"gain": {"gain_db": -1}}]}
    },
}


@pytest.fixture
def machine(tmp_path, code):
    """`machine("one", documents)` is a clone in a folder of its own; given a workdir, one with its songs."""

    def make(name, song=None, songs=None):
        work = Workdir(tmp_path / name, code)
        if songs:
            for folder in ("songs", "audio"):
                shutil.copytree(songs / folder, work / folder)
            shutil.copyfile(songs / "config.yaml", work / "config.yaml")
        else:
            work.write("config.yaml", {**CONFIG, "songs": ["beep"], "cache": str(tmp_path / "cache")})
            work.write("songs/beep.yaml", song)
        return work

    return make


def numbers(work):
    return json.loads((work / "logs/summary.json").read_text())["jobs"]


def made_here(work):
    """The logs of jobs that did their work."""
    logs = [path for path in (work / "logs").rglob("*.log")]
    return sorted(
        str(path.relative_to(work / "logs"))
        for path in logs
        if not path.read_text().startswith("reused from the cache: ")
    )


def test_a_second_machine_makes_nothing_and_has_the_same_bytes(machine):
    one, two = machine("one", BEEP), machine("two", BEEP)
    first = one.snakemake()
    assert numbers(one)["reused"] == 0 and len(made_here(one)) == numbers(one)["done"] - 1  # `all` has no log
    second = two.snakemake()
    assert made_here(two) == [] and second.jobs == first.jobs
    assert numbers(two)["reused"] == numbers(two)["done"] - 1
    files = json.loads((two / "logs/summary.json").read_text())["files"]
    assert files["reused"] == files["built"] and 2 * len(files["built"]) == numbers(two)["reused"]
    assert f": {len(files['built'])} files taken from the cache" in second.text
    assert two.tree("build") == one.tree("build") and len(two.tree("build")) > 20
    # Neither is the cache a reason to build, nor are its files bound to those here.
    two.write("config.yaml", {**CONFIG, "songs": ["beep"]})
    stem = two / "build/beep/stems/beep.wav"
    kept = {path: path.read_bytes() for path in (two.path.parent / "cache").rglob("*") if path.is_file()}
    assert two.snakemake("-n").jobs == []
    with open(stem, "r+b") as file:
        file.write(b"damaged in place")
    assert kept == {
        path: path.read_bytes() for path in (two.path.parent / "cache").rglob("*") if path.is_file()
    }


@pytest.mark.long
def test_edits_and_refusals_after_that(machine, built, tmp_path):
    """A clone with the whole song: warnings are told again, and what is edited is made, and no more."""
    cache = f"cache={tmp_path / 'cache'}"
    first = machine("first", songs=built)
    made = first.snakemake("--config", cache)
    clone = machine("clone", songs=built)
    reused = clone.snakemake("--config", cache)
    assert made_here(clone) == [] and clone.tree("build") == first.tree("build") == built.tree("build")
    warnings = [
        sorted(line for line in run.text.splitlines() if line.startswith("warning")) for run in (made, reused)
    ]
    assert warnings[0] == warnings[1] != []
    # An edit makes what depends on it; the same edit elsewhere takes it from there.
    for work, reused in ((first, 0), (clone, 1)):
        work.edit("stems", "bass", "gain_db", value=-6)
        jobs = work.snakemake("--config", cache).jobs
        assert "mix" in jobs and "render bass" not in jobs and "process drums" not in jobs
        assert numbers(work)["reused"] == reused * len(jobs)
    assert clone.tree("build") == first.tree("build")
    # What is refused on one machine is judged, and refused, on the other.
    for work in (first, clone):
        work.edit("gates", "true_peak", value={"max_dbtp": -20})
        refused = work.fails("--config", cache)
        assert "verify the master: REFUSED" in refused.text and "master/master.wav" in refused.text
    # What was refused is made here, and its verdict is taken: the same bytes, judged by the gates of before.
    clone.edit("gates", value=None)
    clone.snakemake("--config", cache)
    assert made_here(clone) == ["tune/delivery/tune_master.wav.log", "tune/master/master.wav.log"]
    master = "build/tune/master/master.wav"
    assert (clone / master).read_bytes() == (first / master).read_bytes()
