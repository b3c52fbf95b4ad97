"""What is deleted is made again, whatever target is asked for."""

import shutil

import pytest
from contract import FINISH, PACK, delivery_of, from_stem, processing_of, rendering_of
from tune import STEMS


def test_whatever_file_is_deleted_is_made_again(workdir):
    before = workdir.tree("build")
    names = ("stems/bass.wav.ok", "processed/loop.wav", "master/master.json", "mix/mix.wav.made", "tune.zip")
    for name in names:
        (workdir / "build/tune" / name).unlink()
    workdir.snakemake()
    assert workdir.tree("build") == before
    assert workdir.snakemake().jobs == []


@pytest.mark.parametrize(
    ("gone", "target", "jobs"),
    [
        ("tune.zip", "build/tune/tune.zip.ok", PACK),
        ("delivery", "archives", [*delivery_of(*STEMS), *FINISH[-2:], *PACK]),
        ("stems/loop.wav", "build/tune/processed/loop.wav.ok", [*rendering_of("loop"), *processing_of("loop")]),
        ("stems/loop.wav", "build/tune/tune.zip.ok", from_stem("loop")),
        ("master/master.json", "masters", FINISH[2:4]),
        ("processed/drums.wav.ok", "build/tune/tune.zip.ok", ["verify drums, processed"]),
        ("**/*.ok", "all", [*(job for job in from_stem(*STEMS) if job.startswith("verify")), "verify the reference", "verify the timeline"]),
    ],
)  # fmt: skip
def test_what_is_deleted_is_made_again_whatever_is_asked_for(workdir, gone, target, jobs):
    """All that the target depends on is there at the end; what is there and sound is not made again."""
    for path in workdir.path.glob(f"build/tune/{gone}"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert workdir.snakemake("-n", target).jobs == sorted(jobs)


def test_a_whole_song_is_made_again(workdir):
    before = workdir.tree("build")
    shutil.rmtree(workdir / "build/tune/delivery")
    (workdir / "build/tune/stems/bass.wav").unlink()
    workdir.snakemake("build/tune/tune.zip.ok")
    assert workdir.tree("build") == before
