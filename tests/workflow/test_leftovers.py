"""Songs and stems that are renamed or removed: what is left is said, and pruned, and nothing else is."""

import pytest


def test_a_removed_stem(workdir):
    (workdir / "build/keep.wav").write_bytes(b"not ours")
    (workdir / "build/tune/stems/notes.txt").write_text("not ours either")
    (workdir / "precious.wav").write_bytes(b"not ours")
    workdir.write("build/gone/refused/mix/precious.wav.jsonl", '{"artifact": "build/../precious.wav"}\n')
    before = workdir.tree()
    workdir.snakemake("prune")
    assert (workdir / "precious.wav").exists()
    assert workdir.tree("build") == {k: v for k, v in before.items() if k.startswith("build")}

    workdir.edit("stems", "bass", value=None)
    workdir.edit("stems", "pad", value={"source": {"tone": {"note": "D4"}}})
    workdir.snakemake("build/tune/stems/pad.wav")  # made, and never verified
    workdir.edit("stems", "pad", value=None)
    workdir.snakemake()
    workdir.snakemake("audit")
    log = (workdir / "logs/audit.log").read_text()
    assert "files that no song claims any more (snakemake prune removes them):\n" in log
    assert "\nbuild/tune/delivery/tune_bass.wav\n" in log and "\nbuild/tune/stems/pad.wav\n" in log
    workdir.snakemake("prune")
    assert not [path for path in workdir.tree() if "bass" in path or "pad" in path]
    assert "no song claims" not in (workdir.snakemake("audit"), (workdir / "logs/audit.log").read_text())[1]


@pytest.mark.long
def test_a_renamed_song(workdir):
    """A song that is only not built this time keeps its files."""
    (workdir / "build/keep.wav").write_bytes(b"not ours")
    (workdir / "build/tune/stems/notes.txt").write_text("not ours either")
    workdir.write("songs/other.yaml", (workdir / "songs/tune.yaml").read_text(encoding="utf-8"))
    before = workdir.tree("build")
    workdir.snakemake("prune", "--config", 'songs=["other"]')
    assert workdir.tree("build") == before
    (workdir / "songs/other.yaml").unlink()

    (workdir / "songs/tune.yaml").rename(workdir / "songs/new.yaml")
    workdir.write("config.yaml", {"songs": ["new"], "session": {"sample_rate": 8000, "channels": 2}})
    assert "render drums" in workdir.snakemake().jobs
    workdir.snakemake("prune")
    ours = [path for path in workdir.tree("build", "logs", "benchmarks") if "tune" in path]
    assert ours == ["build/tune/stems/notes.txt"]
    assert (workdir / "build/keep.wav").exists() and (workdir / "build/new/new.zip.ok").exists()
    assert workdir.snakemake().jobs == []


def test_what_is_left_in_the_delivery_is_told_and_its_removal_shown_first(workdir):
    workdir.edit("stems", "bass", value=None)
    left = "build/tune/delivery/tune_bass.wav"
    told = f"{left}: of an earlier version of the song; to remove: snakemake prune"
    assert told in workdir.snakemake().text
    shown = workdir.start("-n", "prune").wait().text  # as users do, without -p
    assert f"would remove {left}\n" in shown and (workdir / left).exists()
    run = workdir.snakemake("prune").text
    assert f"removed {left}\n" in run and not (workdir / left).exists()
    files = [
        line.removeprefix("would remove ") for line in shown.splitlines() if line.startswith("would remove ")
    ]
    assert files == [
        line.removeprefix("removed ") for line in run.splitlines() if line.startswith("removed ")
    ]
    assert f"{len(files)} files would be removed" in shown
    assert f"{len(files)} files removed that no song claims" in run
    run = workdir.snakemake("-n", "prune")
    assert told not in run.text and "0 files would be removed" in run.text
